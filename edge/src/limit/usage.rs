//! Telling of usage: to the log, and to whom the configuration names.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use router_core::authenticate::Consumer;
use router_core::limit::tally::Item;
use router_core::limit::usage::{Event, Reporting};
use serde_json::json;

use crate::exchange::Exchange;
use crate::platform::{Errand, Platform};

/// How often an event is sent before it is left to the log.
const TRIES: u32 = 3;

/// How long one try may take. All of them, with the pauses, end within the 30 s that Workers grants after an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The pause before another try, doubled each time.
const PAUSE: Duration = Duration::from_millis(500);

/// Nobody reads the answer.
const MAX_ANSWER: usize = 16 << 10;

/// Tells of what a limit found, if there is something to tell.
pub(super) fn report<P: Platform>(exchange: &mut Exchange<'_, P>, consumer: Option<&Consumer>, item: &Item<'_>) {
    let Some(event) = Event::of(item) else { return };
    let request_id = exchange.record.request_id.clone();
    let body = event.body(item, consumer, &request_id, exchange.platform.unix_ms());
    match event {
        Event::Over(units) => exchange.record.limit_over = Some(units),
        Event::Warning(percent) => exchange.record.limit_warning = Some(format!("{} {percent} %", item.limit().name)),
    }
    let Some(reporting) = exchange.gateway.limits.usage.clone() else { return };
    let (host, id) = (exchange.platform.clone(), Event::id(item, &request_id));
    exchange.platform.defer(async move { send(&host, &reporting, &id, body).await });
}

/// Sends an event until it is taken. One that is not is logged whole, so that nothing is lost that will be billed.
async fn send<P: Platform>(platform: &P, reporting: &Reporting, id: &str, body: String) {
    let mut why = String::new();
    for tried in 0..TRIES {
        if tried > 0 {
            platform.sleep(PAUSE * (1 << (tried - 1))).await;
        }
        let errand = Errand {
            target: reporting.endpoint.target(),
            method: Method::POST,
            path_and_query: reporting.endpoint.path_and_query().to_owned(),
            headers: reporting.fields(id, &body, platform.unix_ms()),
            body: Bytes::from(body.clone()),
            timeout: TIMEOUT,
            max_answer: MAX_ANSWER,
        };
        why = match platform.fetch(errand).await {
            Ok(fetched) if fetched.status.is_success() => return,
            Ok(fetched) => format!("it answered {}", fetched.status.as_u16()),
            Err(failure) => format!("{} ({})", failure.class.as_str(), failure.detail),
        };
    }
    let event: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    platform.log(json!({"event": "usage_unsent", "id": id, "reason": why, "usage": event}).to_string());
}
