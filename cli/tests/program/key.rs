//! `tidegate key`.

use std::path::Path;

use serde_json::{Value, json};
use tidegate_native::RedbStore;

use crate::support::{Run, program, run_in, run_on};

const CONFIG: &str = "\
authenticate:
  authenticators:
    partners: { api_key: { prefix: tide, pepper: '${secret:KEY_PEPPER}', remember: 0s } }
routes:
  - name: orders
    authenticate: { any: [partners] }
    to: { respond: { body: in } }
native: { store: keys.redb, admin: '127.0.0.1:0', listeners: [{ address: '127.0.0.1:0' }] }
";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tidegate.yaml"), CONFIG).unwrap();
    folder
}

fn key(folder: &Path, words: &[&str]) -> Run {
    run_in(folder, &[&["key"], words].concat())
}

/// What stands behind a word at the beginning of a line.
fn told<'r>(run: &'r Run, word: &str) -> &'r str {
    let line = run.out.lines().find_map(|line| line.strip_prefix(word));
    line.unwrap_or_else(|| panic!("no {word}:\n{}{}", run.out, run.err)).trim()
}

fn listed(folder: &Path) -> Vec<Value> {
    key(folder, &["list", "--format", "json"]).json().as_array().unwrap().clone()
}

#[test]
fn a_key_is_shown_once_and_never_stored() {
    let folder = folder();
    let words = ["create", "--consumer", "acme", "--scope", "a", "--scope", "b", "--role", "r", "--plan", "gold"];
    let made = key(folder.path(), &[&words[..], &["--expires", "90d", "--metadata", r#"{"tenant": 7}"#]].concat());
    assert_eq!((made.code, made.err.as_str()), (0, ""), "{}", made.out);
    let secret = told(&made, "key ");
    assert!(secret.starts_with("tide_") && secret.len() == 44, "{secret}");
    let record: Value = serde_json::from_str(told(&made, "record ")).unwrap();
    let all = listed(folder.path());
    assert_eq!(all.len(), 1);
    for (field, value) in [
        ("consumer", json!("acme")),
        ("scopes", json!(["a", "b"])),
        ("roles", json!(["r"])),
        ("plan", json!("gold")),
        ("metadata", json!({"tenant": 7})),
        ("hash", record["hash"].clone()),
        ("expires", record["expires"].clone()),
        ("works", json!(true)),
    ] {
        assert_eq!(all[0][field], value, "{field}");
    }
    let list = key(folder.path(), &["list"]);
    let hash = record["hash"].as_str().unwrap();
    for word in [&hash[..12], "acme", "partners", "works"] {
        assert!(list.out.contains(word), "{word} is missing:\n{}", list.out);
    }
    let random = secret.split('_').nth(1).unwrap();
    let export = key(folder.path(), &["export"]);
    let file = std::fs::read(folder.path().join("keys.redb")).unwrap();
    assert!(![list.out, export.out].concat().contains(random));
    assert!(!file.windows(random.len()).any(|window| window == random.as_bytes()), "the key is in the file");
}

#[test]
fn a_third_key_that_works_is_refused() {
    let folder = folder();
    let create = || key(folder.path(), &["create", "--consumer", "acme"]);
    assert_eq!((create().code, create().code), (0, 0));
    let third = create();
    assert_eq!((third.code, third.out.as_str()), (1, ""));
    assert!(third.err.contains("`acme` has 2 keys that work already") && third.err.contains("tidegate key revoke"));
    assert_eq!(key(folder.path(), &["create", "--consumer", "other"]).code, 0);
    let hash = listed(folder.path())[0]["hash"].as_str().unwrap().to_owned();
    assert_eq!(key(folder.path(), &["revoke", &hash]).code, 0);
    assert_eq!(listed(folder.path()).len(), 2);
}

#[test]
fn keys_are_revoked_by_the_beginning_of_a_hash_or_by_their_consumer() {
    let folder = folder();
    for consumer in ["acme", "acme", "other"] {
        assert_eq!(key(folder.path(), &["create", "--consumer", consumer]).code, 0);
    }
    for bad in ["", "1234567", "zzzzzzzz", "0000000000000000"] {
        let refused = key(folder.path(), &["revoke", bad]);
        assert!(refused.code != 0 && refused.out.is_empty(), "{bad}: {}", refused.out);
    }
    assert_eq!(listed(folder.path()).len(), 3);
    let both = key(folder.path(), &["revoke", "--consumer", "acme"]);
    assert_eq!(both.out.lines().count(), 2, "{}", both.out);
    assert!(both.out.contains("works for up to 0 s"), "{}", both.out);
    let left = listed(folder.path());
    assert_eq!((left.len(), &left[0]["consumer"]), (1, &json!("other")));
    let hash = left[0]["hash"].as_str().unwrap();
    let last = key(folder.path(), &["revoke", &hash[..8], "--format", "json"]);
    assert_eq!(last.json(), json!([format!("tidegate/api-key/partners/{hash}")]));
    assert_eq!(key(folder.path(), &["revoke", "--consumer", "acme"]).code, 1);
    assert!(key(folder.path(), &["list"]).out.contains("No keys"));
}

#[test]
fn what_is_exported_can_be_imported_elsewhere() {
    let (here, there) = (folder(), folder());
    assert_eq!(key(here.path(), &["create", "--consumer", "acme"]).code, 0);
    let export = key(here.path(), &["export"]);
    let path = there.path().join("keys.json");
    std::fs::write(&path, &export.out).unwrap();
    assert_eq!(key(there.path(), &["import", "keys.json"]).out, "1 key in keys.redb\n");
    assert_eq!(listed(here.path()), listed(there.path()));
    assert_eq!(key(there.path(), &["export"]).out, export.out);
    // The same form is what makes a key for another platform, without a store here.
    let made = key(there.path(), &["create", "--consumer", "other", "--no-store", "--format", "json"]);
    assert!(made.err.starts_with("tide_"), "{}", made.err);
    assert_eq!(listed(there.path()).len(), 1);
    std::fs::write(&path, &made.out).unwrap();
    assert_eq!(key(there.path(), &["import", "keys.json"]).code, 0);
    assert_eq!(listed(there.path()).len(), 2);
}

#[test]
fn a_bad_import_changes_nothing_and_names_all_that_is_wrong() {
    let folder = folder();
    let hash = "0f".repeat(32);
    let entry = |name: &str, record: Value| json!({"key": format!("tidegate/api-key/{name}/{hash}"), "value": record.to_string()});
    let import = json!([
        entry("partners", json!({"hash": hash, "consumer": "acme"})),
        entry("partners", json!({"hash": hash, "consumer": ""})),
        entry("others", json!({"hash": hash, "consumer": "acme"})),
        {"key": "tidegate/gateway", "value": "{}"},
    ]);
    std::fs::write(folder.path().join("keys.json"), import.to_string()).unwrap();
    let run = key(folder.path(), &["import", "keys.json"]);
    assert_eq!(run.code, 1);
    for wrong in
        ["[1]: `consumer`", "[2]: this configuration has no such authenticator `others`", "[3]: the key has not"]
    {
        assert!(run.err.contains(wrong), "{wrong} is missing: {}", run.err);
    }
    assert!(!run.err.contains("[0]") && !folder.path().join("keys.redb").exists());
}

#[test]
fn what_cannot_be_done_is_said_in_one_sentence() {
    let folder = folder();
    let list = key(folder.path(), &["list"]);
    assert_eq!(list.err, "error: there is no store `keys.redb`; `tidegate key create` makes it\n");
    let unset = program()
        .current_dir(folder.path())
        .env_remove("KEY_PEPPER")
        .args(["key", "create", "--consumer", "a"])
        .output();
    let unset = String::from_utf8(unset.unwrap().stderr).unwrap();
    assert!(
        unset.contains("the variable in `authenticate.authenticators.partners.api_key.pepper` has no value"),
        "{unset}"
    );
    for (words, expected) in [
        (vec!["--consumer", ""], "`consumer`"),
        (vec!["--consumer", "a", "--expires", "soon"], "--expires"),
        (vec!["--consumer", "a", "--expires", "2020-01-01T00:00:00Z"], "is in the past"),
        (vec!["--consumer", "a", "--scope", "two words"], "`scopes[0]`"),
        (vec!["--consumer", "a", "--metadata", "[]"], "`metadata`"),
        (vec!["--consumer", "a", "--metadata", "{"], "--metadata is no JSON"),
        (vec!["--consumer", "a", "--authenticator", "partner"], "did you mean `partners`?"),
    ] {
        let run = key(folder.path(), &[&["create"][..], &words].concat());
        assert!(run.code == 1 && run.out.is_empty() && run.err.contains(expected), "{words:?}: {}", run.err);
    }
    assert!(!folder.path().join("keys.redb").exists(), "a store was made for nothing");
    let none = run_on("routes: [{name: a, to: {echo: {}}}]", &["key", "list", "--config", "-"]);
    assert!(none.code == 1 && none.err.contains("has no `native.store`"), "{}", none.err);
    let none = run_on("routes: [{name: a, to: {echo: {}}}]", &["key", "create", "--consumer", "a", "--config", "-"]);
    assert!(none.err.contains("has no authenticator with `api_key`"), "{}", none.err);
}

#[test]
fn a_store_that_no_gateway_answers_for_is_refused() {
    let folder = folder();
    let store = RedbStore::open(Some(&folder.path().join("keys.redb"))).unwrap();
    let run = key(folder.path(), &["list"]);
    assert!(run.code == 1 && run.err.contains("another process has the store `keys.redb` open"), "{}", run.err);
    drop(store);
    assert_eq!(key(folder.path(), &["list"]).code, 0);
}

#[cfg(unix)]
#[test]
fn keys_change_while_a_gateway_runs_with_them() {
    use crate::serve::{Gateway, address, ask};
    let mut gateway = Gateway::start(CONFIG);
    let serving = address(&gateway.wait_for("listening"));
    gateway.wait_for("Ctrl-C stops");
    let folder = gateway.folder().to_owned();
    let made = key(&folder, &["create", "--consumer", "acme"]);
    assert!(told(&made, "stored in").ends_with("by the gateway that runs with it"), "{}", made.out);
    let secret = told(&made, "key ");
    let status = |secret: &str| ask(&serving, &format!("GET / HTTP/1.1\r\nHost: a\r\nX-API-Key: {secret}"));
    assert!(status(secret).starts_with("HTTP/1.1 200 "));
    assert!(status(&secret[..43]).starts_with("HTTP/1.1 401 "));
    assert_eq!(listed(&folder).len(), 1);
    assert_eq!(key(&folder, &["revoke", "--consumer", "acme"]).code, 0);
    assert!(status(secret).starts_with("HTTP/1.1 401 "));
}

#[test]
fn check_tells_for_how_long_a_revoked_key_works() {
    let folder = folder();
    let text = run_in(folder.path(), &["check"]);
    let line = "A revoked key of `partners` may work for up to: on native 0 s, on workers 60 s, on spin 0 s and as long as its store's provider needs.\n";
    assert!(text.code == 0 && text.out.ends_with(line), "{}", text.out);
    let one = run_in(folder.path(), &["check", "--platform", "workers", "--format", "json"]).json();
    let delays = json!([{"platform": "workers", "seconds": 60, "and_provider": false}]);
    assert_eq!(one["revocation"], json!([{"authenticator": "partners", "at_most": delays}]));
}

#[test]
fn check_warns_of_a_third_key_that_works_today() {
    let key = |digit: &str, expires: &str| json!({"hash": digit.repeat(64), "consumer": "acme", "expires": expires});
    let warnings = |expires: &str| {
        let keys = json!([key("1", "9999-01-01T00:00:00Z"), key("2", expires), key("3", "9999-01-01T00:00:00Z")]);
        let rules = json!({"prefix": "tide", "pepper": "${secret:KEY_PEPPER}", "keys": keys});
        let document = json!({"authenticate": {"authenticators": {"partners": {"api_key": rules}}}, "routes": [{"name": "a", "to": {"echo": {}}}]});
        let run = run_on(&document.to_string(), &["check", "-", "--format", "json"]);
        assert_eq!(run.code, 0, "{}", run.out);
        let found: Vec<String> =
            run.json()["diagnostics"].as_array().unwrap().iter().map(|found| found["path"].to_string()).collect();
        found
    };
    assert_eq!(warnings("9999-01-01T00:00:00Z"), ["\"authenticate.authenticators.partners.api_key.keys[2].consumer\""]);
    assert!(warnings("2020-01-01T00:00:00Z").is_empty());
}
