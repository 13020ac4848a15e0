//! Many apps from one component, steered by JSON lines: commands on standard input, answers and the apps' own output on
//! standard output.
//!
//! ```text
//! → {"start":{"id":"a","variables":{"k":"v"},"allow_outbound":["http://127.0.0.1:*"]}}    ← {"id":"a","port":1234}
//! → {"set":{"id":"a","key":"k","value":"v"}}          (value null deletes)                ← {"id":"a","set":"k"}
//! → {"get":{"id":"a","key":"k"}}                                                          ← {"get":"k","id":"a","value":"v"}
//! → {"advance":{"id":"a","ms":1000}}                  (only with "clock_ms" at the start) ← {"advance":1000,"id":"a"}
//! → {"stop":{"id":"a"}}                                                                   ← {"id":"a","stopped":true}
//!                                                                                         ← {"id":"a","stdout":"…"}
//! ```
//!
//! `start` takes every member of [`Settings`]. What goes wrong is answered with `{"id":…,"error":"…"}`, or without `id`
//! if the line could not be read. The apps stop when standard input ends.
//!
//! On a real Spin (`--through`) there is no `set`, `get`, `advance` and `clock_ms`; `key_value` of `start` is. Starts and stops
//! are answered when the process has done it, other commands in between.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use crate::app::App;
use crate::backend::{Backend, Running};
use crate::output::Lines;
use crate::settings::Settings;

const NO_STORE: &str = "a real Spin's store cannot be reached from outside; give \"key_value\" to its start";
const NO_CLOCK: &str = "a real Spin's clock cannot be moved";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    Start(Start),
    Set { id: String, key: String, value: Option<String> },
    Get { id: String, key: String },
    Advance { id: String, ms: u64 },
    Stop { id: String },
}

#[derive(Debug, Deserialize)]
struct Start {
    id: String,
    #[serde(flatten)]
    settings: serde_json::Map<String, Value>,
}

/// Obeys commands until the input ends.
pub async fn run(backend: &Backend, input: impl AsyncBufRead + Unpin, lines: &Lines) -> io::Result<()> {
    let mut apps = BTreeMap::new();
    let mut input = input.lines();
    while let Some(line) = input.next_line().await? {
        if line.trim().is_empty() {
            continue;
        }
        let answer = match serde_json::from_str(&line) {
            Ok(command) => obey(backend, &mut apps, command, lines).await,
            Err(error) => Some(json!({ "error": format!("not a command: {error}: {line}") })),
        };
        if let Some(answer) = answer {
            lines.write(&answer);
        }
    }
    // All are told before any is waited for.
    apps.values().for_each(Running::end);
    apps.into_values().for_each(Running::join);
    Ok(())
}

/// The answer; none if the app will give it.
async fn obey(
    backend: &Backend,
    apps: &mut BTreeMap<String, Running>,
    command: Command,
    lines: &Lines,
) -> Option<Value> {
    apps.retain(|_, app| app.is_alive());
    match command {
        Command::Start(Start { id, .. }) if apps.contains_key(&id) => {
            Some(failure(&id, "an app of this id is running"))
        }
        Command::Start(Start { id, settings }) => {
            let settings: Settings = match serde_json::from_value(Value::Object(settings)) {
                Ok(settings) => settings,
                Err(error) => return Some(failure(&id, &error.to_string())),
            };
            match backend.start(&id, settings, lines).await {
                Ok(app) => {
                    let answer = app.port().map(|port| json!({ "id": id, "port": port }));
                    apps.insert(id, app);
                    answer
                }
                Err(error) => Some(failure(&id, &format!("{error:#}"))),
            }
        }
        Command::Set { id, key, value } => Some(with(apps, &id, NO_STORE, |app| {
            app.set_key_value(key.clone(), value.map(String::into_bytes));
            json!({ "id": id, "set": key })
        })),
        Command::Get { id, key } => Some(with(apps, &id, NO_STORE, |app| {
            let value = app.key_value(&key).map(|value| String::from_utf8_lossy(&value).into_owned());
            json!({ "id": id, "get": key, "value": value })
        })),
        Command::Advance { id, ms } => Some(with(apps, &id, NO_CLOCK, |app| {
            if app.advance(ms) {
                json!({ "id": id, "advance": ms })
            } else {
                failure(&id, "its clock runs by itself; start it with \"clock_ms\"")
            }
        })),
        Command::Stop { id } => match apps.get(&id) {
            Some(Running::Spin(app)) if app.stop() => None,
            Some(Running::Here(_)) => {
                apps.remove(&id);
                Some(json!({ "id": id, "stopped": true }))
            }
            Some(Running::Spin(_)) | None => Some(unknown(&id)),
        },
    }
}

/// Acts on an app of this process, of which alone the inside can be reached.
fn with(apps: &BTreeMap<String, Running>, id: &str, out_of_reach: &str, act: impl FnOnce(&App) -> Value) -> Value {
    match apps.get(id) {
        Some(Running::Here(app)) => act(app),
        Some(Running::Spin(_)) => failure(id, out_of_reach),
        None => unknown(id),
    }
}

fn unknown(id: &str) -> Value {
    failure(id, "no app of this id is running")
}

fn failure(id: &str, error: &str) -> Value {
    json!({ "id": id, "error": error })
}
