//! What a policy would ask of whoever sends the request. Credentials are not judged: that would take keys, stores and issuers.

use router_core::authenticate::{Authenticator, Kind, Need, Place, Policy};
use router_core::config::Gateway;
use router_core::filter::Mode;

/// One line for each thing that is asked.
pub(super) fn demands(gateway: &Gateway, policy: &Policy) -> Vec<String> {
    let asked: Vec<_> = policy.need.indices().iter().filter_map(|index| gateway.authenticators.get(*index)).collect();
    let names: Vec<_> = asked.iter().map(|authenticator| described(authenticator)).collect();
    let who = match (&policy.need, names.len()) {
        (_, 1) => String::new(),
        (Need::Any(_), _) => "any of ".to_owned(),
        (Need::All(_), _) => "all of ".to_owned(),
    };
    let mut lines = vec![format!("credentials for {who}{}; they are not judged here", names.join(", "))];
    if policy.optional {
        lines.push("a request without credentials may pass, as nobody".to_owned());
    }
    if !policy.scopes.is_empty() {
        lines.push(format!("all of the scopes {}", policy.scopes.join(", ")));
    }
    if !policy.roles.is_empty() {
        lines.push(format!("one of the roles {}", policy.roles.join(", ")));
    }
    if let Some(condition) = &policy.condition {
        lines.push(format!("the condition {}", condition.text().split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    if policy.mode == Mode::Shadow {
        lines.push("whoever does not have this is let through and recorded (mode: shadow)".to_owned());
    }
    lines
}

/// Its name, its kind, and where it looks.
fn described(authenticator: &Authenticator) -> String {
    let kind = match &authenticator.kind {
        Kind::Jwt(_) => "jwt",
        Kind::Introspection(_) => "introspection",
        Kind::ApiKey(_) => "api_key",
        Kind::Certificate(_) => "certificate",
        Kind::Signature(_) => "signature",
        Kind::Webhook(_) => "webhook",
    };
    let places: Vec<_> = authenticator.places().iter().map(place).collect();
    let looks = if places.is_empty() { String::new() } else { format!(" in {}", places.join(" or ")) };
    format!("`{}` ({kind}{looks})", authenticator.name)
}

fn place(place: &Place) -> String {
    match place {
        Place::Bearer => "Authorization: Bearer".to_owned(),
        Place::Basic => "Authorization: Basic".to_owned(),
        Place::Header(name) => format!("the header {name}"),
        Place::Cookie(name) => format!("the cookie {name}"),
        Place::Query(name) => format!("the query parameter {name}"),
    }
}
