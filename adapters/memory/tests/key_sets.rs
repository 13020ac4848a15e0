//! The keys of issuers, through the journey: where they come from, how often a server is asked, and that rotation loses no request; long because
//! an issuer has many ways to fail.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use edge::Current;
use edge::platform::{Failure, Kv, KvFailure};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use router_core::authenticate::Endpoint;
use router_core::authenticate::jose::{SigningKey, base64};
use router_core::authenticate::key_set::Remote;
use router_core::dispatch::{FailureClass, RequestSent};
use serde_json::{Map, Value, json};
use tidegate_memory::{Incoming, Memory, Outgoing, Play, Scripted, ScriptedBody, executor};

const ISSUER: &str = "https://issuer.test";

/// RFC 8037 appendix A.1, and RFC 8032 section 7.1 test 2.
const OLD: (&str, &str) =
    ("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
const NEW: (&str, &str) =
    ("TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs", "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw");

fn jwk(kid: &str) -> Value {
    let (_, x) = if kid == "new" { NEW } else { OLD };
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": kid, "x": x})
}

fn set(kids: &[&str]) -> Value {
    json!({"keys": kids.iter().map(|kid| jwk(kid)).collect::<Vec<_>>()})
}

fn answer(body: impl Into<Bytes>) -> Scripted {
    Scripted { body: ScriptedBody::new([body.into()]), ..Scripted::default() }
}

fn keys(kids: &[&str]) -> Play {
    Play::Answer(answer(set(kids).to_string()))
}

fn kept_for(kids: &[&str], cache_control: &'static str) -> Play {
    let headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static(cache_control))]);
    Play::Answer(Scripted { headers, ..answer(set(kids).to_string()) })
}

fn down() -> Play {
    Play::Fail(Failure { class: FailureClass::Connect, request_sent: RequestSent::No, detail: "refused".into() })
}

struct World {
    memory: Memory,
    current: Rc<Current>,
}

/// A gateway that takes tokens of [`ISSUER`].
fn world(keys: Value) -> World {
    let memory = Memory::default();
    let current = start(&memory, keys);
    World { memory, current }
}

fn start(memory: &Memory, keys: Value) -> Rc<Current> {
    let document = json!({
        "authenticate": {"authenticators": {"main": {"jwt": {
            "issuer": ISSUER, "audience": ["api"], "algorithms": ["EdDSA"], "keys": keys,
        }}}},
        "routes": [{"name": "a", "authenticate": {"any": ["main"]}, "to": {"respond": {"body": "hello"}}}],
    });
    memory.start(document).unwrap()
}

fn jwks() -> World {
    world(json!({"jwks": "https://issuer.test/keys"}))
}

impl World {
    /// A token that was just signed with the key of this id. Each is another one, so that none is remembered.
    fn token(&self, kid: &str) -> String {
        self.signed(kid, &json!({"alg": "EdDSA", "kid": kid}))
    }

    /// The same with another header.
    fn signed(&self, kid: &str, header: &Value) -> String {
        let (d, x) = if kid == "new" { NEW } else { OLD };
        let jwk: Map<String, Value> =
            json!({"kty": "OKP", "crv": "Ed25519", "d": d, "x": x}).as_object().unwrap().clone();
        let now = self.memory.clock().unix_ms();
        let header = header.to_string();
        let claims = json!({"iss": ISSUER, "aud": "api", "sub": "ann", "exp": now / 1000 + 60, "jti": now}).to_string();
        let signed = format!("{}.{}", base64::encode_url(header.as_bytes()), base64::encode_url(claims.as_bytes()));
        let signature = SigningKey::from_jwk(&jwk).unwrap().sign(signed.as_bytes());
        format!("{signed}.{}", base64::encode_url(&signature))
    }

    fn send(&self, token: &str) -> Outgoing {
        let incoming = Incoming::get("/").with("authorization", format!("Bearer {token}"));
        executor::run(self.memory.answer(&self.current, incoming)).unwrap()
    }

