//! One contest: the same work for each side, in turn.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::load::{self, Round};

/// Who is measured.
pub(crate) struct Side {
    /// What it is called in the table.
    pub(crate) name: &'static str,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// What is asked for, and how.
pub(crate) struct Work<'a> {
    /// What stands in the table.
    pub(crate) title: &'a str,
    /// The path of the request.
    pub(crate) path: &'a str,
    /// How many connections ask at a time.
    pub(crate) connections: u32,
    /// How many rounds, each of `seconds`.
    pub(crate) rounds: u32,
    /// See `rounds`.
    pub(crate) seconds: u32,
}

/// Runs it and prints a line for each side. The first side's is what the others' ratios are taken of.
pub(crate) fn run(wrk: &str, work: &Work<'_>, sides: &[Side]) -> Result<(), String> {
    let expected = body(sides.first().ok_or("nobody takes part")?.address, work.path)?;
    let mut rounds: Vec<Vec<Round>> = sides.iter().map(|_| Vec::new()).collect();
    for side in sides {
        if body(side.address, work.path)? != expected {
            return Err(format!("{} answers {} in another way than {}", side.name, work.path, sides[0].name));
        }
        // Nobody's first second counts.
        load::round(wrk, side.address, work.path, work.connections, 1)?;
    }
    for _ in 0..work.rounds {
        for (side, rounds) in sides.iter().zip(&mut rounds) {
            rounds.push(load::round(wrk, side.address, work.path, work.connections, work.seconds)?);
        }
    }
    for (side, own) in sides.iter().zip(&rounds) {
        let of = |value: fn(&Round) -> f64| median(own.iter().map(value).collect());
        let ratios: Vec<f64> =
            rounds[0].iter().zip(own).map(|(first, own)| first.throughput / own.throughput).collect();
        println!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {} |",
            work.title,
            side.name,
            of(|round| round.throughput),
            of(|round| round.p50),
            of(|round| round.p99),
            spread(&ratios),
        );
    }
    Ok(())
}

/// The median, and the least and the most.
fn spread(ratios: &[f64]) -> String {
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    format!("{:.2} ({least:.2} to {most:.2})", median(ratios.to_vec()))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The body of one answer, which must be a 200.
pub(crate) fn body(address: SocketAddr, path: &str) -> Result<Vec<u8>, String> {
    let failed = |why: std::io::Error| format!("{address} does not answer {path}: {why}");
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").map_err(failed)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(failed)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or(format!("{address} sent no head"))?;
    if !answer.starts_with(b"HTTP/1.1 200 ") {
        return Err(format!("{address} answers {path} with {}", String::from_utf8_lossy(&answer[..end])));
    }
    Ok(answer.split_off(end + 4))
}
