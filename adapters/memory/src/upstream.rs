//! The scripted upstream: what it sees is recorded, what it does was told beforehand.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use edge::platform::{Answer, Body, Failure, Question, Read, Upstreams};
use http::{HeaderMap, Method, StatusCode, header};
use router_core::dispatch::{FailureClass, Phase, RequestSent, Target, Timeouts, Upstream};

use crate::Memory;
use crate::executor::turn;

/// What upstreams will do, in order, and what they have seen. One script serves every target.
#[derive(Debug, Default)]
pub struct Script {
    plays: RefCell<VecDeque<Play>>,
    seen: RefCell<Vec<Seen>>,
    refused: RefCell<Vec<String>>,
}

/// What an upstream does with one request.
#[derive(Clone, Debug)]
pub enum Play {
    /// Answers.
    Answer(Scripted),
    /// Answers when everybody else has had a turn, so that others can ask in the meantime. The clock does not move.
    AnswerLater(Scripted),
    /// Fails before there is an answer.
    Fail(Failure),
    /// Takes the request and is silent. The clock goes on to the first deadline that passes.
    Stall,
}

/// A request as an upstream saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The target that was asked.
    pub target: String,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub path_and_query: String,
    /// The header fields, `Host` included.
    pub headers: HeaderMap,
    /// The body, as far as it came.
    pub body: Bytes,
    /// Why the body did not come whole.
    pub cut_off: Option<FailureClass>,
}

/// An answer to be played.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: ScriptedBody,
}

/// A body: pieces, and perhaps a failure where its end should be.
#[derive(Clone, Debug, Default)]
pub struct ScriptedBody {
    pieces: VecDeque<Bytes>,
    end: Option<Failure>,
}

impl ScriptedBody {
    /// A body of these pieces.
    #[must_use]
    pub fn new(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        Self { pieces: pieces.into_iter().collect(), end: None }
    }

    /// Fails after its pieces.
    #[must_use]
    pub fn then_fails(mut self, class: FailureClass) -> Self {
        self.end = Some(failure(class, RequestSent::Yes, "the script says so"));
        self
    }
}

impl Iterator for ScriptedBody {
    type Item = Result<Bytes, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        self.pieces.pop_front().map(Ok).or_else(|| self.end.take().map(Err))
    }
}

impl Script {
    /// Adds what the next request will meet.
    pub fn expect(&self, play: Play) {
        self.plays.borrow_mut().push_back(play);
    }

    /// Lets every connection to this authority be refused.
    pub fn refuse(&self, authority: &str) {
        self.refused.borrow_mut().push(authority.to_owned());
    }

    /// Takes the requests seen since the last time, and forgets what was not played.
    #[must_use]
    pub fn take_seen(&self) -> Vec<Seen> {
        self.plays.borrow_mut().clear();
        self.seen.take()
    }
}

impl Answer for Scripted {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn headers(&self) -> Cow<'_, HeaderMap> {
        Cow::Borrowed(&self.headers)
    }
}

impl Upstreams for Memory {
    type Inbound = HeaderMap;
    type Stream = ScriptedBody;
    type Answer = Scripted;

    async fn ask(&self, question: Question<'_, Self>) -> Result<Scripted, Failure> {
        let Question { target, head, host, inbound, body, max_body, timeouts, .. } = question;
        let authority = target.authority().as_str();
        // As on hosts that keep the request themselves: what the gateway has only taken out of its own copy is still here.
        let mut headers = inbound;
        head.edits.apply(&mut headers);
        if let Some(host) = host.or_else(|| authority.parse().ok()) {
            headers.insert(header::HOST, host);
        }
        let (body, cut_off) = drain(body, max_body);
        let seen = Seen {
            target: target.to_string(),
            method: head.method,
            path_and_query: head.path_and_query,
            headers,
            body,
            cut_off: cut_off.as_ref().map(|failure| failure.class),
        };
        let play = self.meet(seen, target)?;
        match cut_off {
            Some(failure) => Err(failure),
            None => self.play(play, timeouts).await,
        }
    }

    fn warm(&self, _index: usize, _upstream: &Upstream, _target: &Target) {}

    async fn read(&self, body: Body<ScriptedBody>, max: usize) -> Result<Read, Failure> {
        let mut bytes = Vec::new();
        for piece in pieces(body) {
            bytes.extend_from_slice(&piece?);
            if bytes.len() > max {
                bytes.truncate(max);
                return Ok(Read { bytes: bytes.into(), truncated: true });
            }
        }
        Ok(Read { bytes: bytes.into(), truncated: false })
    }
}

impl Memory {
    /// Notes a request to `target` and takes what it will meet.
    pub(crate) fn meet(&self, seen: Seen, target: &Target) -> Result<Option<Play>, Failure> {
        let script = &self.state.script;
        if script.refused.borrow().iter().any(|refused| refused == target.authority().as_str()) {
            return Err(failure(FailureClass::Connect, RequestSent::No, "connection refused"));
        }
        script.seen.borrow_mut().push(seen);
        Ok(script.plays.borrow_mut().pop_front())
    }

    pub(crate) async fn play(&self, play: Option<Play>, timeouts: Timeouts) -> Result<Scripted, Failure> {
        match play {
            Some(Play::Answer(answer)) => Ok(answer),
            Some(Play::AnswerLater(answer)) => {
                turn().await;
                Ok(answer)
            }
            Some(Play::Fail(failure)) => Err(failure),
            Some(Play::Stall) => Err(self.wait_in_vain(timeouts).await),
            None => Err(failure(FailureClass::Unknown, RequestSent::Yes, "the script has no answer for this request")),
        }
    }

    /// Lets the clock go on to the deadline that passes first. Without a deadline it waits for ever, as a real host would.
    async fn wait_in_vain(&self, timeouts: Timeouts) -> Failure {
        let deadlines = [(timeouts.first_byte, Phase::FirstByte), (timeouts.total, Phase::Total)];
        let first =
            deadlines.into_iter().filter_map(|(after, phase)| Some((after?, phase))).min_by_key(|(after, _)| *after);
        let Some((after, phase)): Option<(Duration, Phase)> = first else { return std::future::pending().await };
        self.state.clock.forward(after);
        failure(FailureClass::Timeout(phase), RequestSent::Yes, "a deadline passed")
    }
}

/// Reads all of a body, but no more than the limit and no further than a failure.
fn drain(body: Body<ScriptedBody>, max_body: u64) -> (Bytes, Option<Failure>) {
    let mut bytes = Vec::new();
    for piece in pieces(body) {
        match piece {
            Ok(piece) if (bytes.len() + piece.len()) as u64 > max_body => {
                let long = failure(FailureClass::BodyTooLarge, RequestSent::Yes, "");
                return (bytes.into(), Some(long));
            }
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(failure) => return (bytes.into(), Some(Failure { class: FailureClass::ClientBody, ..failure })),
        }
    }
    (bytes.into(), None)
}

fn pieces(body: Body<ScriptedBody>) -> ScriptedBody {
    match body {
        Body::Empty => ScriptedBody::default(),
        Body::Bytes(bytes) => ScriptedBody::new([bytes]),
        Body::Stream(stream) => stream,
    }
}

pub(crate) fn failure(class: FailureClass, request_sent: RequestSent, detail: &str) -> Failure {
    Failure { class, request_sent, detail: detail.to_owned() }
}
