//! Reading cases. Every mistake in every file is found before anything runs.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use router_core::config::source::{Source, Style, check_shape, render};
use router_core::config::variables::Kind;
use router_core::config::{Diagnostic, Diagnostics, Path as At, Purpose, Variables, compile_value, schema};
use serde_json::Value;

use super::exchange::{Client, Exchange, Expected, Fails, FieldText, Gets, Leaves, OneOrMany, Rule, Step, Upstream};
use super::values::{bytes_of, latin1};
use super::websocket::Message;
use super::{Case, STAGES, Texts, places};
use crate::signed::{self, Makes, replaced};

/// Cases that cannot be loaded, with all that is wrong.
#[derive(Debug)]
pub struct Unloadable(pub Vec<String>);

impl fmt::Display for Unloadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Unloadable {}

/// Loads all cases below `root`, sorted by stage and name.
///
/// # Errors
/// Every mistake in every file, with its place.
pub fn load(root: &Path) -> Result<Vec<Case>, Unloadable> {
    let mut cases = Vec::new();
    let mut wrong = Vec::new();
    for stage in folders(root, &mut wrong) {
        let name = name_of(&stage);
        if !STAGES.contains(&name.as_str()) {
            wrong.push(format!("{}: `{name}` is no stage; expected one of {}", stage.display(), STAGES.join(", ")));
            continue;
        }
        for folder in folders(&stage, &mut wrong) {
            cases.extend(case(&name, &folder, &mut wrong));
        }
    }
    cases.sort_by_key(|case| {
        let stage = case.id.split('/').next().unwrap_or_default();
        (STAGES.iter().position(|known| *known == stage), case.id.clone())
    });
    if wrong.is_empty() { Ok(cases) } else { Err(Unloadable(wrong)) }
}

fn folders(of: &Path, wrong: &mut Vec<String>) -> Vec<PathBuf> {
    let entries = match fs::read_dir(of) {
        Ok(entries) => entries,
        Err(why) => {
            wrong.push(format!("{}: {why}", of.display()));
            return Vec::new();
        }
    };
    let mut found: Vec<_> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn case(stage: &str, folder: &Path, wrong: &mut Vec<String>) -> Option<Case> {
    let before = wrong.len();
    let name = name_of(folder);
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        || !name.contains('_')
    {
        wrong.push(format!(
            "{}: a case is named by a sentence such as `refuses_a_body_over_the_limit`",
            folder.display()
        ));
    }
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let file = name_of(&entry.path());
        if !["tidegate.yaml", "exchange.yaml", "README.md"].contains(&file.as_str()) {
            wrong.push(format!(
                "{}: a case has `tidegate.yaml`, `exchange.yaml` and perhaps `README.md`",
                entry.path().display()
            ));
        }
    }
    let exchange = exchange(&folder.join("exchange.yaml"), wrong);
    let variables = exchange.as_ref().map(|exchange| exchange.variables.clone()).unwrap_or_default();
    let document = document(&folder.join("tidegate.yaml"), &Given(variables), wrong);
    let readme = fs::read_to_string(folder.join("README.md")).ok();
    if wrong.len() > before {
        return None;
    }
    Some(Case { id: format!("{stage}/{name}"), exchange: exchange?, document: document?, readme })
}

struct Given(std::collections::BTreeMap<String, String>);

impl Variables for Given {
    fn value(&self, _: Kind, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

fn read(path: &Path, schema: &Value, wrong: &mut Vec<String>) -> Option<Source> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(why) => {
            wrong.push(format!("{}: {why}", path.display()));
            return None;
        }
    };
    let source = match Source::parse(&path.display().to_string(), &text) {
        Ok(source) => source,
        Err(why) => {
            wrong.push(why.to_string());
            return None;
        }
    };
    let found = check_shape(source.value(), schema);
    if found.has_errors() {
        wrong.push(render(&source, &found, Style::PLAIN));
        return None;
    }
    Some(source)
}

