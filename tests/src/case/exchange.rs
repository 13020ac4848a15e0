//! The shape of `exchange.yaml`. README.md says what it means; the doc comments here become its JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use super::forms::{Expected, FieldBytes, FieldText, OneOrMany, Rule};
use super::websocket::{Accepts, Asks, Message};
use crate::signed::{SignedText, Token};

/// What happens in a case.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "an exchange")]
pub struct Exchange {
    /// Where the case runs. Left out: everywhere.
    #[serde(default)]
    pub platforms: Vec<PlatformWord>,
    /// Values of `${env:NAME}` and `${secret:NAME}`.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Which build of the gateway runs.
    #[serde(default)]
    pub build: Build,
    /// The host's own rate limiters, by name.
    #[serde(default)]
    pub limiters: BTreeMap<String, Limiter>,
    /// Signed tokens that the case sends: `${token:NAME}`, and `${ath:NAME}` for the hash of one.
    #[serde(default)]
    pub tokens: BTreeMap<String, Token>,
    /// Other signed texts that the case sends: `${signed:NAME}`.
    #[serde(default)]
    pub signed: BTreeMap<String, SignedText>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// A build of the gateway.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Build {
    /// The one that is deployed.
    #[default]
    Product,
    /// One in which a request with the field `x-test-panic` panics.
    Test,
}

/// A rate limiter of the host, which counts for each key.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a limiter")]
pub struct Limiter {
    /// How many requests of a key it lets pass in a period.
    pub limit: u64,
    /// In seconds: 10 or 60.
    pub period: u64,
}

/// A platform.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum PlatformWord {
    /// The deterministic one.
    Memory,
    /// hyper and tokio.
    Native,
    /// workerd.
    Workers,
    /// wasmtime.
    Spin,
}

/// One step: a request (`client`, `upstream`, `gets`, `log`, `until`), a `crowd`, a `store` or a `clock`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "a step")]
pub struct Step {
    /// What the client sends. Left out: `GET /`.
    pub client: Option<Client>,
    /// What upstreams see and do, in order. Left out: none may be asked.
    pub upstream: OneOrMany<Upstream>,
    /// What other clients ask, one after the other, while the upstream holds back its first answer.
    pub meanwhile: OneOrMany<Aside>,
    /// What the client gets.
    pub gets: Option<Gets>,
    /// Members of the log lines that the request leads to.
    pub log: OneOrMany<Map<String, Value>>,
    /// The client asks again and again until a line with these members is logged. What it gets is not judged.
    pub until: Option<Map<String, Value>>,
    /// Puts a document into the key-value store; on native, into the file.
    pub store: Option<StoreStep>,
    /// Moves the clock; on platforms with a real one, nothing.
    pub clock: Option<ClockStep>,
    /// Many clients at once, which ask for the same.
    pub crowd: Option<Crowd>,
}

/// Many clients at once. The upstreams of the step answer them in the order in which they come.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a crowd")]
pub struct Crowd {
    /// How many have a connection at a time.
    pub clients: usize,
    /// What each request is. Left out: `GET /`.
    #[serde(default)]
    pub client: Client,
    /// How many answers of each status there are, and so how many requests in all.
    pub gets: Vec<Share>,
}

/// So many answers of a status.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a share")]
pub struct Share {
    /// The status.
    pub status: u16,
    /// How many.
    pub times: usize,
}

impl Crowd {
    /// How many answers of each status there are.
    #[must_use]
    pub fn statuses(&self) -> BTreeMap<u16, usize> {
        self.gets.iter().map(|share| (share.status, share.times)).collect()
    }

    /// How many requests there are.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.gets.iter().map(|share| share.times).sum()
    }
}

/// The request of another client.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "a request meanwhile")]
pub struct Aside {
    /// What it sends. Left out: `GET /`.
    pub client: Option<Client>,
    /// What it gets.
    pub gets: Option<Gets>,
}

/// A clock step.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(title = "a clock step")]
pub enum ClockStep {
    /// By so many seconds.
    Forward(u64),
    /// By so many seconds.
    Back(u64),
}

/// A newer document.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(title = "a store step")]
pub enum StoreStep {
    /// This document, as JSON.
    Document(Map<String, Value>),
    /// This text, be it a document or not.
    Text(String),
}

