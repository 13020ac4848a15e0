//! How much of a trace is found in caches of the same memory: objects are asked for as often as Zipf's law says (Breslau et al., "Web Caching and
//! Zipf-like Distributions", INFOCOM 1999).

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::origin::Origin;
use crate::peers;

/// How many different objects there are.
const OBJECTS: u32 = 100_000;
/// How many requests are sent to each side.
const REQUESTS: u32 = 400_000;
/// What a cache may hold, in MiB. All objects together take about 800 MiB.
const MEBIBYTES: u32 = 64;
/// How steep the popularity falls: 0.6 to 0.9 in the traces of the paper.
const EXPONENTS: [f64; 2] = [0.7, 0.9];

/// Runs the trace against each side and prints what part was found.
pub(crate) fn run() -> Result<(), String> {
    println!(
        "\n| trace of {REQUESTS} requests for {OBJECTS} objects, {MEBIBYTES} MiB | tidegate | varnish | resident MiB |\n| --- | --- | --- | --- |"
    );
    for exponent in EXPONENTS {
        let trace = trace(exponent);
        let ours = Origin::start(Duration::ZERO)?;
        let tidegate = peers::tidegate(ours.address, MEBIBYTES)?;
        replay(tidegate.address, &trace)?;
        let theirs = Origin::start(Duration::ZERO)?;
        let varnish = peers::varnish(theirs.address, MEBIBYTES)?;
        replay(varnish.address, &trace)?;
        let found = |origin: &Origin| 100.0 * (1.0 - origin.asked() as f64 / f64::from(REQUESTS));
        println!(
            "| Zipf {exponent} | {:.2} % | {:.2} % | {} and {} |",
            found(&ours),
            found(&theirs),
            tidegate.resident() / 1024,
            varnish.resident() / 1024,
        );
    }
    Ok(())
}

/// The objects in the order in which they are asked for. The same in every run.
fn trace(exponent: f64) -> Vec<u32> {
    let mut sum = 0.0;
    let cumulative: Vec<f64> = (1..=OBJECTS)
        .map(|rank| {
            sum += f64::from(rank).powf(-exponent);
            sum
        })
        .collect();
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    (0..REQUESTS)
        .map(|_| {
            let at = unit(&mut random) * sum;
            u32::try_from(cumulative.partition_point(|&reached| reached < at)).unwrap_or(0).min(OBJECTS - 1)
        })
        .collect()
}

/// The next number of 0 to 1: xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016).
fn unit(state: &mut u64) -> f64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The size of an object: 1 to 64 KiB, small ones are many. It has nothing to do with how often the object is asked for.
fn size(object: u32) -> u32 {
    let mixed = object.wrapping_mul(2_654_435_761).rotate_left(16).wrapping_mul(2_246_822_519);
    let doublings = f64::from(mixed >> 8) / f64::from(1 << 24);
    (1024.0 * (doublings * doublings * 6.0).exp2()) as u32
}

/// Sends all over one connection, one after the other.
fn replay(address: SocketAddr, trace: &[u32]) -> Result<(), String> {
    let failed = |why: std::io::Error| format!("{address} does not go on: {why}");
    let stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let mut reader = BufReader::with_capacity(1 << 17, &stream);
    let mut writer = &stream;
    let mut rest = Vec::new();
    for &object in trace {
        let size = size(object);
        writer.write_all(format!("GET /{size}/{object} HTTP/1.1\r\nHost: bench\r\n\r\n").as_bytes()).map_err(failed)?;
        let length = head(&mut reader).map_err(failed)?;
        if length != size {
            return Err(format!("{address} answers with {length} bytes, expected {size}"));
        }
        rest.resize(size as usize, 0);
        reader.read_exact(&mut rest).map_err(failed)?;
    }
    Ok(())
}

/// Reads the head of an answer; gives the length of the body.
fn head(reader: &mut impl std::io::BufRead) -> std::io::Result<u32> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let trimmed = line.trim_end();
        if trimmed.is_empty() {
            return Ok(length);
        }
        if let Some((name, value)) = trimmed.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
}