    /// The status for a token that is signed and sent a millisecond from now, and how often a server was asked before the answer.
    fn ask(&self, kid: &str, plays: impl IntoIterator<Item = Play>) -> (u16, usize) {
        self.memory.clock().forward(Duration::from_millis(1));
        plays.into_iter().for_each(|play| self.memory.script().expect(play));
        let status = self.send(&self.token(kid)).status.as_u16();
        (status, self.memory.script().take_seen().len())
    }

    /// How often a server is asked behind the answer.
    fn behind(&self, plays: impl IntoIterator<Item = Play>) -> usize {
        plays.into_iter().for_each(|play| self.memory.script().expect(play));
        executor::run(self.memory.run_background()).unwrap();
        self.memory.script().take_seen().len()
    }

    fn pass(&self, seconds: u64) {
        self.memory.clock().forward(Duration::from_secs(seconds));
    }

    fn lines(&self) -> String {
        self.memory.lines().take().join("\n")
    }

    /// What is in the store.
    fn stored(&self, key: &str) -> Option<Bytes> {
        executor::run(self.memory.get(key)).unwrap().unwrap()
    }

    /// Another instance at the same time, which has nothing but what is in the store.
    fn other(&self) -> Self {
        let other = jwks();
        other
            .memory
            .clock()
            .forward(Duration::from_millis(self.memory.clock().unix_ms() - other.memory.clock().unix_ms()));
        let key = store_key();
        self.stored(&key).into_iter().for_each(|value| other.memory.store().insert(&key, value));
        other
    }
}

/// Where the key set of [`jwks`] is in the store.
fn store_key() -> String {
    Remote::jwks(Endpoint::parse("https://issuer.test/keys").unwrap()).store_key()
}

#[test]
fn a_key_set_is_asked_for_once_and_then_known() {
    let world = jwks();
    world.memory.script().expect(keys(&["old"]));
    assert_eq!(world.send(&world.token("old")).status, 200);
    let seen = world.memory.script().take_seen();
    let [seen] = &seen[..] else { panic!("asked {} times", seen.len()) };
    assert_eq!((seen.method.as_str(), seen.target.as_str(), seen.path_and_query.as_str()), ("GET", ISSUER, "/keys"));
    assert_eq!(seen.headers["accept-encoding"], "identity");
    assert!(!seen.headers.contains_key("authorization"), "the client's token is nobody else's business");
    for _ in 0..100 {
        assert_eq!(world.ask("old", []), (200, 0));
    }
}

#[test]
fn discovery_leads_to_the_key_set() {
    for (source, path) in [
        (json!("discovery"), "/.well-known/openid-configuration"),
        (
            json!({"discovery_at": "https://issuer.test/.well-known/oauth-authorization-server"}),
            "/.well-known/oauth-authorization-server",
        ),
    ] {
        let world = world(source);
        let metadata = json!({"issuer": ISSUER, "jwks_uri": "https://keys.test/a/keys?v=1"});
        world.memory.script().expect(Play::Answer(answer(metadata.to_string())));
        world.memory.script().expect(keys(&["old"]));
        assert_eq!(world.send(&world.token("old")).status, 200);
        let seen = world.memory.script().take_seen();
        let asked: Vec<String> = seen.iter().map(|seen| format!("{}{}", seen.target, seen.path_and_query)).collect();
        assert_eq!(asked, [format!("{ISSUER}{path}"), "https://keys.test/a/keys?v=1".to_owned()]);
        assert_eq!(world.ask("old", []), (200, 0));
    }
}

