//! `tidegate purge`: makes stored answers of a running gateway worthless.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use router_core::cache::purge::Order;

use crate::admin;
use crate::arguments::DEFAULT_FILE;
use crate::report::{Failure, Report};

/// `tidegate purge`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  tidegate purge --tag product:42
  tidegate purge --url /v1/products --url 'https://api.example.com/v1/offers?page=2'
  tidegate purge --prefix /v1 --soft
  tidegate purge --everything

A running gateway is asked at its admin listener (`native.admin`). On Workers and Spin a route with `to: {purge: {}}` takes the same order as JSON:
  tidegate purge --tag product:42 --print | curl --data @- -H 'Authorization: Bearer …' https://api.example.com/purge")]
pub(crate) struct Purge {
    /// All answers with this tag. May be given several times, as all that follow.
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// All answers of a path, whatever their query; with `?…`, of this query; with `https://host`, of this host.
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
    /// All answers of a path and of those below it.
    #[arg(long, value_name = "PATH")]
    prefix: Vec<String>,
    /// All answers of a rule.
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// All answers.
    #[arg(long)]
    everything: bool,
    /// Keep them, as stale: they are given while a new one is fetched, or where the upstream fails, as far as their rule allows.
    #[arg(long)]
    soft: bool,
    /// Print the order as JSON and ask nobody.
    #[arg(long)]
    print: bool,
    /// The configuration, which says where to connect; `-` is standard input.
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_FILE, value_hint = ValueHint::FilePath)]
    config: PathBuf,
    /// Where to connect instead, such as 127.0.0.1:9090.
    #[arg(short, long, value_name = "ADDRESS")]
    admin: Option<String>,
}

/// Runs the command.
pub(crate) fn purge(asked: &Purge) -> Result<Report, Failure> {
    let order = Order {
        tags: asked.tag.clone(),
        urls: asked.url.clone(),
        prefixes: asked.prefix.clone(),
        rules: asked.rule.clone(),
        everything: asked.everything,
        soft: asked.soft,
    };
    order.names().map_err(|why| Failure::sentence(format!("{why}; see `tidegate purge --help`")))?;
    let body = serde_json::to_string(&order).map_err(|why| Failure::sentence(why.to_string()))?;
    if asked.print {
        return Ok(Report::good(format!("{body}\n")));
    }
    let address = admin::address(asked.admin.as_deref(), &asked.config)?;
    let told = admin::ask(&address, "POST", "/cache/purge", &body)?;
    let count = told["purged"].as_u64().unwrap_or(0);
    let how = if told["soft"] == true { "stale" } else { "gone" };
    Ok(Report::good(format!("done: what is stored under {count} name{} is {how}\n", if count == 1 { "" } else { "s" })))
}
