//! The cache of a thread, with real upstreams on the loopback.

use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use edge::AtEnd;
use edge::platform::{Body as Sent, Question, Upstreams};
use http::{HeaderMap, HeaderValue, Method, header};
use http_body::Body;
use http_body_util::BodyExt;
use router_core::HeaderEdits;
use router_core::cache::Variants;
use router_core::dispatch::UpstreamHead;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use super::*;
use crate::platform::tests::native;
use crate::request::Inbound;

const LIFETIME: Duration = Duration::from_secs(60);
const MOST: u64 = 1000;

fn key(number: u64) -> Key {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&number.to_le_bytes());
    Key(key)
}

fn entry() -> Entry {
    Entry { lifetime_ms: 60_000, ..Entry::default() }
}

/// An upstream that the test plays itself, and the platform that asks it.
struct Bench {
    platform: Native,
    listener: TcpListener,
}

impl Bench {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = format!("http://{}", listener.local_addr().unwrap());
        Self { platform: native(json!({"up": {"targets": [{"url": target}]}})), listener }
    }

    fn question(&self, method: Method) -> Question<'_, Native> {
        static NONE: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
        let upstream = &self.platform.loaded.gateway.upstreams[0];
        Question {
            index: 0,
            upstream,
            target: &upstream.targets[0],
            head: UpstreamHead { method, path_and_query: "/".into(), edits: HeaderEdits::new(), upgrade: None },
            host: None,
            headers: &NONE,
            inbound: Inbound { upgrade: None },
            body: Sent::Empty,
            max_body: 0,
            timeouts: upstream.timeouts,
        }
    }

    /// The answer to a request that is answered with `text`, and the upstream's end of the connection.
    async fn ask(&self, method: Method, text: &str) -> (NativeAnswer, TcpStream) {
        let play = async {
            let (mut stream, _) = self.listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            stream.write_all(text.as_bytes()).await.unwrap();
            stream
        };
        let (answer, stream) = tokio::join!(self.platform.ask(self.question(method)), play);
        (answer.unwrap(), stream)
    }

    /// The answer to `GET`, being stored, and the upstream's end of the connection; and what comes when it is settled.
    async fn storing(&self, entry: Entry, text: &str) -> (NativeAnswer, TcpStream, oneshot::Receiver<()>) {
        let (answer, stream) = self.ask(Method::GET, text).await;
        let (end, ended) = oneshot::channel();
        let end = AtEnd::new(move || end.send(()).unwrap_or(()));
        (self.platform.store_passing(&key(1), entry, answer, MOST, LIFETIME, end), stream, ended)
    }

    async fn found(&self) -> Option<Found<Bytes>> {
        self.platform.find(&key(1)).await.unwrap()
    }

    async fn found_body(&self) -> Option<Bytes> {
        Some(self.found().await?.body)
    }
}

fn entry_of(found: &Found<Bytes>) -> &Entry {
    match &*found.item {
        Item::Answer(entry) => entry,
        Item::Variants(_) => panic!("{found:?}"),
    }
}

/// An answer with this body in chunks, but for the last one.
fn chunked(pieces: &[&str]) -> String {
    let chunks: String = pieces.iter().map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len())).collect();
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}")
}

