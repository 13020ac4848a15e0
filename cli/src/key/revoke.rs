//! `tidegate key revoke`.

use std::fmt::Write as _;

use router_core::authenticate::api_key::store_key;
use serde_json::json;

use super::arguments::Revoke;
use super::rules::Rules;
use super::store::{Missing, Store, Stored};
use crate::arguments::Format;
use crate::report::{Failure, Report};

/// Fewer digits of a hash could mean a key that was not meant.
const FEWEST_DIGITS: usize = 8;

pub(super) fn revoke(asked: &Revoke) -> Result<Report, Failure> {
    let rules = Rules::load(&asked.place.config)?;
    let names = rules.names(asked.place.authenticator.as_deref())?;
    let store = Store::open(rules.store(&asked.place)?, Missing::Refuse)?;
    let found = chosen(asked, store.list(&names)?)?;
    let keys: Vec<String> = found.iter().map(|stored| store_key(&stored.authenticator, &stored.hash)).collect();
    store.change(&[], &keys)?;
    if asked.format == Format::Json {
        return Ok(Report::good(format!("{:#}\n", json!(keys))));
    }
    let mut out = String::new();
    for stored in &found {
        let whose = stored.record.as_ref().map_or("nobody: its record was broken", |record| record.consumer.as_str());
        let seconds = rules.revocation_seconds(&stored.authenticator);
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "revoked {} of {whose}; where it was used lately it works for up to {seconds} s",
            stored.hash
        );
    }
    Ok(Report::good(out))
}

fn chosen(asked: &Revoke, all: Vec<Stored>) -> Result<Vec<Stored>, Failure> {
    if let Some(consumer) = &asked.consumer {
        let of = |stored: &Stored| stored.record.as_ref().is_ok_and(|record| record.consumer == *consumer);
        let found: Vec<Stored> = all.into_iter().filter(of).collect();
        return if found.is_empty() {
            Err(Failure::sentence(format!("`{consumer}` has no key in the store")))
        } else {
            Ok(found)
        };
    }
    let beginning = asked.hash.as_deref().unwrap_or_default();
    let is_hash = beginning.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if beginning.len() < FEWEST_DIGITS || !is_hash {
        return Err(Failure::sentence(format!(
            "expected at least {FEWEST_DIGITS} hexadecimal digits of a hash, as `tidegate key list` shows them; a key itself is never needed here"
        )));
    }
    let found: Vec<Stored> = all.into_iter().filter(|stored| stored.hash.to_string().starts_with(beginning)).collect();
    match found.len() {
        0 => Err(Failure::sentence(format!("no key in the store has a hash that begins with {beginning}"))),
        1 => Ok(found),
        several => Err(Failure::sentence(format!("{several} hashes begin with {beginning}; give more of it"))),
    }
}
