//! `tidegate limits`: how a count of a running gateway stands, and forgetting it.

mod arguments;

use std::fmt::Write as _;

use serde_json::Value;

pub(crate) use arguments::Limits;

use arguments::Command;

use crate::admin;
use crate::arguments::Format;
use crate::report::{Failure, Report};

/// Runs the command.
pub(crate) fn limits(asked: &Limits) -> Result<Report, Failure> {
    let (method, count) = match &asked.command {
        Command::Show(count) => ("GET", count),
        Command::Reset(count) => ("DELETE", count),
    };
    let address = admin::address(count.admin.as_deref(), &count.config)?;
    let told = admin::ask(&address, method, &format!("/limits/{}{}", count.limit, count.query()?), "")?;
    Ok(Report::good(match count.format {
        Format::Json => format!("{told:#}\n"),
        Format::Text => text(&told),
    }))
}

fn text(told: &Value) -> String {
    let number = |name: &str| told[name].as_u64().unwrap_or(0);
    let mut out = String::new();
    if told["reset"] == true {
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "reset; an instance that refused this key goes on for up to 10 s, and leases that are out stay out until they end"
        );
    }
    let _ = writeln!(
        out,
        "{}: {} of {} left",
        told["limit"].as_str().unwrap_or_default(),
        number("remaining"),
        number("quota")
    );
    if number("next_ms") > 0 {
        let _ = writeln!(out, "one more in {} ms, all in {} ms", number("next_ms"), number("full_ms"));
    }
    out
}