fn sized(length: usize, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn a_body_that_comes_whole_passes_and_is_stored_byte_for_byte() {
    LocalSet::new()
        .run_until(async {
            let long = "0123456789".repeat(100);
            for text in [
                sized(5, "hello"),
                sized(1000, &long),
                format!("HTTP/1.1 200 OK\r\n\r\n{long}"),
                chunked(&["hello", &long[5..]]) + "0\r\n\r\n",
                chunked(&["h", "ello"]) + "0\r\nx-sum: 1\r\n\r\n",
            ] {
                let bench = Bench::new().await;
                let (answer, stream, ended) = bench.storing(entry(), &text).await;
                drop(stream);
                let passed = answer.body.collect().await.unwrap();
                assert_eq!(passed.trailers().is_some(), text.contains("x-sum"), "{text}");
                let passed = passed.to_bytes();
                assert!(passed == "hello" || passed.len() == 1000, "{passed:?}");
                let found = bench.found().await.unwrap();
                assert_eq!(found.body, passed, "{text}");
                assert_eq!(entry_of(&found).length, Some(passed.len() as u64));
                ended.await.unwrap();
                assert_eq!(bench.platform.thread.cache.coming(), 0);
            }
        })
        .await;
}

#[tokio::test]
async fn it_is_stored_before_its_last_piece_is_handed_on() {
    LocalSet::new()
        .run_until(async {
            let bench = Bench::new().await;
            let (mut answer, _stream, ended) = bench.storing(entry(), &sized(5, "hello")).await;
            assert_eq!(bench.found_body().await, None);
            let piece = answer.body.frame().await.unwrap().unwrap();
            assert_eq!(piece.data_ref().unwrap(), "hello");
            assert_eq!(bench.found_body().await.unwrap(), "hello");
            ended.await.unwrap();
        })
        .await;
}

#[tokio::test]
async fn an_answer_without_a_body_is_stored_at_once() {
    LocalSet::new()
        .run_until(async {
            for (method, entry, text) in [
                (Method::GET, entry(), "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
                (Method::GET, entry(), "HTTP/1.1 204 No Content\r\n\r\n"),
                (Method::GET, entry(), "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n"),
            ] {
                let bench = Bench::new().await;
                let (answer, _stream) = bench.ask(method, text).await;
                let (end, ended) = oneshot::channel();
                let end = AtEnd::new(move || end.send(()).unwrap());
                let answer = bench.platform.store_passing(&key(1), entry, answer, MOST, LIFETIME, end);
                ended.await.unwrap();
                assert!(answer.body.is_end_stream());
                assert_eq!(bench.found_body().await.unwrap(), "", "{text}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_stored() {
    LocalSet::new()
        .run_until(async {
            for text in [sized(6, "hello"), chunked(&["hello"]), chunked(&["hello"]) + "nonsense\r\n"] {
                let bench = Bench::new().await;
                let (answer, stream, ended) = bench.storing(entry(), &text).await;
                drop(stream);
                answer.body.collect().await.unwrap_err();
                ended.await.unwrap();
                assert_eq!(bench.found_body().await, None, "{text}");
                assert_eq!(bench.platform.thread.cache.coming(), 0);
            }
        })
        .await;
}

#[tokio::test]
async fn a_body_that_is_too_long_passes_whole_and_is_not_stored() {
    LocalSet::new()
        .run_until(async {
            let long = "x".repeat(1001);
            for text in [sized(1001, &long), chunked(&[&long[..600], &long[600..]]) + "0\r\n\r\n"] {
                let bench = Bench::new().await;
                bench.platform.store(&key(1), Item::Answer(entry()), "old".into(), LIFETIME).await.unwrap();
                let (answer, _stream, ended) = bench.storing(entry(), &text).await;
                let passed = answer.body.collect().await.unwrap().to_bytes();
                assert_eq!(passed, long);
                ended.await.unwrap();
                assert_eq!(bench.found_body().await.unwrap(), "old");
                assert_eq!(bench.platform.thread.cache.coming(), 0);
            }
        })
        .await;
}

#[tokio::test]
async fn what_a_client_leaves_is_read_to_its_end_and_stored() {
    LocalSet::new()
        .run_until(async {
            for (text, rest) in [(sized(10, "hello"), "world"), (chunked(&["hello"]), "5\r\nworld\r\n0\r\n\r\n")] {
                let bench = Bench::new().await;
                let (mut answer, mut stream, ended) = bench.storing(entry(), &text).await;
                answer.body.frame().await.unwrap().unwrap();
                drop(answer);
                assert_eq!(bench.found_body().await, None);
                stream.write_all(rest.as_bytes()).await.unwrap();
                ended.await.unwrap();
                assert_eq!(bench.found_body().await.unwrap(), "helloworld");
            }
        })
        .await;
}

#[tokio::test]
async fn what_a_client_leaves_is_not_waited_for_without_end() {
    LocalSet::new()
        .run_until(async {
            let bench = Bench::new().await;
            let (answer, _stream, ended) = bench.storing(entry(), &sized(10, "hello")).await;
            // From now on the clock goes on by itself when everybody waits.
            tokio::time::pause();
            drop(answer);
            ended.await.unwrap();
            assert_eq!(bench.found_body().await, None);
            assert_eq!(bench.platform.thread.cache.coming(), 0);
        })
        .await;
}

#[test]
fn a_body_may_be_dropped_where_there_is_no_runtime_left() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = LocalSet::new();
    let (answer, _stream, mut ended) = local.block_on(&runtime, async {
        let bench = Bench::new().await;
        bench.storing(entry(), &sized(10, "hello")).await
    });
    drop((local, runtime));
    drop(answer);
    ended.try_recv().unwrap();
}

#[tokio::test]
async fn an_entry_without_a_validator_gets_one_of_the_hash_of_its_body() {
    LocalSet::new()
        .run_until(async {
            let bench = Bench::new().await;
            let entry = Entry { wants_etag: true, ..entry() };
            let (answer, _stream, _) = bench.storing(entry, &(chunked(&["hel", "lo"]) + "0\r\n\r\n")).await;
            answer.body.collect().await.unwrap();
            let found = bench.found().await.unwrap();
            // `printf hello | sha256sum | cut -c -32`
            assert_eq!(entry_of(&found).headers[header::ETAG], "\"2cf24dba5fb0a30e26e83b2ac5b9e29e\"");
        })
        .await;
}

#[tokio::test]
async fn an_answer_to_nobody_is_stored_or_it_is_told_why_not() {
    LocalSet::new()
        .run_until(async {
            let long = "x".repeat(1001);
            let huge = "HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n".to_owned();
            for (most, text, reason) in [
                (MOST, sized(5, "hello"), None),
                (MOST, sized(0, ""), None),
                (MOST, chunked(&["hello"]) + "0\r\nx: 1\r\n\r\n", None),
                (MOST, chunked(&["hello"]), Some("ended before its end")),
                (MOST, sized(1001, &long), Some("longer than 1000 bytes")),
                (MOST, chunked(&[&long]), Some("longer than 1000 bytes")),
                (u64::MAX, huge, Some("at most 8388608 (an eighth")),
            ] {
                let bench = Bench::new().await;
                let (answer, stream) = bench.ask(Method::GET, &text).await;
                drop(stream);
                let stored = bench.platform.store_whole(&key(1), entry(), answer, most, LIFETIME).await;
                assert_eq!(bench.found().await.is_some(), reason.is_none(), "{text:.80}");
                match (stored, reason) {
                    (Ok(()), None) => {}
                    (Err(CacheFailure::Failed(why)), Some(reason)) => assert!(why.contains(reason), "{why}"),
                    (stored, _) => panic!("{stored:?}, {text:.80}"),
                }
            }
        })
        .await;
}

#[tokio::test]
async fn an_answer_read_to_its_end_gives_its_connection_back() {
    LocalSet::new()
        .run_until(async {
            let bench = Bench::new().await;
            let text = chunked(&["hello"]) + "0\r\nx: 1\r\n\r\n";
            let (answer, mut stream) = bench.ask(Method::GET, &text).await;
            bench.platform.store_whole(&key(1), entry(), answer, MOST, LIFETIME).await.unwrap();
            // The next question comes on the same connection.
            let mut head = [0; 100];
            let asked = tokio::select! {
                _ = bench.platform.ask(bench.question(Method::GET)) => unreachable!("nobody answers"),
                asked = stream.read(&mut head) => asked.unwrap(),
            };
            assert!(asked > 0);
        })
        .await;
}

#[tokio::test]
async fn a_renewed_answer_has_the_new_head_and_the_same_body() {
    let platform = native(json!({}));
    platform.store(&key(1), Item::Answer(entry()), "hello".into(), LIFETIME).await.unwrap();
    let found = platform.find(&key(1)).await.unwrap().unwrap();
    let mut newer = entry_of(&found).clone();
    newer.stored_ms = 7;
    newer.headers.insert(header::AGE, HeaderValue::from_static("1"));
    assert_eq!(platform.renew(&key(1), newer.clone(), found.body.clone(), LIFETIME).await.unwrap(), "hello");
    let again = platform.find(&key(1)).await.unwrap().unwrap();
    assert_eq!((entry_of(&again), again.body.as_ptr()), (&newer, found.body.as_ptr()));
    platform.forget(&key(1)).await.unwrap();
    assert!(platform.find(&key(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_stored_holds_on_to_nothing_larger() {
    let platform = native(json!({}));
    let buffer = Bytes::from(vec![b'x'; 100_000]);
    platform.store(&key(1), Item::Answer(entry()), buffer.slice(..10), LIFETIME).await.unwrap();
    assert!(buffer.is_unique());
}

/// The clock stands still unless the test moves it.
#[tokio::test(start_paused = true)]
async fn what_has_expired_is_gone() {
    let platform = native(json!({}));
    let variants = Variants { generation: "g".into(), sets: vec![vec!["accept".into()]], stored_ms: 1 };
    platform.store(&key(1), Item::Variants(variants.clone()), Bytes::new(), LIFETIME).await.unwrap();
    platform.store(&key(2), Item::Answer(entry()), Bytes::new(), Duration::MAX).await.unwrap();
    tokio::time::advance(LIFETIME - Duration::from_millis(1)).await;
    assert_eq!(*platform.find(&key(1)).await.unwrap().unwrap().item, Item::Variants(variants));
    tokio::time::advance(Duration::from_millis(1)).await;
    let before = platform.thread.cache.weight();
    assert!(platform.find(&key(1)).await.unwrap().is_none());
    assert!(platform.thread.cache.weight() < before);
    assert!(platform.find(&key(2)).await.unwrap().is_some());
}

/// A body of which no piece has come yet tells so, and does not hold up anybody.
#[tokio::test]
async fn the_client_waits_for_the_upstream_only() {
    LocalSet::new()
        .run_until(async {
            let bench = Bench::new().await;
            let (mut answer, mut stream, _) = bench.storing(entry(), &sized(5, "")).await;
            let mut context = Context::from_waker(Waker::noop());
            assert!(matches!(Pin::new(&mut answer.body).poll_frame(&mut context), Poll::Pending));
            assert_eq!((answer.body.is_end_stream(), answer.body.size_hint().exact()), (false, Some(5)));
            stream.write_all(b"hello").await.unwrap();
            assert_eq!(answer.body.collect().await.unwrap().to_bytes(), "hello");
        })
        .await;
}
