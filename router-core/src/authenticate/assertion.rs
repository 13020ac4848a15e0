//! The gateway's own statement of who asks: a JWT for the upstream, which then need not trust the network between.
//!
//! It is good for a short time, for one upstream (`aud`), and for one request (`req`): whoever sees it cannot ask for anything else with it. Its type is
//! one of its own, so that no verifier takes it for another kind of token (RFC 8725 section 3.11).

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use serde_json::{Map, Value, json};

use super::Consumer;
use super::jose::{Digest, SigningKey, base64};
use crate::config::FixedAnswer;
use crate::route::well_known;

/// The `typ` of a statement.
pub const TYPE: &str = "tidegate-identity+jwt";
/// The field that carries a statement, where the configuration names no other.
pub const FIELD: HeaderName = HeaderName::from_static("x-gateway-identity");
/// Where the keys are published, where the configuration names no other place.
pub const KEYS_PATH: &str = "/.well-known/tidegate/jwks.json";

/// The rules, compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Signs.
    pub key: SigningKey,
    /// What `iss` says.
    pub issuer: String,
    /// The field that carries it.
    pub header: HeaderName,
    /// How long it is good: whole seconds.
    pub lifetime: Duration,
    /// Where the keys are published: a normalised path.
    pub keys_path: String,
    /// Public keys that are published beside the gateway's own, as [`published`] makes them.
    pub published: Vec<Value>,
}

/// All of a statement but what the upstream is asked, which is known last.
#[derive(Clone, Debug)]
pub struct Statement {
    key: SigningKey,
    header: HeaderName,
    claims: Map<String, Value>,
}

impl Rules {
    /// What is stated about `consumer` to the upstream called `audience`. `random` makes `jti`.
    #[must_use]
    pub fn statement(&self, consumer: &Consumer, audience: &str, now_ms: u64, random: [u8; 16]) -> Statement {
        let now = now_ms / 1000;
        let claims = json!({
            "iss": self.issuer,
            "sub": consumer.id,
            "aud": audience,
            "iat": now,
            "exp": now.saturating_add(self.lifetime.as_secs()),
            "jti": base64::encode_url(&random),
            "authenticator": consumer.authenticator,
            "scopes": consumer.scopes,
            "roles": consumer.roles,
            "plan": consumer.plan,
            "client_iss": consumer.issuer,
        });
        let mut claims = match claims {
            Value::Object(claims) => claims,
            _ => Map::new(),
        };
        claims.retain(|_, value| !value.is_null());
        Statement { key: self.key.clone(), header: self.header.clone(), claims }
    }

    /// The key set (RFC 7517 section 5), and where it is published.
    #[must_use]
    pub fn document(&self) -> (String, FixedAnswer) {
        let own = published(self.key.public().jwk(), &self.key.public().thumbprint());
        let keys: Vec<Value> = own.into_iter().chain(self.published.iter().cloned()).collect();
        (self.keys_path.clone(), well_known::document("application/jwk-set+json", &json!({"keys": keys})))
    }
}

impl Statement {
    /// The field with the statement, signed for a request with this method, path and query, as the upstream gets it.
    ///
    /// `req` holds the method (`htm`), the path (`htp`), and `hash`: SHA-256 in base64url of the method, a space, and path and query as they stand in the
    /// request line.
    #[must_use]
    pub fn sign(&self, method: &Method, path_and_query: &str) -> Option<(HeaderName, HeaderValue)> {
        let path = path_and_query.split_once('?').map_or(path_and_query, |(path, _)| path);
        let hash = Digest::Sha256.of(format!("{method} {path_and_query}").as_bytes());
        let mut claims = self.claims.clone();
        claims.insert("req".into(), json!({"htm": method.as_str(), "htp": path, "hash": base64::encode_url(&hash)}));
        let mut header = Map::new();
        header.insert("typ".into(), TYPE.into());
        header.insert("kid".into(), base64::encode_url(&self.key.public().thumbprint()).into());
        let token = self.key.compact(&header, Value::Object(claims).to_string().as_bytes());
        // Base64url with dots between is a field value, always.
        HeaderValue::from_str(&token).ok().map(|value| (self.header.clone(), value))
    }
}

/// A public key as it is published: named by its thumbprint (RFC 7638), for Ed25519 signatures only. `None` if `jwk` is no object.
#[must_use]
pub fn published(jwk: &str, thumbprint: &[u8; 32]) -> Option<Value> {
    let mut key: Map<String, Value> = serde_json::from_str(jwk).ok()?;
    key.insert("kid".into(), base64::encode_url(thumbprint).into());
    key.insert("alg".into(), "EdDSA".into());
    key.insert("use".into(), "sig".into());
    Some(Value::Object(key))
}

#[cfg(test)]
mod tests;
