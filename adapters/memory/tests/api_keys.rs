//! API keys through the journey: which are good, which are not, and for how long an instance believes what it learned.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use edge::Current;
use edge::platform::KvFailure;
use router_core::authenticate::api_key::{Pepper, Prefix, RANDOM_BYTES, generate, parse, store_key};
use router_core::authenticate::jose::base64::encode_standard;
use serde_json::{Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, executor};

const PEPPER: &str = "0123456789abcdef0123456789abcdef";

/// A key that is the same for the same number, and its hash.
fn key(number: u8) -> (String, String) {
    let prefix = Prefix::new("tide").unwrap();
    let key = generate(&prefix, &[number; RANDOM_BYTES]).unwrap();
    let hash = Pepper::new(PEPPER).unwrap().hash(parse(&key, &prefix).unwrap()).to_string();
    (key, hash)
}

fn memory() -> Memory {
    Memory::new(1, BTreeMap::from([("PEPPER".to_owned(), PEPPER.to_owned())]))
}

/// A gateway whose one route needs a key. `rules` come on top of the usual ones.
fn gateway(memory: &Memory, rules: Value) -> Rc<Current> {
    let mut all = json!({"prefix": "tide", "pepper": "${secret:PEPPER}"});
    all.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    let document = json!({
        "authenticate": {"authenticators": {"partners": {"api_key": all}}},
        "routes": [{"name": "a", "authenticate": {"any": ["partners"]}, "to": {"respond": {"body": "in"}}}],
        "reload": {"interval": "0s"},
    });
    memory.start(document).unwrap()
}

/// Puts a record into the store as an operator would.
fn store(memory: &Memory, hash: &str, record: &Value) {
    let mut all = json!({"hash": hash, "consumer": "acme"});
    all.as_object_mut().unwrap().extend(record.as_object().unwrap().clone());
    memory.store().insert(&at(hash), all.to_string());
}

fn at(hash: &str) -> String {
    store_key("partners", &router_core::authenticate::api_key::KeyHash::from_hex(hash).unwrap())
}

fn answer(memory: &Memory, current: &Rc<Current>, incoming: Incoming) -> Outgoing {
    executor::run(memory.answer(current, incoming)).unwrap()
}

fn with(key: &str) -> Incoming {
    Incoming::get("/").with("x-api-key", key)
}

/// Status and problem code of a request with `key`.
fn ask(memory: &Memory, current: &Rc<Current>, key: &str) -> (u16, String) {
    told(&answer(memory, current, with(key)))
}

fn told(answer: &Outgoing) -> (u16, String) {
    let problem: Value = serde_json::from_slice(&answer.body()).unwrap_or_default();
    let code = problem["type"].as_str().and_then(|address| address.rsplit(':').next());
    (answer.status.as_u16(), code.unwrap_or_default().to_owned())
}

fn good() -> (u16, String) {
    (200, String::new())
}

fn refused(why: &str) -> (u16, String) {
    (401, format!("credentials-{why}"))
}

fn undecided() -> (u16, String) {
    (503, "identity-unavailable".to_owned())
}

fn seconds(memory: &Memory, seconds: u64) {
    memory.clock().forward(Duration::from_secs(seconds));
}

#[test]
fn a_key_of_the_store_says_who_asks() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({}));
    store(&memory, &hash, &json!({"scopes": ["orders:read"], "expires": "2026-01-02T00:00:00Z"}));
    assert_eq!(ask(&memory, &current, &key), good());
    let line: Value = serde_json::from_str(&memory.lines().take().pop().unwrap()).unwrap();
    assert_eq!((&line["consumer"], &line["authenticator"]), (&json!("acme"), &json!("partners")));
}

