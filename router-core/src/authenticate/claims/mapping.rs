//! From claims to a consumer.

use serde_json::{Map, Value};

use super::{ClaimPath, is_name, roles, scopes};
use crate::authenticate::Consumer;

/// Which claims say who a consumer is and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The first of these that is there names the consumer.
    pub consumer: Vec<ClaimPath>,
    /// The first of these that is there holds the scopes.
    pub scopes: Vec<ClaimPath>,
    /// The roles.
    pub roles: Option<ClaimPath>,
    /// The plan.
    pub plan: Option<ClaimPath>,
}

impl Mapping {
    /// The consumer of `claims`, found by the authenticator of this name; the issuer and the end of the credential are left open. `None` if the claim
    /// that names it is absent or can be no name.
    #[must_use]
    pub fn consumer(&self, authenticator: &str, claims: Map<String, Value>) -> Option<Consumer> {
        let first = |paths: &[ClaimPath]| paths.iter().find_map(|path| path.find(&claims));
        let id = first(&self.consumer)?.as_str().filter(|id| is_name(id))?.to_owned();
        let scopes = first(&self.scopes).map(scopes).unwrap_or_default();
        let roles = self.roles.as_ref().and_then(|path| path.find(&claims)).map(roles).unwrap_or_default();
        let plan = self.plan.as_ref().and_then(|path| path.find(&claims)).and_then(Value::as_str);
        let plan = plan.filter(|plan| is_name(plan)).map(str::to_owned);
        let authenticator = authenticator.to_owned();
        Some(Consumer {
            id,
            authenticator,
            issuer: None,
            scopes,
            roles,
            plan,
            claims,
            credential: None,
            expires_ms: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapping() -> Mapping {
        Mapping {
            consumer: vec![ClaimPath::member("sub"), ClaimPath::member("client_id")],
            scopes: vec![ClaimPath::member("scope"), ClaimPath::member("scp")],
            roles: ClaimPath::parse("realm_access.roles").ok(),
            plan: Some(ClaimPath::member("plan")),
        }
    }

    fn consumer(claims: &Value) -> Option<Consumer> {
        mapping().consumer("main", claims.as_object().unwrap().clone())
    }

    #[test]
    fn claims_become_a_consumer() {
        let claims = json!({"sub": "ann", "scp": ["a", "b"], "realm_access": {"roles": ["admin"]}, "plan": "gold"});
        let found = consumer(&claims).unwrap();
        assert_eq!((found.id.as_str(), found.authenticator.as_str()), ("ann", "main"));
        assert_eq!(
            (found.scopes, found.roles, found.plan),
            (vec!["a".into(), "b".into()], vec!["admin".into()], Some("gold".into()))
        );
        assert_eq!(Value::Object(found.claims), claims);
    }

    #[test]
    fn the_first_claim_that_is_there_counts_even_if_it_is_no_good() {
        assert_eq!(consumer(&json!({"client_id": "app"})).unwrap().id, "app");
        assert_eq!(consumer(&json!({"sub": null, "client_id": "app"})).unwrap().id, "app");
        assert_eq!(consumer(&json!({"sub": "", "client_id": "app"})), None);
        assert_eq!(consumer(&json!({"sub": 7, "client_id": "app"})), None);
        assert_eq!(consumer(&json!({"sub": ["app"]})), None);
        assert_eq!(consumer(&json!({})), None);
        assert!(consumer(&json!({"sub": "ann", "scope": "", "scp": ["a"]})).unwrap().scopes.is_empty());
    }

    #[test]
    fn a_claim_of_the_wrong_kind_grants_nothing() {
        let found = consumer(&json!({"sub": "ann", "scope": {"a": true}, "realm_access": ["admin"], "plan": {"x": 1}}));
        let found = found.unwrap();
        assert!(found.scopes.is_empty() && found.roles.is_empty() && found.plan.is_none());
    }
}
