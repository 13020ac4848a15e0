//! `tidegate key export` and `import`: records in the form of `wrangler kv bulk put`, a list of `{key, value}`.

use bytes::Bytes;
use router_core::authenticate::api_key::store_key;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arguments::{Export, Import};
use super::rules::Rules;
use super::store::{Missing, Store, Stored};
use crate::file;
use crate::report::{Failure, Report};

#[derive(Deserialize)]
struct Entry {
    key: String,
    value: String,
}

pub(super) fn export(asked: &Export) -> Result<Report, Failure> {
    let rules = Rules::load(&asked.place.config)?;
    let names = rules.names(asked.place.authenticator.as_deref())?;
    let store = Store::open(rules.store(&asked.place)?, Missing::Refuse)?;
    let (mut entries, mut left_out) = (Vec::new(), String::new());
    for stored in store.list(&names)? {
        let key = store_key(&stored.authenticator, &stored.hash);
        match &stored.record {
            Ok(_) => entries.push(json!({"key": key, "value": String::from_utf8_lossy(&stored.value)})),
            Err(why) => left_out.push_str(&format!("left out `{key}`, which no gateway can read: {why}\n")),
        }
    }
    Ok(Report { out: format!("{:#}\n", Value::Array(entries)), err: left_out, ..Report::default() })
}

pub(super) fn import(asked: &Import) -> Result<Report, Failure> {
    let rules = Rules::load(&asked.place.config)?;
    let names = rules.names(asked.place.authenticator.as_deref())?;
    let name = file::name(&asked.file);
    let entries: Vec<Entry> = serde_json::from_str(&file::read(&asked.file)?)
        .map_err(|why| Failure::sentence(format!("`{name}` is no list of `{{\"key\", \"value\"}}`: {why}")))?;
    let mut puts = Vec::with_capacity(entries.len());
    let mut wrong = Vec::new();
    for (index, Entry { key, value }) in entries.into_iter().enumerate() {
        match Stored::read(&key, Bytes::from(value)) {
            Some(stored) if !names.contains(&stored.authenticator.as_str()) => {
                wrong.push(format!(
                    "[{index}]: this configuration has no such authenticator `{}`",
                    stored.authenticator
                ));
            }
            Some(Stored { record: Err(why), .. }) => wrong.push(format!("[{index}]: {why}")),
            Some(stored) => puts.push((key, stored.value)),
            None => wrong.push(format!("[{index}]: the key has not the form `tidegate/api-key/AUTHENTICATOR/HASH`")),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::sentence(format!("`{name}` was not taken; nothing is changed\n  {}", wrong.join("\n  "))));
    }
    let store = Store::open(rules.store(&asked.place)?, Missing::Make)?;
    store.change(&puts, &[])?;
    Ok(Report::good(format!(
        "{} in {}\n",
        if puts.len() == 1 { "1 key".to_owned() } else { format!("{} keys", puts.len()) },
        store.described()
    )))
}