#[test]
fn what_is_no_good_key_is_refused() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({}));
    store(&memory, &hash, &json!({}));
    assert_eq!(told(&answer(&memory, &current, Incoming::get("/"))), refused("missing"));
    assert_eq!(ask(&memory, &current, &self::key(2).0), refused("invalid"));
    for malformed in
        ["", "tide", &key[..key.len() - 1], &format!("{key}0"), &key.replace("tide", "ride"), &hash, "Bearer x"]
    {
        assert_eq!(ask(&memory, &current, malformed), refused("malformed"), "{malformed}");
    }
    let twice = answer(&memory, &current, with(&key).with("x-api-key", &key));
    assert_eq!(told(&twice), (400, "credentials-ambiguous".to_owned()));
    let strange = answer(&memory, &current, Incoming::get("/").with("x-api-key", b"\xff"));
    assert_eq!(told(&strange), (400, "credentials-ambiguous".to_owned()));
}

#[test]
fn a_slip_of_the_pen_is_no_look_up() {
    let (memory, (key, _)) = (memory(), key(1));
    let current = gateway(&memory, json!({}));
    memory.store().fail(Some(KvFailure::Failed("down".into())));
    assert_eq!(ask(&memory, &current, &key.replacen('1', "2", 1)), refused("malformed"));
    assert_eq!(ask(&memory, &current, &key), undecided());
}

#[test]
fn a_key_ends_at_its_time_even_if_it_is_remembered() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({}));
    store(&memory, &hash, &json!({"expires": "2026-01-01T00:00:10Z"}));
    assert_eq!(ask(&memory, &current, &key), good());
    memory.clock().forward(Duration::from_millis(9_999));
    assert_eq!(ask(&memory, &current, &key), good());
    memory.clock().forward(Duration::from_millis(1));
    assert_eq!(ask(&memory, &current, &key), refused("expired"));
}

#[test]
fn a_revoked_key_works_until_it_is_forgotten_and_no_longer() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({"remember": "30s"}));
    store(&memory, &hash, &json!({}));
    assert_eq!(ask(&memory, &current, &key), good());
    memory.store().remove(&at(&hash));
    seconds(&memory, 29);
    assert_eq!(ask(&memory, &current, &key), good());
    seconds(&memory, 1);
    assert_eq!(ask(&memory, &current, &key), refused("invalid"));
}

#[test]
fn nothing_is_remembered_where_that_is_wanted() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({"remember": "0s"}));
    store(&memory, &hash, &json!({}));
    assert_eq!(ask(&memory, &current, &key), good());
    memory.store().remove(&at(&hash));
    assert_eq!(ask(&memory, &current, &key), refused("invalid"));
    store(&memory, &hash, &json!({}));
    assert_eq!(ask(&memory, &current, &key), good());
}

#[test]
fn a_key_that_was_unknown_works_ten_seconds_after_it_was_made() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({}));
    assert_eq!(ask(&memory, &current, &key), refused("invalid"));
    store(&memory, &hash, &json!({}));
    seconds(&memory, 9);
    assert_eq!(ask(&memory, &current, &key), refused("invalid"));
    seconds(&memory, 1);
    assert_eq!(ask(&memory, &current, &key), good());
}

#[test]
fn while_the_store_is_down_known_keys_go_on_and_others_cannot_be_told() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({}));
    store(&memory, &hash, &json!({}));
    assert_eq!(ask(&memory, &current, &key), good());
    memory.store().fail(Some(KvFailure::Failed("the disk is on fire".into())));
    seconds(&memory, 59);
    assert_eq!(ask(&memory, &current, &key), good());
    assert_eq!(ask(&memory, &current, &self::key(2).0), undecided());
    let line: Value = serde_json::from_str(&memory.lines().take().pop().unwrap()).unwrap();
    assert_eq!(line["failure_detail"], "the store of API keys failed: the disk is on fire");
    seconds(&memory, 1);
    assert_eq!(ask(&memory, &current, &key), undecided());
    memory.store().fail(None);
    assert_eq!(ask(&memory, &current, &key), good());
}

#[test]
fn keys_of_the_document_need_no_store() {
    let (memory, (key, hash)) = (memory(), key(1));
    let keys = json!([
        {"hash": hash, "consumer": "acme"},
        {"hash": self::key(3).1, "consumer": "acme", "expires": "2026-01-01T00:00:00Z"},
    ]);
    let current = gateway(&memory, json!({"keys": keys}));
    memory.store().fail(Some(KvFailure::Absent));
    assert_eq!(ask(&memory, &current, &key), good());
    assert_eq!(ask(&memory, &current, &self::key(2).0), refused("invalid"));
    assert_eq!(ask(&memory, &current, &self::key(3).0), refused("expired"));
}