/// The configuration, which must be one that can be served: what `check` says of a bad one is tested elsewhere.
fn document(path: &Path, variables: &Given, wrong: &mut Vec<String>) -> Option<Value> {
    let source = read(path, &schema(), wrong)?;
    let checked = compile_value(&Texts::sample().put_into(source.value()), variables, Purpose::Run);
    if checked.diagnostics.has_errors() {
        wrong.push(render(&source, &checked.diagnostics, Style::PLAIN));
        return None;
    }
    Some(source.into_value())
}

fn exchange(path: &Path, wrong: &mut Vec<String>) -> Option<Exchange> {
    let source = read(path, &schemars::schema_for!(Exchange).to_value(), wrong)?;
    let exchange: Exchange = match serde_json::from_value(source.value().clone()).map(with_keys) {
        Ok(exchange) => exchange,
        Err(why) => {
            wrong.push(format!("{}: {why}", path.display()));
            return None;
        }
    };
    let found = meaning(&exchange);
    if found.has_errors() {
        wrong.push(render(&source, &found, Style::PLAIN));
        return None;
    }
    Some(exchange)
}

/// The case with its keys in the values of variables.
fn with_keys(mut exchange: Exchange) -> Exchange {
    let makes = Makes::new(&exchange, 0, Texts::sample());
    for value in exchange.variables.values_mut() {
        if let Ok(filled) = signed::text(value, &makes) {
            *value = filled;
        }
    }
    exchange
}

/// What the schema cannot say.
fn meaning(exchange: &Exchange) -> Diagnostics {
    let mut found = Diagnostics::new();
    let steps = At::root().key("steps");
    if exchange.steps.is_empty() {
        found.push(Diagnostic::error("no-steps", steps.clone(), "a case has at least one step"));
    }
    let makes = Makes::new(exchange, 0, Texts::sample());
    for (index, step) in exchange.steps.iter().enumerate() {
        let at = steps.index(index);
        if let Err(why) = replaced(step, &makes) {
            found.push(Diagnostic::error("signed", at.clone(), why));
        }
        kind(step, &at, &mut found);
        step.client.iter().for_each(|asked| client(asked, &at.key("client"), &mut found));
        if let Some(crowd) = &step.crowd {
            client(&crowd.client, &at.key("crowd").key("client"), &mut found);
            if crowd.clients == 0 || crowd.requests() == 0 {
                let message = "a crowd has at least one client and gets at least one answer";
                found.push(Diagnostic::error("crowd", at.key("crowd"), message));
            }
        }
        let is_list = matches!(step.upstream, OneOrMany::Many(_));
        for (index, asked) in step.upstream.as_slice().iter().enumerate() {
            let at = at.key("upstream");
            upstream(asked, &if is_list { at.index(index) } else { at }, &mut found);
        }
        let is_list = matches!(step.meanwhile, OneOrMany::Many(_));
        for (index, aside) in step.meanwhile.as_slice().iter().enumerate() {
            let at = at.key("meanwhile");
            let at = if is_list { at.index(index) } else { at };
            aside.client.iter().for_each(|asked| client(asked, &at.key("client"), &mut found));
            aside.gets.iter().for_each(|expected| gets(expected, &at.key("gets"), &mut found));
        }
        step.gets.iter().for_each(|expected| gets(expected, &at.key("gets"), &mut found));
    }
    places::check(exchange, &mut found);
    found
}

fn client(client: &Client, at: &At, found: &mut Diagnostics) {
    let bodies =
        [client.body.is_some(), client.body_bytes.is_some(), client.chunks.is_some(), client.websocket.is_some()];
    one_body(&bodies, at, found);
    fields(client.headers.iter().filter_map(|(name, field)| Some((name, field.as_ref()?))), at, found);
    if let Some(asks) = &client.websocket {
        messages(&asks.sends, &at.key("websocket").key("sends"), found);
        if !matches!(client.leaves, None | Some(Leaves::MidAnswer)) {
            let message = "a client leaves a WebSocket `mid_answer`: when it has all messages that it gets";
            found.push(Diagnostic::error("leaves", at.key("leaves"), message));
        }
    }
}

