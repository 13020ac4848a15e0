//! `tidegate key create`.

use bytes::Bytes;
use router_core::authenticate::api_key::{MOST_LIVE, Pepper, Prefix, RANDOM_BYTES, Record, generate, parse, store_key};
use router_core::config::raw::authenticate::ApiKeyRecord;
use router_core::time;
use serde_json::{Value, json};
use tidegate_native::unix_ms;

use super::arguments::Create;
use super::rules::{Chosen, Rules};
use super::store::{Missing, Store};
use crate::arguments::Format;
use crate::report::{Failure, Report};
use crate::terminal::{NAME, styled};

pub(super) fn create(asked: &Create) -> Result<Report, Failure> {
    let rules = Rules::load(&asked.place.config)?;
    let chosen = rules.authenticator(asked.place.authenticator.as_deref())?;
    let (prefix, pepper) = rules.making(chosen)?;
    let now_ms = unix_ms();
    let key = random_key(&prefix)?;
    let record = record(asked, hash(&key, &prefix, &pepper)?, now_ms)?;
    let checked = Record::new(&record).map_err(|wrong| {
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        Failure::sentence(format!("this makes no key: {}", wrong.join("; ")))
    })?;
    let store = if asked.no_store { None } else { Some(Store::open(rules.store(&asked.place)?, Missing::Make)?) };
    refuse_third(store.as_ref(), chosen, &asked.consumer, now_ms)?;
    let value = serde_json::to_string(&record).map_err(|why| Failure::sentence(why.to_string()))?;
    // What a gateway would not read is not stored either.
    Record::from_json(value.as_bytes(), &checked.hash)
        .map_err(|why| Failure::sentence(format!("this makes no key: {why}")))?;
    let entry = (store_key(chosen.name, &checked.hash), Bytes::from(value));
    if let Some(store) = &store {
        store.change(std::slice::from_ref(&entry), &[])?;
    }
    let (key_of_store, value) = entry;
    let value = String::from_utf8_lossy(&value);
    Ok(match asked.format {
        Format::Json => Report {
            out: format!("{:#}\n", json!([{"key": key_of_store, "value": value}])),
            err: format!("{key}\n"),
            ..Report::default()
        },
        Format::Text => Report::good(format!(
            "key            {}\n\
             authenticator  {}\n\
             record         {value}\n\
             stored in      {}\n\
             Give the key to its owner now: only its hash is kept, so it cannot be shown again.\n",
            styled(NAME, &key),
            chosen.name,
            store
                .as_ref()
                .map_or_else(|| "nothing: put the record where your gateway finds it".to_owned(), Store::described),
        )),
    })
}

fn random_key(prefix: &Prefix) -> Result<String, Failure> {
    // More than once only where the generator is broken.
    for _ in 0..3 {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random)
            .map_err(|why| Failure::sentence(format!("the system gives no random bytes: {why}")))?;
        if let Some(key) = generate(prefix, &random) {
            return Ok(key);
        }
    }
    Err(Failure::sentence("the system's random bytes are not random"))
}

fn hash(key: &str, prefix: &Prefix, pepper: &Pepper) -> Result<String, Failure> {
    let key = parse(key, prefix).ok_or_else(|| Failure::sentence("the key that was made is none: a bug"))?;
    Ok(pepper.hash(key).to_string())
}

fn record(asked: &Create, hash: String, now_ms: u64) -> Result<ApiKeyRecord, Failure> {
    let metadata: Option<Value> = asked
        .metadata
        .as_deref()
        .map(|text| {
            serde_json::from_str(text).map_err(|why| Failure::sentence(format!("--metadata is no JSON: {why}")))
        })
        .transpose()?;
    let expires = asked.expires.as_deref().map(|text| expires(text, now_ms)).transpose()?;
    Ok(ApiKeyRecord {
        hash,
        consumer: asked.consumer.clone(),
        created: Some(time::format(now_ms)),
        expires,
        scopes: asked.scope.clone(),
        roles: asked.role.clone(),
        plan: asked.plan.clone(),
        metadata,
    })
}

fn expires(text: &str, now_ms: u64) -> Result<String, Failure> {
    let at_ms = match time::parse(text) {
        Ok(at_ms) => at_ms,
        Err(why) => match after(text) {
            Some(after_ms) => now_ms.saturating_add(after_ms),
            None => {
                return Err(Failure::sentence(format!(
                    "--expires takes a time from now such as `90d` or `12h`, or an RFC 3339 time; `{text}` is neither: {why}"
                )));
            }
        },
    };
    if at_ms <= now_ms {
        return Err(Failure::sentence(format!("--expires {text} is in the past; the key would never work")));
    }
    Ok(time::format(at_ms))
}

/// Milliseconds of `90d`, `12h`, `30m` or `45s`.
fn after(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let unit_ms = match unit {
        'd' => 86_400_000,
        'h' => 3_600_000,
        'm' => 60_000,
        's' => 1000,
        _ => return None,
    };
    number.checked_mul(unit_ms)
}

/// Two keys of a consumer are a change from one to the next; more are keys that somebody forgot.
fn refuse_third(store: Option<&Store>, chosen: Chosen<'_>, consumer: &str, now_ms: u64) -> Result<(), Failure> {
    let stored = store.map(|store| store.list(&[chosen.name])).transpose()?.unwrap_or_default();
    let stored = stored.into_iter().filter_map(|stored| stored.record.ok());
    let inline = chosen.rules.keys.iter().filter_map(|raw| Record::new(raw).ok());
    let live: Vec<String> = stored
        .chain(inline)
        .filter(|record| record.consumer == consumer && record.is_live(now_ms))
        .map(|record| record.hash.to_string().chars().take(12).collect())
        .collect();
    if live.len() < MOST_LIVE {
        return Ok(());
    }
    Err(Failure::sentence(format!(
        "`{consumer}` has {} keys that work already ({}); revoke one first: tidegate key revoke {}",
        live.len(),
        live.join(", "),
        live.first().map(String::as_str).unwrap_or_default()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_time_from_now_or_a_moment() {
        assert_eq!(expires("90d", 0).unwrap(), "1970-04-01T00:00:00Z");
        assert_eq!(expires("45s", 0).unwrap(), "1970-01-01T00:00:45Z");
        assert_eq!(expires("1970-01-02T02:00:00+02:00", 0).unwrap(), "1970-01-02T00:00:00Z");
        for bad in ["", "d", "90", "90y", "-1d", "é", "tomorrow", "1970-01-01T00:00:00Z", "0s", "99999999999999999999d"]
        {
            assert!(expires(bad, 0).is_err(), "{bad}");
        }
    }
}
