//! `tidegate limits`: how a count of a running gateway stands, and forgetting it.

mod admin;
mod arguments;

use std::fmt::Write as _;
use std::io;

use router_core::config::Purpose;
use serde_json::Value;

pub(crate) use arguments::Limits;

use arguments::{Command, Count};

use crate::arguments::Format;
use crate::load::{self, rendered};
use crate::report::{Failure, Report};

/// Where operators connect if the configuration does not say.
const ADMIN: &str = "127.0.0.1:9090";

/// Runs the command.
pub(crate) fn limits(asked: &Limits) -> Result<Report, Failure> {
    let (method, count) = match &asked.command {
        Command::Show(count) => ("GET", count),
        Command::Reset(count) => ("DELETE", count),
    };
    let admin = match &count.admin {
        Some(address) => address.clone(),
        None => configured(count)?,
    };
    let told = admin::ask(&admin, method, &count.limit, &count.query()?)?;
    Ok(Report::good(match count.format {
        Format::Json => format!("{told:#}\n"),
        Format::Text => text(&told),
    }))
}

/// The admin address of the configuration.
fn configured(count: &Count) -> Result<String, Failure> {
    let loaded = load::load(&count.config, Purpose::Check, &[])?;
    match &loaded.checked.document {
        Some(document) => Ok(document.native.admin.clone().unwrap_or_else(|| ADMIN.to_owned())),
        None => Err(Failure::Rendered(rendered(&loaded, &io::stderr()))),
    }
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
