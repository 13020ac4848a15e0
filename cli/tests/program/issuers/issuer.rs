//! An issuer on this machine: OpenID Connect Discovery, a key set, tokens.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

use crate::support::root;

/// The key ids of its first key and of the one that replaces it.
pub(super) const KEYS: [&str; 2] = ["rs256", "rs256-next"];

struct Pair {
    private: KeyPair,
    public: Value,
}

/// The key pairs of the test vectors that are called here by their key ids.
static PAIRS: LazyLock<BTreeMap<&str, Pair>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(root().join("tests/vectors/keys.json")).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let pair = |id: &str| {
        let der = Base64::decode_vec(vectors[id]["pkcs8"].as_str().unwrap()).unwrap();
        Pair { private: KeyPair::from_pkcs8(&der).unwrap(), public: vectors[id]["jwk"].clone() }
    };
    KEYS.into_iter().map(|id| (id, pair(id))).collect()
});

/// A token with these claims, signed RS256 with this key.
pub(super) fn token(key: &str, claims: &Value) -> String {
    let encode = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let signed = format!("{}.{}", encode(&json!({"alg": "RS256", "typ": "JWT", "kid": key})), encode(claims));
    let private = &PAIRS[key].private;
    let mut signature = vec![0; private.public().modulus_len()];
    private.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature))
}

/// A running issuer. It publishes the first key until it is told otherwise.
pub(super) struct Issuer {
    /// What its tokens name.
    pub(super) url: String,
    published: Arc<Mutex<Vec<&'static str>>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    /// Starts one whose name has this path, which may end with a slash.
    pub(super) fn start(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}{path}", listener.local_addr().unwrap());
        let issuer = Self { url, published: Arc::new(Mutex::new(vec![KEYS[0]])), asked: Arc::default() };
        let (url, published, asked) = (issuer.url.clone(), Arc::clone(&issuer.published), Arc::clone(&issuer.asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (url, published, asked) = (url.clone(), Arc::clone(&published), Arc::clone(&asked));
                std::thread::spawn(move || answer(&stream, &url, &published, &asked));
            }
        });
        issuer
    }

    /// Publishes these keys, and no others, from now on.
    pub(super) fn publish(&self, keys: &[&'static str]) {
        *self.published.lock().unwrap() = keys.to_vec();
    }

    /// How often its key set was asked for.
    pub(super) fn times_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Answers what comes over one connection, until its end.
fn answer(stream: &TcpStream, url: &str, published: &Mutex<Vec<&'static str>>, asked: &AtomicUsize) {
    let path = |url: &str| url.splitn(4, '/').nth(3).map_or("/".to_owned(), |path| format!("/{path}"));
    let base = url.trim_end_matches('/');
    let keys_url = format!("{base}/.well-known/jwks.json");
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(line) = lines.next() {
        // A question has no body: it ends with its head.
        lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
        let wanted = line.split(' ').nth(1).unwrap_or_default();
        let document = if wanted == path(&format!("{base}/.well-known/openid-configuration")) {
            json!({"issuer": url, "jwks_uri": keys_url, "token_endpoint": format!("{base}/token")})
        } else if wanted == path(&keys_url) {
            asked.fetch_add(1, Ordering::SeqCst);
            let keys: Vec<_> = published.lock().unwrap().iter().map(|id| PAIRS[id].public.clone()).collect();
            json!({"keys": keys})
        } else {
            Value::Null
        };
        let status = if document.is_null() { "404 Not Found" } else { "200 OK" };
        let body = document.to_string();
        let told = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nCache-Control: max-age=3600\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = stream;
        if stream.write_all(told.as_bytes()).is_err() {
            return;
        }
    }
}
