//! `limit.usage:`.

use crate::authenticate::Endpoint;
use crate::authenticate::jose::base64;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::limit as raw;
use crate::limit::usage::Reporting;

/// The shortest secret that signs, in bytes (Standard Webhooks, "Signature scheme": 24 to 64).
const SHORTEST_SECRET: usize = 24;

pub(super) fn reporting(raw: &raw::Usage, path: &Place<'_>, context: &mut Context) -> Option<Reporting> {
    let endpoint = context.ok("url", &path.key("url"), Endpoint::parse(&raw.url));
    let text = raw.secret.strip_prefix("whsec_").unwrap_or(&raw.secret);
    let secret = base64::decode_standard(text).filter(|secret| secret.len() >= SHORTEST_SECRET);
    if secret.is_none() {
        let message =
            format!("expected at least {SHORTEST_SECRET} bytes in base64, with or without `whsec_` before it");
        context.error("usage-secret", path.key("secret"), message);
    }
    Some(Reporting::new(endpoint?, secret?))
}
