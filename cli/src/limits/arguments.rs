//! What can be said behind `tidegate limits`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::arguments::{DEFAULT_FILE, Format};
use crate::report::Failure;

/// `tidegate limits`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate limits show burst address=192.0.2.1
  tidegate limits show per-tenant header:x-tenant=acme
  tidegate limits reset monthly consumer=partners/acme --plan pro

A running gateway is asked at its admin listener (`native.admin`). KEY names each part of the limit's key as the configuration does: consumer (the
authenticator's name, a slash, the consumer's), api_key (its hash), plan, address, route, host, header:NAME, cookie:NAME, claim:PATH. An empty value stands
for requests that lack the part.")]
pub(crate) struct Limits {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show how a count stands.
    Show(Count),
    /// Forget what a count has taken.
    Reset(Count),
}

/// Which count.
#[derive(Args, Debug)]
pub(super) struct Count {
    /// The limit.
    #[arg(value_name = "LIMIT")]
    pub(super) limit: String,
    /// The parts of its key, `PART=VALUE` each.
    #[arg(value_name = "KEY")]
    key: Vec<String>,
    /// The plan whose quota holds [default: the limit's own quota]
    #[arg(short, long, value_name = "NAME")]
    plan: Option<String>,
    /// The configuration, which says where to connect; `-` is standard input.
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_FILE, value_hint = ValueHint::FilePath)]
    pub(super) config: PathBuf,
    /// Where to connect instead, such as 127.0.0.1:9090.
    #[arg(short, long, value_name = "ADDRESS")]
    pub(super) admin: Option<String>,
    /// How to report.
    #[arg(short, long, default_value = "text")]
    pub(super) format: Format,
}

impl Count {
    /// The key as a query.
    pub(super) fn query(&self) -> Result<String, Failure> {
        let mut query = String::new();
        let mut add = |name: &str, value: &str| {
            query.push(if query.is_empty() { '?' } else { '&' });
            for (index, text) in [name, value].into_iter().enumerate() {
                if index > 0 {
                    query.push('=');
                }
                for byte in text.bytes() {
                    match byte {
                        byte if byte.is_ascii_alphanumeric() || b"-._:/".contains(&byte) => query.push(byte.into()),
                        // Writing to a text cannot fail.
                        byte => drop(write!(query, "%{byte:02X}")),
                    }
                }
            }
        };
        for part in &self.key {
            let Some((name, value)) = part.split_once('=') else {
                let why = format!("expected PART=VALUE, such as `address=192.0.2.1`, found `{part}`");
                return Err(Failure::sentence(why));
            };
            add(name, value);
        }
        let is_part = self.key.iter().any(|part| part.starts_with("plan="));
        if let Some(plan) = self.plan.as_deref().filter(|_| !is_part) {
            add("plan", plan);
        }
        Ok(query)
    }
}
