//! The deterministic platform, in this process.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use edge::Current;
use edge::platform::{Body, Failure};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use router_core::config::DOCUMENT_KEY;
use router_core::dispatch::{FailureClass, Phase, RequestSent};
use router_core::head::Scheme;
use serde_json::Value;
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, ScriptedBody, executor};

use super::session::{Outcome, Session, Waiting, steps};
use crate::case::exchange::{Answers, Client, ClockStep, Crowd, Fails, Step, Upstream};
use crate::case::{Case, Content, Texts};
use crate::observed::{Answer, Fields, Got, Observed, Seen};
use crate::wire::client::lines;

struct InMemory {
    memory: Memory,
    current: Rc<Current>,
    texts: Texts,
}

/// Runs one case.
pub(super) async fn run(case: &Case, waiting: &Waiting) -> Outcome {
    let texts =
        Texts { upstream: "127.0.0.1:7001".into(), second: "127.0.0.1:7002".into(), refused: "127.0.0.1:7003".into() };
    let memory = Memory::new(1, case.exchange.variables.clone());
    memory.script().refuse(&texts.refused);
    for (name, limiter) in &case.exchange.limiters {
        memory.bindings().bind(name, limiter.limit);
    }
    match memory.start(texts.put_into(&case.document)) {
        Ok(current) => steps(case, &mut InMemory { memory, current, texts }, waiting).await,
        Err(found) => {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            Outcome::broken(0, found.join("\n"))
        }
    }
}

impl Session for InMemory {
    fn texts(&self) -> &Texts {
        &self.texts
    }

    fn now(&self) -> u64 {
        self.memory.clock().unix_ms() / 1000
    }

    async fn ask(&mut self, step: &Step) -> Observed {
        let client = step.client.clone().unwrap_or_default();
        for upstream in step.upstream.as_slice() {
            self.memory.script().expect(play(upstream));
        }
        let answered = executor::run(async {
            let answer = self.memory.answer(&self.current, incoming(&client)).await;
            self.memory.run_background().await;
            answer
        });
        let got = match answered {
            Ok(answer) => Got::Answer(answer_of(&answer)),
            Err(stuck) => Got::Nothing(stuck.to_string()),
        };
        let seen = self.memory.script().take_seen().into_iter().map(|seen| self.seen(seen)).collect();
        let lines = self.memory.lines().take().into_iter().map(|line| parsed(&line)).collect();
        Observed { got, aside: Vec::new(), seen, lines }
    }

    async fn next_line(&mut self) -> Option<Value> {
        None
    }

    async fn store(&mut self, document: String) -> Result<(), String> {
        self.memory.store().insert(DOCUMENT_KEY, document);
        Ok(())
    }

    async fn clock(&mut self, step: &ClockStep) {
        match step {
            ClockStep::Forward(seconds) => self.memory.clock().forward(Duration::from_secs(*seconds)),
            ClockStep::Back(seconds) => self.memory.clock().back(Duration::from_secs(*seconds)),
        }
    }

    async fn crowd(&mut self, crowd: &Crowd, script: &[Upstream], requests: usize) -> (Vec<Got>, Vec<Seen>) {
        for upstream in script {
            self.memory.script().expect(play(upstream));
        }
        let asked = (0..requests).map(|_| self.answer(&crowd.client));
        let got = executor::run(futures_util::stream::iter(asked).buffer_unordered(crowd.clients).collect());
        let _ = executor::run(self.memory.run_background());
        let _ = self.memory.lines().take();
        let seen = self.memory.script().take_seen().into_iter().map(|seen| self.seen(seen)).collect();
        (got.unwrap_or_else(|stuck| vec![Got::Nothing(stuck.to_string())]), seen)
    }
}

impl InMemory {
    async fn answer(&self, client: &Client) -> Got {
        Got::Answer(answer_of(&self.memory.answer(&self.current, incoming(client)).await))
    }

    fn seen(&self, seen: tidegate_memory::Seen) -> Seen {
        Seen {
            at_second: seen.target.contains(&self.texts.second),
            method: seen.method.to_string(),
            target: seen.path_and_query,
            headers: owned(&seen.headers),
            body: seen.body.to_vec(),
            whole: seen.cut_off.is_none(),
            cut_off: seen.cut_off.map(|class| class.as_str().to_owned()),
            left: false,
            conversation: None,
        }
    }
}

/// A log line; one that is not JSON is kept as text.
pub(super) fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|_| Value::String(line.to_owned()))
}

fn owned(headers: &HeaderMap) -> Fields {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

fn answer_of(answer: &Outgoing) -> Answer {
    Answer {
        interim: Vec::new(),
        status: answer.status.as_u16(),
        headers: owned(&answer.headers),
        body: answer.body().to_vec(),
        truncated: answer.truncated.as_ref().map(|failure| failure.class.as_str().to_owned()),
        trailers: Fields::new(),
        conversation: None,
    }
}

fn incoming(client: &Client) -> Incoming {
    let body = match client.content() {
        Content::None => Body::Empty,
        Content::Whole(body) => Body::Bytes(body.into()),
        Content::Chunks(chunks) => {
            let body = ScriptedBody::new(chunks.into_iter().map(Bytes::from));
            Body::Stream(if client.breaks_off { body.then_fails(FailureClass::Protocol) } else { body })
        }
    };
    Incoming {
        method: client.method().to_owned(),
        target: client.target().to_owned(),
        headers: client.fields(),
        body,
        peer: Some(client.ip().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))),
        scheme: Scheme::Http,
        http10: client.http10,
        certificate: None,
        country: client.country.as_ref().and_then(|country| country.as_bytes().try_into().ok()),
    }
}

fn play(upstream: &Upstream) -> Play {
    let fails =
        |class| Play::Fail(Failure { class, request_sent: RequestSent::Yes, detail: "as the case says".to_owned() });
    let half = |class| Play::Answer(scripted(&upstream.answers, Some(class)));
    match upstream.fails {
        None => Play::Answer(scripted(&upstream.answers, None)),
        Some(Fails::Close | Fails::Reset) => fails(FailureClass::Reset),
        Some(Fails::Junk) => fails(FailureClass::Protocol),
        Some(Fails::Stall) => Play::Stall,
        Some(Fails::StallMidBody) => half(FailureClass::Timeout(Phase::Idle)),
        Some(Fails::ShortBody | Fails::ResetMidBody) => half(FailureClass::Reset),
    }
}

fn scripted(answers: &Answers, fails: Option<FailureClass>) -> Scripted {
    let mut headers = HeaderMap::new();
    for (name, field) in &answers.headers {
        for line in lines(field) {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(&line)) {
                headers.append(name, value);
            }
        }
    }
    let status = StatusCode::from_u16(answers.status.unwrap_or(200)).unwrap_or_default();
    let (pieces, length) = match answers.content() {
        Content::None => (Vec::new(), Some(0)),
        Content::Whole(body) => (vec![body.clone()], Some(body.len())),
        Content::Chunks(chunks) => (chunks, None),
    };
    let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    if let Some(length) = length.filter(|_| !bodiless && !headers.contains_key(header::CONTENT_LENGTH)) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let body = match fails {
        None => ScriptedBody::new(pieces.into_iter().map(Bytes::from)),
        Some(class) => {
            let whole = pieces.concat();
            let half = whole.get(..whole.len() / 2).unwrap_or_default().to_vec();
            ScriptedBody::new([Bytes::from(half)]).then_fails(class)
        }
    };
    Scripted { status, headers, body }
}
