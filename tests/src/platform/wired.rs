//! A case on a platform with sockets: a client and upstreams of ours, and a gateway between them.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;

use super::memory::parsed;
use super::session::{Session, Waiting};
use crate::case::Texts;
use crate::case::exchange::{Client, ClockStep, Crowd, Step, Upstream};
use crate::judge::{Wait, answers, wait};
use crate::observed::{Fields, Got, Observed, Seen};
use crate::wire::Progress;
use crate::wire::client;
use crate::wire::upstream::Upstreams;

/// What the platforms do differently.
pub(super) trait Control {
    /// Puts a newer document where the gateway finds it.
    async fn store(&mut self, document: String) -> Result<(), String>;

    /// Whether it finds a newer document without being asked for anything.
    fn watches(&self) -> bool;

    /// What the client sends beside the case's own fields, as a proxy of the platform would.
    fn fields(&self, client: &Client) -> Fields;
}

/// The session.
pub(super) struct Wired<C> {
    pub(super) gateway: SocketAddr,
    pub(super) upstreams: Upstreams,
    pub(super) lines: UnboundedReceiver<String>,
    pub(super) waiting: Waiting,
    pub(super) control: C,
}

impl<C: Control> Session for Wired<C> {
    fn texts(&self) -> &Texts {
        self.upstreams.texts()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the gateway has a process of its own, with the clock of this machine"
    )]
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    async fn ask(&mut self, step: &Step) -> Observed {
        let client = step.client.clone().unwrap_or_default();
        self.upstreams.expect(step.upstream.as_slice());
        let more = self.control.fields(&client);
        self.waiting.for_("the answer");
        let mut aside = Vec::new();
        let messages = step.gets.as_ref().and_then(|gets| gets.messages.as_ref()).map_or(0, Vec::len);
        let got = {
            let own = pin!(client::exchange(self.gateway, &client, &more, messages, self.upstreams.progress()));
            let others = pin!(self.others(step, &mut aside));
            match select(own, others).await {
                Either::Left((got, _)) => got,
                Either::Right(((), own)) => own.await,
            }
        };
        self.waiting.for_("what the upstream should see");
        let seen = self.upstreams.seen(|seen| enough(step, &client, seen)).await;
        self.waiting.for_("a log line");
        let mut lines = Vec::new();
        while let Ok(line) = self.lines.try_recv() {
            lines.push(parsed(&line));
        }
        // After a wrong answer a line may never come, and the answer says more than the silence.
        let goes_well = step.until.is_some() || answers(step, &got, &aside, self.upstreams.texts()).is_empty();
        while goes_well && wait(step, &got, &lines) == Wait::More {
            match self.lines.recv().await {
                Some(line) => lines.push(parsed(&line)),
                None => break,
            }
        }
        // An answer that no upstream should have been asked for may still be on its way to one.
        let seen = if seen.is_empty() { self.upstreams.seen(|_| true).await } else { seen };
        Observed { got, aside, seen, lines }
    }

    async fn next_line(&mut self) -> Option<Value> {
        if !self.control.watches() {
            return None;
        }
        match self.lines.recv().await {
            Some(line) => Some(parsed(&line)),
            None => std::future::pending().await,
        }
    }

    async fn store(&mut self, document: String) -> Result<(), String> {
        self.control.store(document).await
    }

    async fn clock(&mut self, _: &ClockStep) {}

    async fn crowd(&mut self, crowd: &Crowd, script: &[Upstream], requests: usize) -> (Vec<Got>, Vec<Seen>) {
        self.upstreams.expect(script);
        self.upstreams.progress().release();
        self.waiting.for_("the answers of the crowd");
        let more = self.control.fields(&crowd.client);
        let progress = Progress::default();
        let asked = (0..requests).map(|_| client::exchange(self.gateway, &crowd.client, &more, 0, &progress));
        let got: Vec<Got> = futures_util::stream::iter(asked).buffer_unordered(crowd.clients).collect().await;
        self.waiting.for_("the log lines of the crowd");
        // None of them may be taken for one of the next step.
        let mut left = got.iter().filter(|got| matches!(got, Got::Answer(_))).count();
        while left > 0 && self.lines.recv().await.is_some() {
            left -= 1;
        }
        let seen = self.upstreams.seen(|_| true).await;
        (got, seen)
    }
}

impl<C: Control> Wired<C> {
    /// What other clients ask while the first answer of the upstream is held back.
    async fn others(&self, step: &Step, got: &mut Vec<Got>) {
        let progress = self.upstreams.progress();
        let others = step.meanwhile.as_slice();
        if !others.is_empty() {
            progress.until_asked().await;
        }
        for other in others {
            let client = other.client.clone().unwrap_or_default();
            let more = self.control.fields(&client);
            got.push(client::exchange(self.gateway, &client, &more, 0, &Progress::default()).await);
        }
        progress.release();
    }
}

/// Whether there is nothing to wait for upstream. What an upstream answered it has seen before; only what the gateway breaks off or gives up, and what it
/// tells somebody `later`, may be seen later than the client sees its answer.
fn enough(step: &Step, client: &Client, seen: &[Seen]) -> bool {
    let expected = step.upstream.as_slice();
    let late = client.leaves.is_some()
        || expected.iter().any(|upstream| {
            upstream.later
                || upstream.fails.is_some()
                || upstream.sees.cut_off == Some(true)
                || upstream.answers.websocket.is_some()
        });
    if !late || step.until.is_some() {
        return true;
    }
    seen.len() >= expected.len()
        && expected.iter().zip(seen).all(|(expected, seen)| {
            (seen.whole || seen.cut_off.is_some())
                && (expected.sees.left != Some(true) || seen.left)
                && (expected.answers.websocket.is_none() || seen.conversation.is_some())
        })
}