fn upstream(upstream: &Upstream, at: &At, found: &mut Diagnostics) {
    let Upstream { sees, answers, fails, later: _ } = upstream;
    if answers.websocket.is_some() && !matches!(fails, None | Some(Fails::Close | Fails::Reset)) {
        let message = "an upstream leaves a WebSocket with `close` or `reset`, when it has sent its messages";
        found.push(Diagnostic::error("fails", at.key("fails"), message));
    }
    rules(&sees.headers, &at.key("sees"), found);
    messages(sees.messages.as_deref().unwrap_or_default(), &at.key("sees").key("messages"), found);
    let at = at.key("answers");
    let bodies = [
        answers.body.is_some(),
        answers.body_bytes.is_some(),
        answers.hex.is_some(),
        answers.chunks.is_some(),
        answers.websocket.is_some(),
    ];
    one_body(&bodies, &at, found);
    if !answers.trailers.is_empty() && answers.chunks.is_none() {
        found.push(Diagnostic::error("trailers", at.key("trailers"), "only `chunks` can be followed by trailers"));
    }
    digits(answers.hex.as_deref(), &at.key("hex"), found);
    fields(answers.headers.iter(), &at, found);
    if let Some(accepts) = &answers.websocket {
        messages(&accepts.sends, &at.key("websocket").key("sends"), found);
    }
}

fn gets(gets: &Gets, at: &At, found: &mut Diagnostics) {
    rules(&gets.headers, at, found);
    digits(gets.hex.as_deref(), &at.key("hex"), found);
    messages(gets.messages.as_deref().unwrap_or_default(), &at.key("messages"), found);
}

fn messages(messages: &[Message], at: &At, found: &mut Diagnostics) {
    for (index, message) in messages.iter().enumerate() {
        if let Message::Binary(bytes) = message {
            digits(Some(&bytes.binary), &at.index(index).key("binary"), found);
        }
    }
}

fn kind(step: &Step, at: &At, found: &mut Diagnostics) {
    let asks = step.client.is_some() || step.gets.is_some() || step.until.is_some();
    let kinds = [asks, step.crowd.is_some(), step.store.is_some(), step.clock.is_some()];
    if kinds.iter().filter(|is| **is).count() != 1 {
        let message = "a step is a request (`client`, `gets` or `until`), a `crowd`, a `store` or a `clock`, and only one of them";
        found.push(Diagnostic::error("step", at.clone(), message));
    }
    if step.until.is_some() && step.gets.is_some() {
        found.push(Diagnostic::error(
            "step",
            at.key("gets"),
            "what the client gets is not judged in a step with `until`",
        ));
    }
}

fn one_body(given: &[bool], at: &At, found: &mut Diagnostics) {
    if given.iter().filter(|given| **given).count() > 1 {
        found.push(Diagnostic::error("body", at.clone(), "a body is given in one way only"));
    }
}

fn digits(hex: Option<&str>, at: &At, found: &mut Diagnostics) {
    if hex.is_some_and(|hex| bytes_of(hex).is_none()) {
        found.push(Diagnostic::error("hex", at.clone(), "expected pairs of hexadecimal digits"));
    }
}

fn fields<'f>(fields: impl Iterator<Item = (&'f String, &'f FieldText)>, at: &At, found: &mut Diagnostics) {
    for (name, field) in fields {
        if let FieldText::Bytes(bytes) = field
            && latin1(&bytes.latin1).is_none()
        {
            let at = at.key("headers").key(name).key("latin1");
            found.push(Diagnostic::error("latin1", at, "a character above U+00FF is no byte"));
        }
    }
}

fn rules(expected: &std::collections::BTreeMap<String, Expected>, at: &At, found: &mut Diagnostics) {
    for (name, expected) in expected {
        let at = at.key("headers").key(name);
        if let Expected::Rule(Rule::Matches(expression)) = expected
            && let Err(why) = regex_lite::Regex::new(expression)
        {
            found.push(Diagnostic::error("regex", at.key("matches"), why.to_string()));
        }
        if let Expected::Rule(Rule::Latin1(text)) = expected
            && latin1(text).is_none()
        {
            found.push(Diagnostic::error("latin1", at.key("latin1"), "a character above U+00FF is no byte"));
        }
    }
}