#[test]
fn metadata_that_lie_are_not_followed() {
    for metadata in [
        json!({"issuer": "https://evil.test", "jwks_uri": "https://keys.test/"}),
        json!({"issuer": ISSUER, "jwks_uri": "http://keys.test/"}),
        json!({"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"}),
        json!({"issuer": ISSUER}),
        json!([]),
    ] {
        let world = world(json!("discovery"));
        let plays = [Play::Answer(answer(metadata.to_string())), keys(&["old"])];
        assert_eq!(world.ask("old", plays), (503, 1), "{metadata}");
    }
    let long = json!({"issuer": ISSUER, "jwks_uri": "https://keys.test/", "x": "x".repeat(65_536)});
    let world = world(json!("discovery"));
    assert_eq!(world.ask("old", [Play::Answer(answer(long.to_string())), keys(&["old"])]), (503, 1));
}

#[test]
fn keys_are_refreshed_behind_an_answer_before_they_are_too_old() {
    let world = jwks();
    assert_eq!(world.ask("old", [kept_for(&["old"], "max-age=600")]), (200, 1));
    assert_eq!(world.behind([]), 0);
    world.pass(479);
    assert_eq!((world.ask("old", []), world.behind([])), ((200, 0), 0));
    world.pass(1);
    assert_eq!((world.ask("old", []), world.ask("old", [])), ((200, 0), (200, 0)));
    assert_eq!(world.behind([kept_for(&["old"], "max-age=600")]), 1, "two requests, one refresh");
    world.pass(479);
    assert_eq!((world.ask("old", []), world.behind([])), ((200, 0), 0));
    world.pass(200);
    assert_eq!(world.ask("old", [keys(&["old"])]), (200, 1), "too old to be used without asking");
}

#[test]
fn a_server_that_forbids_caching_is_still_not_asked_for_every_request() {
    let world = jwks();
    assert_eq!(world.ask("old", [kept_for(&["old"], "no-store, max-age=0")]), (200, 1));
    world.pass(47);
    assert_eq!((world.ask("old", []), world.behind([])), ((200, 0), 0));
}

/// An issuer that rotates: the old key, both, the new key. Tokens of all that it signs with are sent every five seconds for three hours, none may be lost,
/// whatever the issuer says about caching.
#[test]
fn rotation_loses_no_request() {
    for cache_control in ["max-age=3600", "max-age=300", "no-store", "max-age=86400"] {
        let world = jwks();
        let (mut answered, mut fetches) = (0, 0);
        for second in (0..10_800_u64).step_by(5) {
            let (published, signs): (&[&str], &[&str]) = match second {
                0..3600 => (&["old"], &["old"]),
                // Published and used at the same moment: no grace for anybody who caches.
                3600..7200 => (&["old", "new"], &["old", "new"]),
                _ => (&["new"], &["new"]),
            };
            for kid in signs {
                let (status, asked) = world.ask(kid, [kept_for(published, cache_control)]);
                assert_eq!(status, 200, "{cache_control}: a token of the {kid} key in second {second}");
                answered += 1;
                fetches += asked + world.behind([kept_for(published, cache_control)]);
            }
            world.memory.clock().forward(Duration::from_millis(5000 - signs.len() as u64));
            drop(world.lines());
        }
        assert_eq!(answered, (3600 + 7200 + 3600) / 5);
        assert!(fetches <= 10_800 / 48 + 3, "{cache_control}: {fetches} fetches");
        // Withdrawn is withdrawn, as soon as the set is fetched again.
        world.pass(86_400);
        assert_eq!(world.ask("old", [keys(&["new"]), keys(&["new"])]).0, 401, "{cache_control}");
    }
}

