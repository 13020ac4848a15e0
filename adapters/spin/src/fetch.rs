//! What the gateway asks on its own behalf, by the host's client. Its manifest must allow the server, as it must an upstream.

use bytes::Bytes;
use edge::platform::{Errand, Failure, Fetch, Fetched};
use futures_util::future::{Either, select};
use http::{HeaderValue, header};
use router_core::dispatch::{FailureClass, Phase, RequestSent, Timeouts};
use spin_sdk::wasip3::http::client;

use crate::Spin;
use crate::body::{Stream, no_trailers, wait, whole};
use crate::upstream::{Call, answer, classify, failed};

impl Fetch for Spin {
    async fn fetch(&self, errand: Errand<'_>) -> Result<Fetched, Failure> {
        let timeout = errand.timeout;
        match select(std::pin::pin!(ask(errand)), std::pin::pin!(wait(timeout))).await {
            // An errand has one deadline, whichever clock it is that rings first.
            Either::Left((Err(Failure { class: FailureClass::Timeout(_), request_sent, detail }), _)) => {
                Err(Failure { class: FailureClass::Timeout(Phase::Total), request_sent, detail })
            }
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => {
                let detail = format!("no whole answer in {} ms", timeout.as_millis());
                Err(failed(FailureClass::Timeout(Phase::Total), RequestSent::Unknown, detail))
            }
        }
    }
}

async fn ask(errand: Errand<'_>) -> Result<Fetched, Failure> {
    let Errand { target, method, path_and_query, mut headers, body, timeout, max_answer } = errand;
    // The host does not decode.
    headers.entry(header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    let limit = Some(timeout);
    let timeouts = Timeouts { connect: limit, first_byte: limit, idle: limit, total: None };
    let (bytes, trailers) = if body.is_empty() {
        (None, no_trailers())
    } else {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        let Stream { bytes, trailers, .. } = whole(body);
        (Some(bytes), trailers)
    };
    let call = Call { target, method: &method, path_and_query: &path_and_query, headers: &headers, timeouts };
    let response = client::send(call.request(bytes, trailers)?).await.map_err(|code| classify(&code))?;
    let answer = answer(response, timeouts)?;
    let body = read(answer.body.stream, max_answer).await?;
    Ok(Fetched { status: answer.status, headers: answer.headers, body })
}

/// The whole body, if it has at most `max` bytes and an end.
async fn read(mut stream: Stream, max: usize) -> Result<Bytes, Failure> {
    let mut read = Vec::new();
    while let Some(piece) = stream.next().await {
        read.extend_from_slice(&piece);
        if read.len() > max {
            let detail = format!("the answer is longer than {max} bytes");
            return Err(failed(FailureClass::Protocol, RequestSent::Yes, detail));
        }
    }
    // Whether the stream ended or broke is told where trailers would be.
    match stream.trailers.await {
        Ok(_) => Ok(read.into()),
        Err(code) => Err(Failure { request_sent: RequestSent::Yes, ..classify(&code) }),
    }
}
