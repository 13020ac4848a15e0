//! The life of instances.

use spin_host::Settings;

use crate::support::{get, start, start_with_output};

/// Instances that do not die of idleness while a slow machine runs the test.
fn patient() -> Settings {
    Settings { idle_timeout_ms: 600_000, ..Settings::default() }
}

#[tokio::test]
async fn an_instance_serves_as_many_requests_as_it_may() {
    let app = start(Settings { max_instance_reuse: 2, ..patient() }).await;
    let mut counts = Vec::new();
    for _ in 0..4 {
        counts.push(get(&app, "/count", &[]).await.text().to_owned());
    }
    assert_eq!(counts, ["1", "2", "1", "2"]);
}

#[tokio::test]
async fn a_panic_is_a_500_and_costs_the_instance_not_the_host() {
    let (app, output) = start_with_output(patient()).await;
    assert_eq!(get(&app, "/count", &[]).await.text(), "1");
    assert_eq!(get(&app, "/panic", &[]).await.status, 500);
    assert_eq!(get(&app, "/count", &[]).await.text(), "1");
    let said: Vec<_> = output.try_iter().flatten().collect();
    assert!(said.iter().any(|line| line.contains(r#""stderr":"asked to""#)), "{said:?}");
    assert!(said.iter().any(|line| line.contains(r#""host":"instance ended"#)), "{said:?}");
}

#[tokio::test]
async fn an_endless_loop_is_ended_and_stalls_nobody() {
    let app = start(Settings { request_timeout_ms: 500, ..patient() }).await;
    // The same thread runs all of it, and this one has all the time it needs.
    let neighbour = start(patient()).await;
    let loops = async { tokio::join!(get(&app, "/loop", &[]), get(&app, "/loop", &[])) };
    let (loops, beside) = tokio::join!(loops, get(&neighbour, "/now", &[]));
    assert_eq!([loops.0.status, loops.1.status], [500; 2]);
    assert_eq!(beside.status, 200);
}

#[tokio::test]
async fn work_goes_on_behind_the_answer() {
    let (app, output) = start_with_output(patient()).await;
    assert_eq!(get(&app, "/after", &[]).await.text(), "answered");
    let line = tokio::task::spawn_blocking(move || output.recv()).await.expect("a thread").expect("a line");
    assert_eq!(line.expect("a line"), r#"{"id":"app","stdout":"after the response"}"#);
}

#[tokio::test]
async fn requests_share_an_instance_at_the_same_time() {
    let app = start(Settings { max_instance_reuse: 2, ..patient() }).await;
    let waiting = get(&app, "/wait", &[]);
    tokio::pin!(waiting);
    // One of these reaches the instance that waits: the others die of their second request.
    let woken = loop {
        tokio::select! {
            answer = &mut waiting => break answer,
            _ = get(&app, "/wake", &[]) => {}
        }
    };
    assert_eq!(woken.text(), "woken");
}
