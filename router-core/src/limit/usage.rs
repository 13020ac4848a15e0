//! Usage events: what is over a quota and will be billed, and that one is nearly used up. Signed as Standard Webhooks are, so that whoever takes them knows
//! that they are the gateway's.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::json;
use sha2::Sha256;

use super::rule::Rule;
use super::tally::{Item, Progress};
use super::verdict::{Standing, Verdict};
use crate::authenticate::Consumer;
use crate::authenticate::Endpoint;
use crate::authenticate::jose::base64;
use crate::time;

const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Where usage events go. `Debug` shows nothing secret.
#[derive(Clone)]
pub struct Reporting {
    /// Whom to tell.
    pub endpoint: Endpoint,
    secret: Vec<u8>,
}

impl Reporting {
    /// Events go to `endpoint`, signed with `secret`.
    #[must_use]
    pub fn new(endpoint: Endpoint, secret: Vec<u8>) -> Self {
        Self { endpoint, secret }
    }

    /// The fields of the POST with `body` as its event.
    #[must_use]
    pub fn fields(&self, id: &str, body: &str, now_ms: u64) -> HeaderMap {
        let seconds = now_ms / 1000;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else { return headers };
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        let signature = format!("v1,{}", base64::encode_standard(&mac.finalize().into_bytes()));
        for (name, text) in
            [(WEBHOOK_ID, id), (WEBHOOK_TIMESTAMP, &seconds.to_string()), (WEBHOOK_SIGNATURE, &signature)]
        {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        }
        headers
    }
}

impl fmt::Debug for Reporting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporting").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Something to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// So many units were let through beyond the quota.
    Over(u64),
    /// This percentage of the quota is used.
    Warning(u8),
}

impl Event {
    /// What there is to tell of a limit after its decision: each percentage once, by whoever crossed it.
    #[must_use]
    pub fn of(item: &Item<'_>) -> Option<Self> {
        let Progress::Decided(verdict, Standing { remaining, .. }) = item.state else { return None };
        match verdict {
            Verdict::Over { units } if units > 0 => Some(Self::Over(units)),
            Verdict::Admitted { .. } => {
                let units = u128::from(item.wanted.quota.units);
                let used = units.saturating_sub(remaining.into());
                let before = used.saturating_sub(item.wanted.cost.into());
                let crossed = |percent: &&u8| {
                    let at = units * u128::from(**percent);
                    before * 100 < at && at <= used * 100
                };
                item.limit().warn_at.iter().rfind(crossed).map(|percent| Self::Warning(*percent))
            }
            Verdict::Over { .. } | Verdict::Refused { .. } => None,
        }
    }

    /// As the body of a POST. `request_id` names it, so that an event that comes twice is counted once.
    #[must_use]
    pub fn body(self, item: &Item<'_>, consumer: Option<&Consumer>, request_id: &str, now_ms: u64) -> String {
        let (kind, mut more) = match self {
            Self::Over(units) => ("quota.exceeded", json!({"over": units})),
            Self::Warning(percent) => ("quota.warning", json!({"percent": percent})),
        };
        let mut data = json!({
            "limit": item.limit().name,
            "quota": item.wanted.quota.units,
            "cost": item.wanted.cost,
            "partition": item.wanted.partition.hash().to_string(),
            "consumer": consumer.map(|consumer| &consumer.id),
            "plan": consumer.and_then(|consumer| consumer.plan.as_ref()),
            "request_id": request_id,
        });
        if let (Rule::FixedWindow(fixed), Some(more)) = (&item.wanted.rule, more.as_object_mut()) {
            let (start_ms, end_ms) = fixed.window(now_ms);
            let window = json!({"start": time::format(start_ms), "end": time::format(end_ms)});
            more.insert("window".to_owned(), window);
        }
        if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object_mut()) {
            data.append(more);
            data.retain(|_, value| !value.is_null());
        }
        json!({"type": kind, "timestamp": time::format(now_ms), "data": data}).to_string()
    }

    /// What names it: one for each limit and request.
    #[must_use]
    pub fn id(item: &Item<'_>, request_id: &str) -> String {
        format!("{}.{request_id}", item.limit().name)
    }
}