/// An issuer that has one key without an id, and replaces it.
#[test]
fn rotation_loses_no_request_where_keys_or_tokens_have_no_id() {
    let nameless = |kid: &str| {
        let mut jwk = jwk(kid);
        jwk.as_object_mut().unwrap().remove("kid");
        json!({"keys": [jwk]}).to_string()
    };
    let named = |kid: &str| set(&[kid]).to_string();
    let publishes: [&dyn Fn(&str) -> String; 2] = [&nameless, &named];
    let cases = [
        (json!({"alg": "EdDSA"}), publishes[0]),
        (json!({"alg": "EdDSA"}), publishes[1]),
        (json!({"alg": "EdDSA", "kid": "k"}), publishes[0]),
    ];
    for (header, published) in cases {
        let world = jwks();
        let mut fetches = 0;
        for second in (0..3600_u64).step_by(5) {
            let kid = if (second / 600).is_multiple_of(2) { "old" } else { "new" };
            world.memory.script().expect(Play::Answer(answer(published(kid))));
            assert_eq!(world.send(&world.signed(kid, &header)).status, 200, "{header} in second {second}");
            fetches += world.memory.script().take_seen().len();
            world.pass(5);
            drop(world.lines());
        }
        assert!(fetches <= 3600 / 30, "{fetches} fetches");
    }
}

#[test]
fn forged_signatures_do_not_reach_the_issuer() {
    let world = jwks();
    let send = |kid: &str| {
        world.memory.clock().forward(Duration::from_millis(1));
        world.memory.script().expect(keys(&["old"]));
        let status = world.send(&world.signed(kid, &json!({"alg": "EdDSA"}))).status.as_u16();
        (status, world.memory.script().take_seen().len())
    };
    assert_eq!((send("old"), send("new")), ((200, 1), (401, 1)));
    for _ in 0..1000 {
        assert_eq!((send("new"), send("old")), ((401, 0), (200, 0)));
    }
    world.pass(30);
    assert_eq!(send("new"), (401, 1));
    // An id that is in the set says whose signature it should be.
    world.pass(30);
    let forged = world.signed("new", &json!({"alg": "EdDSA", "kid": "old"}));
    assert_eq!((world.send(&forged).status.as_u16(), world.memory.script().take_seen().len()), (401, 0));
}

/// Rotation while somebody sends forged key ids all the time and the issuer's server fails now and then. The new key is published two minutes before it
/// is used, as issuers do.
#[test]
fn rotation_loses_no_request_under_attack() {
    let world = jwks();
    let mut fetches = 0;
    for second in (0..7200_u64).step_by(2) {
        let (published, signs): (&[&str], &[&str]) = match second {
            0..3600 => (&["old"], &["old"]),
            3600..3720 => (&["old", "new"], &["old"]),
            3720..5400 => (&["old", "new"], &["old", "new"]),
            _ => (&["new"], &["new"]),
        };
        // The server is down for five seconds of every minute, but not when the gateway starts.
        let play = || if second > 0 && second % 60 < 5 { down() } else { keys(published) };
        for kid in signs {
            let (status, asked) = world.ask(kid, [play()]);
            assert_eq!(status, 200, "a token of the {kid} key in second {second}");
            fetches += asked + world.behind([play()]);
        }
        for forged in 0..3 {
            let (status, asked) = world.ask(&format!("forged-{second}-{forged}"), [play()]);
            assert!(status == 401 || status == 503, "{status}");
            fetches += asked;
        }
        world.memory.clock().forward(Duration::from_millis(2000 - signs.len() as u64 - 3));
        drop(world.lines());
    }
    assert!(fetches <= 7200 / 30 + 20, "{fetches} fetches for {} forged tokens", 3600 * 3);
}

#[test]
fn forged_key_ids_do_not_reach_the_issuer() {
    let world = jwks();
    assert_eq!(world.ask("old", [keys(&["old"])]), (200, 1));
    assert_eq!(world.ask("forged", [keys(&["old"])]), (401, 1));
    for forged in 0..1000 {
        assert_eq!(world.ask(&format!("forged-{forged}"), [keys(&["old"])]), (401, 0));
        assert_eq!(world.ask("old", []), (200, 0));
    }
    world.pass(30);
    assert_eq!(world.ask("forged-again", [keys(&["old"])]), (401, 1));
}

