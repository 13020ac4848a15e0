//! The gateway's own questions go to the same script as those of clients.

use edge::platform::{Body, Errand, Failure, Fetch, Fetched, Upstreams};
use router_core::dispatch::{FailureClass, RequestSent, Timeouts};

use crate::upstream::failure;
use crate::{Memory, Seen};

impl Fetch for Memory {
    async fn fetch(&self, errand: Errand<'_>) -> Result<Fetched, Failure> {
        let Errand { target, method, path_and_query, mut headers, body, timeout, max_answer } = errand;
        if let Ok(host) = target.authority().as_str().parse() {
            headers.insert(http::header::HOST, host);
        }
        let seen = Seen { target: target.to_string(), method, path_and_query, headers, body, cut_off: None };
        let timeouts = Timeouts { total: Some(timeout), ..Timeouts::default() };
        let answer = self.play(self.meet(seen, target)?, timeouts).await?;
        let read = self.read(Body::Stream(answer.body), max_answer).await?;
        if read.truncated {
            return Err(failure(FailureClass::Protocol, RequestSent::Yes, "the answer is too long"));
        }
        Ok(Fetched { status: answer.status, headers: answer.headers, body: read.bytes })
    }
}
