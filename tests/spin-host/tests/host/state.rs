//! Key-value store, variables, clock and output.

use std::collections::BTreeMap;

use spin_host::Settings;

use crate::support::{get, send, start, start_with_output};

fn one(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), value.to_owned())])
}

#[tokio::test]
async fn the_store_is_shared_by_component_and_test() {
    let app = start(Settings { key_value: one("before", "1"), ..Settings::default() }).await;
    assert_eq!(get(&app, "/kv/before", &[]).await.text(), "1");
    assert_eq!(get(&app, "/kv/absent", &[]).await.status, 404);
    send(app.address(), "PUT", "/kv/written", &[], b"2").await;
    assert_eq!(app.key_value("written").as_deref(), Some(b"2".as_slice()));
    app.set_key_value("outside".into(), Some(b"3".to_vec()));
    assert_eq!(get(&app, "/kv", &[]).await.text(), "before,outside,written");
    assert_eq!(send(app.address(), "DELETE", "/kv/written", &[], b"").await.text(), "exists Ok(false)");
    assert_eq!(app.key_value("written"), None);
}

#[tokio::test]
async fn apps_do_not_share_a_store() {
    let (first, second) = (start(Settings::default()).await, start(Settings::default()).await);
    send(first.address(), "PUT", "/kv/key", &[], b"value").await;
    assert_eq!(get(&second, "/kv/key", &[]).await.status, 404);
}

#[tokio::test]
async fn a_store_outside_the_manifest_is_denied() {
    let app = start(Settings::default()).await;
    assert_eq!(get(&app, "/other-store", &[]).await.text(), "access denied");
}

#[tokio::test]
async fn variables_are_found_undefined_or_misnamed() {
    let app = start(Settings { variables: one("api_key", "k1"), ..Settings::default() }).await;
    assert_eq!(get(&app, "/variable/api_key", &[]).await.text(), "k1");
    assert_eq!(get(&app, "/variable/other", &[]).await.text(), "undefined");
    assert_eq!(get(&app, "/variable/Api-Key", &[]).await.text(), "invalid name");
}

#[tokio::test]
async fn a_stopped_clock_moves_only_by_hand() {
    let app = start(Settings { clock_ms: Some(1_700_000_000_000), ..Settings::default() }).await;
    assert_eq!(get(&app, "/now", &[]).await.text(), "1700000000000");
    assert!(app.advance(1_500));
    assert_eq!(get(&app, "/now", &[]).await.text(), "1700000001500");
}

#[tokio::test]
async fn output_comes_as_lines_that_name_the_app() {
    let (app, output) = start_with_output(Settings::default()).await;
    get(&app, "/log", &[]).await;
    let said: Vec<_> = output.try_iter().flatten().collect();
    assert_eq!(said, [r#"{"id":"app","stdout":"to the output"}"#, r#"{"id":"app","stderr":"to the errors"}"#]);
}