#[test]
fn a_key_server_that_is_down_slow_huge_or_lying_is_bounded_and_requests_with_known_keys_go_on() {
    let redirect = Scripted {
        status: StatusCode::FOUND,
        headers: HeaderMap::from_iter([(header::LOCATION, HeaderValue::from_static("https://evil.test/keys"))]),
        ..Scripted::default()
    };
    let huge = json!({"keys": [jwk("old")], "x": "x".repeat(262_144)}).to_string();
    let twice = format!(r#"{{"keys":[],"keys":[{}]}}"#, jwk("old"));
    let with_status = |status| Scripted { status, ..answer(set(&["old"]).to_string()) };
    let encoded = Scripted {
        headers: HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))]),
        ..answer(set(&["old"]).to_string())
    };
    for (play, why) in [
        (down(), "connect"),
        (Play::Stall, "timeout_total"),
        (Play::Answer(answer(huge)), "protocol"),
        (Play::Answer(redirect), "redirect"),
        (Play::Answer(encoded), "encoding"),
        (Play::Answer(with_status(StatusCode::NOT_FOUND)), "404"),
        (Play::Answer(with_status(StatusCode::INTERNAL_SERVER_ERROR)), "500"),
        (Play::Answer(with_status(StatusCode::PARTIAL_CONTENT)), "206"),
        (Play::Answer(answer("<html>")), "no key set"),
        (Play::Answer(answer(r#"{"keys":[]}"#)), "no key set"),
        (Play::Answer(answer(twice)), "no key set"),
    ] {
        let cold = jwks();
        let before = cold.memory.clock().unix_ms();
        assert_eq!(cold.ask("old", [play.clone()]), (503, 1), "{why}");
        assert!(cold.memory.clock().unix_ms() - before <= 5001, "{why}: bounded in time");
        let lines = cold.lines();
        assert!(lines.contains("key_set_unavailable") && lines.contains(why), "{why}: {lines}");
        assert_eq!(cold.ask("old", [keys(&["old"])]), (503, 0), "{why}: not asked again at once");
        cold.pass(1);
        assert_eq!(cold.ask("old", [keys(&["old"])]), (200, 1), "{why}: and then asked again");

        let warm = jwks();
        assert_eq!(warm.ask("old", [keys(&["old"])]), (200, 1));
        warm.pass(3000);
        assert_eq!((warm.ask("old", []), warm.behind([play.clone()])), ((200, 0), 1), "{why}");
        assert_eq!(warm.ask("old", []), (200, 0), "{why}");
        assert_eq!(warm.ask("unknown", [play.clone()]).0, 503, "{why}: whether there is such a key cannot be told");
        assert_eq!(warm.ask("old", []), (200, 0), "{why}");
        warm.pass(3600);
        assert_eq!(warm.ask("old", [play.clone()]).0, 200, "{why}: stale keys are better than none");
        warm.behind([play.clone(), play.clone()]);
        warm.pass(90_000);
        assert_eq!(warm.ask("old", [play]).0, 503, "{why}: but not for ever");
    }
}

#[test]
fn a_client_is_told_when_to_try_again() {
    let world = jwks();
    for (pause, told) in [(1, "1"), (2, "2"), (4, "4"), (8, "8")] {
        assert_eq!(world.ask("old", [down()]), (503, 1));
        let refused = world.send(&world.token("old"));
        assert_eq!(refused.headers["retry-after"], told);
        world.pass(pause);
    }
}

#[test]
fn instances_share_keys_through_the_store() {
    let world = jwks();
    assert_eq!((world.ask("old", [keys(&["old"])]), world.behind([])), ((200, 1), 0));
    let other = world.other();
    assert_eq!(other.ask("old", []), (200, 0));
    assert_eq!(other.ask("unknown", [keys(&["old"])]), (401, 1));
    assert_eq!(other.behind([]), 0);
    let third = other.other();
    assert_eq!((third.ask("unknown", []), third.ask("old", [])), ((401, 0), (200, 0)), "the cooldown is shared");
    third.pass(30);
    assert_eq!(third.ask("new", [keys(&["old", "new"])]), (200, 1));
}

#[test]
fn a_failure_is_shared_too() {
    let world = jwks();
    assert_eq!((world.ask("old", [down()]), world.behind([])), ((503, 1), 0));
    let other = world.other();
    assert_eq!(other.ask("old", []), (503, 0));
    other.pass(1);
    assert_eq!(other.ask("old", [keys(&["old"])]), (200, 1));
}

#[test]
fn without_a_store_or_with_a_broken_one_everything_goes_on() {
    for failure in [KvFailure::Absent, KvFailure::Failed("it is full".into())] {
        let world = jwks();
        world.memory.store().fail(Some(failure));
        assert_eq!((world.ask("old", [keys(&["old"])]), world.behind([])), ((200, 1), 0));
        assert_eq!(world.ask("old", []), (200, 0));
        assert_eq!((world.ask("new", [keys(&["old", "new"])]), world.behind([])), ((200, 1), 0));
    }
    let world = jwks();
    world.memory.store().insert(&store_key(), vec![0xff; 1000]);
    assert_eq!(world.ask("old", [keys(&["old"])]), (200, 1));
}

#[test]
fn what_is_known_of_a_server_survives_a_change_of_configuration() {
    let world = jwks();
    assert_eq!(world.ask("old", [keys(&["old"])]), (200, 1));
    let elsewhere = World {
        memory: world.memory.clone(),
        current: start(&world.memory, json!({"jwks": "https://other.test/keys"})),
    };
    assert_eq!(elsewhere.ask("old", [keys(&["new"])]), (401, 1), "another URL is another key set");
    let again = World { memory: world.memory.clone(), ..jwks_on(&world.memory) };
    assert_eq!(again.ask("old", []), (200, 0));
}

fn jwks_on(memory: &Memory) -> World {
    World { memory: memory.clone(), current: start(memory, json!({"jwks": "https://issuer.test/keys"})) }
}

#[test]
fn a_clock_that_is_set_back_neither_stops_nor_prolongs() {
    let world = jwks();
    assert_eq!(world.ask("old", [kept_for(&["old"], "max-age=600")]), (200, 1));
    world.memory.clock().back(Duration::from_secs(86_400));
    assert_eq!(world.ask("old", []), (200, 0));
    world.pass(600);
    assert_eq!(world.ask("old", [kept_for(&["old"], "max-age=600")]), (200, 1));
}

#[test]
fn inline_keys_need_no_server() {
    let world = world(json!({"inline": [jwk("old"), jwk("new")]}));
    assert_eq!((world.ask("old", []), world.ask("new", []), world.ask("other", [])), ((200, 0), (200, 0), (401, 0)));
}

#[test]
fn mistakes_in_keys_are_reported_at_their_place() {
    let found = |keys: Value| {
        let memory = Memory::default();
        let document = json!({
            "authenticate": {"authenticators": {"main": {"jwt": {
                "issuer": "urn:issuer", "audience": ["api"], "algorithms": ["EdDSA"], "keys": keys,
            }}}},
            "routes": [{"name": "a", "authenticate": {"any": ["main"]}, "to": {"respond": {"body": "hello"}}}],
        });
        let found = memory.start(document).err().unwrap();
        found
            .iter()
            .map(|found| found.path.to_string().replace("authenticate.authenticators.main.jwt.", ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(json!("discovery")), ["issuer"]);
    assert_eq!(found(json!({"jwks": "issuer.test/keys"})), ["keys.jwks"]);
    assert_eq!(found(json!({"discovery_at": "https://issuer.test/#x"})), ["keys.discovery_at"]);
    assert_eq!(found(json!({"inline": []})), ["keys.inline"]);
    assert_eq!(found(json!({"inline": [7, {"kty": "XYZ"}, jwk("old")]})), ["keys.inline[0]", "keys.inline[1]"]);
}