/// What the client sends.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "client")]
pub struct Client {
    /// Default `GET`.
    pub method: Option<String>,
    /// The request target, byte for byte. Default `/`.
    pub target: Option<String>,
    /// Header fields. `host` is `gateway.test` if left out, and not sent if null.
    pub headers: BTreeMap<String, Option<FieldText>>,
    /// The body, with its length.
    pub body: Option<String>,
    /// A body of so many bytes of a pattern, with its length.
    pub body_bytes: Option<usize>,
    /// The body in pieces, without a length.
    pub chunks: Option<Vec<String>>,
    /// Sends `body_bytes` without a length.
    pub chunked: bool,
    /// Sends the next chunk only when the upstream has all before it.
    pub lockstep: bool,
    /// Sends what is no chunk where the next one should be.
    pub breaks_off: bool,
    /// Sends the body only when told `100 Continue`.
    pub expect_continue: bool,
    /// HTTP/1.0.
    pub http10: bool,
    /// The client's address; default 127.0.0.1.
    pub address: Option<String>,
    /// The country that the platform sees the client in: two capital letters.
    pub country: Option<String>,
    /// Closes the connection early.
    pub leaves: Option<Leaves>,
    /// Asks for WebSocket.
    pub websocket: Option<Asks>,
}

/// When a client leaves.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Leaves {
    /// When the upstream has the request.
    BeforeAnswer,
    /// After the first piece of the body of the answer.
    MidAnswer,
    /// After the first chunk of its own body has reached the upstream.
    MidRequest,
}

/// What an upstream sees and does.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "upstream")]
pub struct Upstream {
    /// What it sees.
    pub sees: Sees,
    /// What it answers. Default: 200 without a body.
    pub answers: Answers,
    /// How it fails.
    pub fails: Option<Fails>,
    /// It may be asked after the client has its answer.
    pub later: bool,
}

/// What an upstream sees. What is left out is not judged.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "sees")]
pub struct Sees {
    /// Which upstream it is.
    pub at: Option<At>,
    /// The method.
    pub method: Option<String>,
    /// The request target, byte for byte.
    pub target: Option<String>,
    /// Fields that are there.
    pub headers: BTreeMap<String, Expected>,
    /// Fields that are not there.
    pub absent: Vec<String>,
    /// The whole body.
    pub body: Option<String>,
    /// A body of so many bytes of the pattern.
    pub body_bytes: Option<usize>,
    /// Members of a JSON body.
    pub json: Option<Value>,
    /// The body did not come whole.
    pub cut_off: Option<bool>,
    /// The connection was closed before the answer was complete.
    pub left: Option<bool>,
    /// The messages that came over WebSocket.
    pub messages: Option<Vec<Message>>,
    /// The code with which the client closed the WebSocket, or agreed to close it.
    pub closes: Option<u16>,
}

/// One of the upstreams of a case.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// `${env:UPSTREAM}`.
    Upstream,
    /// `${env:SECOND}`.
    Second,
}

/// What an upstream answers.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "answers")]
pub struct Answers {
    /// Default 200.
    pub status: Option<u16>,
    /// Header fields. A length is added where none is given.
    pub headers: BTreeMap<String, FieldText>,
    /// The body.
    pub body: Option<String>,
    /// A body of so many bytes of a pattern.
    pub body_bytes: Option<usize>,
    /// The body in hexadecimal digits.
    pub hex: Option<String>,
    /// The body in pieces, without a length.
    pub chunks: Option<Vec<String>>,
    /// Sends the next chunk only when the client has all before it.
    pub lockstep: bool,
    /// Trailers, after `chunks`.
    pub trailers: BTreeMap<String, FieldText>,
    /// Interim answers before it.
    pub interim: Vec<u16>,
    /// Accepts WebSocket, with the status 101.
    pub websocket: Option<Accepts>,
}

/// How an upstream fails, after it has seen the request.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Fails {
    /// Closes the connection without an answer.
    Close,
    /// Resets the connection without an answer.
    Reset,
    /// Resets it when the client has the first half of the body.
    ResetMidBody,
    /// Closes it when the client has the first half of the body.
    ShortBody,
    /// Never answers.
    Stall,
    /// Sends the first half of the body and no more.
    StallMidBody,
    /// Sends what is not HTTP.
    Junk,
}

/// What the client gets. What is left out is not judged.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "gets")]
pub struct Gets {
    /// The status.
    pub status: Option<u16>,
    /// Fields that are there.
    pub headers: BTreeMap<String, Expected>,
    /// Fields that are not there.
    pub absent: Vec<String>,
    /// The whole body.
    pub body: Option<String>,
    /// A body of so many bytes of the pattern.
    pub body_bytes: Option<usize>,
    /// The whole body in hexadecimal digits.
    pub hex: Option<String>,
    /// A part of the body.
    pub contains: Option<String>,
    /// Members of a JSON body.
    pub json: Option<Value>,
    /// Whether the body breaks off. Default false.
    pub truncated: bool,
    /// The code of a problem.
    pub problem: Option<String>,
    /// The trailers, all of them.
    pub trailers: Option<BTreeMap<String, Expected>>,
    /// The interim answers before it.
    pub interim: Option<Vec<u16>>,
    /// The messages that came over WebSocket.
    pub messages: Option<Vec<Message>>,
    /// The code with which the upstream closed the WebSocket, or agreed to close it.
    pub closes: Option<u16>,
    /// Nothing: the connection is closed without an answer.
    pub nothing: bool,
}
