//! `tidegate key list`.

use router_core::time;
use serde_json::{Value, json};
use tidegate_native::unix_ms;

use super::arguments::List;
use super::rules::Rules;
use super::store::{Missing, Store, Stored};
use crate::arguments::Format;
use crate::report::{Failure, Report};
use crate::table::Table;
use crate::terminal::{BAD, DOUBT, GOOD, NAME, PLAIN, QUIET};

/// How much of a hash is shown: enough to be the only one.
const SHOWN: usize = 12;

pub(super) fn list(asked: &List) -> Result<Report, Failure> {
    let rules = Rules::load(&asked.place.config)?;
    let names = rules.names(asked.place.authenticator.as_deref())?;
    let store = Store::open(rules.store(&asked.place)?, Missing::Refuse)?;
    let mut found = store.list(&names)?;
    if let Some(consumer) = &asked.consumer {
        found.retain(|stored| stored.record.as_ref().is_ok_and(|record| record.consumer == *consumer));
    }
    let now_ms = unix_ms();
    Ok(Report::good(match asked.format {
        Format::Json => format!("{:#}\n", found.iter().map(|stored| as_json(stored, now_ms)).collect::<Value>()),
        Format::Text if found.is_empty() => format!("No keys in {}.\n", store.described()),
        Format::Text => as_text(&found, now_ms),
    }))
}

fn as_text(found: &[Stored], now_ms: u64) -> String {
    let mut table = Table::titled(["HASH", "CONSUMER", "AUTHENTICATOR", "CREATED", "EXPIRES", "STATE"]);
    for stored in found {
        let hash: String = stored.hash.to_string().chars().take(SHOWN).collect();
        let authenticator = stored.authenticator.clone();
        let moment = |ms: Option<u64>, none: &str| ms.map_or_else(|| none.to_owned(), time::format);
        table.row(match &stored.record {
            Ok(record) => [
                (PLAIN, hash),
                (NAME, record.consumer.clone()),
                (PLAIN, authenticator),
                (QUIET, moment(record.created_ms, "")),
                (PLAIN, moment(record.expires_ms, "never")),
                if record.is_live(now_ms) { (GOOD, "works".to_owned()) } else { (DOUBT, "expired".to_owned()) },
            ],
            Err(why) => [
                (PLAIN, hash),
                (PLAIN, String::new()),
                (PLAIN, authenticator),
                (PLAIN, String::new()),
                (PLAIN, String::new()),
                (BAD, format!("broken: {why}")),
            ],
        });
    }
    table.render(0)
}

fn as_json(stored: &Stored, now_ms: u64) -> Value {
    let (authenticator, hash) = (&stored.authenticator, stored.hash.to_string());
    match &stored.record {
        Ok(record) => json!({
            "authenticator": authenticator,
            "hash": hash,
            "consumer": record.consumer,
            "created": record.created_ms.map(time::format),
            "expires": record.expires_ms.map(time::format),
            "scopes": record.scopes,
            "roles": record.roles,
            "plan": record.plan,
            "metadata": record.metadata,
            "works": record.is_live(now_ms),
        }),
        Err(why) => json!({"authenticator": authenticator, "hash": hash, "broken": why, "works": false}),
    }
}