#[test]
fn a_consumer_moves_from_one_key_to_the_next() {
    let (memory, (old, old_hash), (new, new_hash)) = (memory(), key(1), key(2));
    let current = gateway(&memory, json!({}));
    store(&memory, &old_hash, &json!({}));
    store(&memory, &new_hash, &json!({}));
    assert_eq!((ask(&memory, &current, &old), ask(&memory, &current, &new)), (good(), good()));
    memory.store().remove(&at(&old_hash));
    seconds(&memory, 60);
    assert_eq!((ask(&memory, &current, &old), ask(&memory, &current, &new)), (refused("invalid"), good()));
}

#[test]
fn a_key_may_stand_where_it_was_allowed_to_and_nowhere_else() {
    let (memory, (key, hash)) = (memory(), key(1));
    let places = json!([{"query": "api_key"}, {"authorization": "basic"}, {"authorization": "bearer"}]);
    let current = gateway(&memory, json!({"in": places}));
    store(&memory, &hash, &json!({}));
    let send = |incoming: Incoming| told(&answer(&memory, &current, incoming));
    let authorization = |value: String| Incoming::get("/").with("authorization", value);
    assert_eq!(send(Incoming::get(&format!("/?a=1&api_key={key}"))), good());
    assert_eq!(send(authorization(format!("Bearer {key}"))), good());
    assert_eq!(send(authorization(format!("Basic {}", encode_standard(format!("acme:{key}").as_bytes())))), good());
    assert_eq!(send(with(&key)), refused("missing"));
    assert_eq!(send(authorization(format!("DPoP {key}"))), refused("malformed"));
    assert_eq!(send(authorization(format!("Basic {}", encode_standard(key.as_bytes())))), refused("malformed"));
    let twice = send(Incoming::get(&format!("/?api_key={key}&api_key={key}")));
    assert_eq!(twice, (400, "credentials-ambiguous".to_owned()));
}

#[test]
fn a_broken_record_lets_nobody_in_and_is_reported() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({}));
    let other = json!({"hash": self::key(2).1, "consumer": "acme"}).to_string();
    let twice = format!(r#"{{"hash": "{hash}", "consumer": "acme", "consumer": "root"}}"#);
    let long = json!({"hash": hash, "consumer": "acme", "metadata": {"a": "x".repeat(17_000)}}).to_string();
    for broken in ["", "{", "[]", &other, &twice, &long] {
        memory.store().insert(&at(&hash), broken.to_owned());
        assert_eq!(ask(&memory, &current, &key), refused("invalid"), "{broken}");
        let lines: Vec<Value> = memory.lines().take().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told = lines.iter().find(|line| line["event"] == "api_key_record_refused").unwrap();
        assert_eq!(told["key"], at(&hash));
        // Not looked at again, and so not reported again, at once.
        assert_eq!(ask(&memory, &current, &key), refused("invalid"));
        assert_eq!(memory.lines().take().len(), 1);
        seconds(&memory, 10);
    }
}

#[test]
fn what_was_remembered_for_one_configuration_is_nothing_to_another() {
    let (memory, (key, hash)) = (memory(), key(1));
    store(&memory, &hash, &json!({}));
    let before = gateway(&memory, json!({}));
    assert_eq!(ask(&memory, &before, &key), good());
    memory.store().remove(&at(&hash));
    let after = gateway(&memory, json!({"remember": "61s"}));
    assert_eq!(ask(&memory, &after, &key), refused("invalid"));
}

#[test]
fn another_pepper_knows_no_key_of_this_one() {
    let (memory, (key, hash)) = (memory(), key(1));
    let current = gateway(&memory, json!({"pepper": "another secret that is long enough!"}));
    store(&memory, &hash, &json!({}));
    assert_eq!(ask(&memory, &current, &key), refused("invalid"));
}
