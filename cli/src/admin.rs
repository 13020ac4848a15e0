//! Asking the admin listener of a running gateway.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use router_core::config::Purpose;
use serde_json::Value;

use crate::load::{self, rendered};
use crate::report::Failure;

/// Where operators connect if the configuration does not say.
const ADMIN: &str = "127.0.0.1:9090";

/// How long connecting and each look at the answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// The admin address: the one that was given, else that of the configuration.
pub(crate) fn address(given: Option<&str>, config: &Path) -> Result<String, Failure> {
    if let Some(address) = given {
        return Ok(address.to_owned());
    }
    let loaded = load::load(config, Purpose::Check, &[])?;
    match &loaded.checked.document {
        Some(document) => Ok(document.native.admin.clone().unwrap_or_else(|| ADMIN.to_owned())),
        None => Err(Failure::Rendered(rendered(&loaded, &std::io::stderr()))),
    }
}

/// Asks `address` for `target`, with a body of JSON if there is one. One question and one answer over HTTP/1.1 need no library.
pub(crate) fn ask(address: &str, method: &str, target: &str, body: &str) -> Result<Value, Failure> {
    let unreachable = |why: String| {
        Failure::sentence(format!(
            "no gateway answers at {address}: {why}; start one, or say with --admin where `native.admin` listens"
        ))
    };
    let resolved = address.to_socket_addrs().map_err(|why| unreachable(why.to_string()))?.next();
    let resolved = resolved.ok_or_else(|| unreachable("it has no address".to_owned()))?;
    let exchange = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&resolved, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: {resolved}\r\ntidegate-operator: 1\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(LONGEST).read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = exchange().map_err(|why| unreachable(why.to_string()))?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = end.and_then(|end| answer.get(end + 4..)).unwrap_or_default();
    let told: Value = serde_json::from_slice(body)
        .map_err(|_| unreachable("what answers there is no gateway of this version".to_owned()))?;
    match told["error"].as_str().or_else(|| told["detail"].as_str()) {
        Some(why) => Err(Failure::sentence(why.to_owned())),
        None => Ok(told),
    }
}
