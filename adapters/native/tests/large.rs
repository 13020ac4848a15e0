//! Large bodies take constant memory, whichever side is slow.

use std::io::{Read, Write};

use serde_json::json;

use crate::support::{Tide, Upstream, status, to};

const BODY: u64 = 1024 * 1024 * 1024;
const PIECE: usize = 256 * 1024;
/// What the process may grow by: far more than the buffers of one exchange, far less than the body.
const GROWTH: u64 = 24 * 1024 * 1024;

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

fn send(out: &mut impl Write) {
    let piece = vec![b'x'; PIECE];
    for _ in 0..BODY / PIECE as u64 {
        out.write_all(&piece).unwrap();
    }
}

/// Reads the whole body and gives the most memory there was meanwhile.
fn receive(from: &mut impl Read) -> u64 {
    let mut piece = vec![0; PIECE];
    let (mut left, mut most) = (BODY, 0);
    while left > 0 {
        let read = from.read(&mut piece).unwrap() as u64;
        assert_ne!(read, 0);
        left -= read;
        most = most.max(resident());
    }
    most
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_body_takes_constant_memory_both_ways() {
    let upstream = Upstream::new();
    let mut document = to(upstream.address);
    document["receive"] = json!({"max_body": "1GiB"});
    let tide = Tide::new(document);
    let mut client = tide.connect();
    let before = resident();
    client.send(&format!("PUT / HTTP/1.1\r\nhost: gate.test\r\ncontent-length: {BODY}\r\n\r\n"));
    let mut peer = upstream.accept();
    peer.head();
    let uploading = std::thread::spawn(move || {
        send(client.stream.get_mut());
        client
    });
    let most = receive(&mut peer.stream);
    let mut client = uploading.join().unwrap();
    assert!(most < before + GROWTH, "{} bytes more for an upload", most - before);
    peer.send(&format!("HTTP/1.1 200 OK\r\ncontent-length: {BODY}\r\n\r\n"));
    let downloading = std::thread::spawn(move || send(peer.stream.get_mut()));
    assert_eq!(status(&client.head()), 200);
    let most = receive(&mut client.stream);
    downloading.join().unwrap();
    assert!(most < before + GROWTH, "{} bytes more for a download", most - before);
}
