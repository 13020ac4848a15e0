//! `tidegate check`.

use std::io;

use router_core::config::api_keys::{Revocation, crowded_today, revocations};
use router_core::config::capabilities::check_capabilities;
use router_core::config::limit_bounds::limit_bounds;
use router_core::config::source::{Loaded, render_json};
use router_core::config::{Purpose, raw};
use serde_json::{Value, json};
use tidegate_native::unix_ms;

use crate::arguments::{Check, Format, Platform, Warnings};
use crate::load::{self, rendered};
use crate::report::{Ending, Failure, Report};
use crate::terminal::{GOOD, styled};

/// Every mistake at once; the report is the result, so it goes to standard output.
pub(crate) fn check(asked: &Check) -> Result<Report, Failure> {
    let mut loaded = load::load(&asked.file, Purpose::Check, &asked.platform)?;
    // What depends on the day is no mistake of the document, so no other command looks at it.
    let today = loaded.checked.document.as_ref().map(|document| crowded_today(document, unix_ms()));
    loaded.checked.diagnostics.extend(today.unwrap_or_default());
    let found = &loaded.checked.diagnostics;
    let bad = found.has_errors() || (asked.warnings == Warnings::Deny && !found.is_empty());
    let out = match asked.format {
        Format::Json => format!("{:#}\n", as_json(&loaded, bad, asked)),
        Format::Text => as_text(&loaded, bad, asked),
    };
    Ok(Report { out, ending: if bad { Ending::Bad } else { Ending::Good }, ..Report::default() })
}

fn as_text(loaded: &Loaded, bad: bool, asked: &Check) -> String {
    let mut text = rendered(loaded, &io::stdout());
    if let (false, Some(document)) = (bad, &loaded.checked.document) {
        let size =
            format!("{}, {}", count(document.routes.len(), "route"), count(document.upstreams.len(), "upstream"));
        let mut line = format!("{} is {}: {size}.", loaded.source.name(), styled(GOOD, "good"));
        // Somebody who named platforms has the answer already: what they cannot do would be an error.
        if asked.platform.is_empty() {
            line.push_str(&runs_on(document));
        }
        text.push_str(&line);
        text.push('\n');
        text.extend(revocations(document).iter().map(|revocation| revocation_line(revocation, asked)));
        text.extend(bounds(document, asked).iter().map(bound_line));
    } else if bad && !loaded.checked.diagnostics.has_errors() {
        text.push_str("Warnings are denied (--warnings deny).\n");
    }
    text
}

/// Which platforms can do what the document asks.
fn runs_on(document: &raw::Document) -> String {
    let able = |platform: &Platform| !check_capabilities(document, platform.name()).has_errors();
    let (able, unable): (Vec<_>, Vec<_>) =
        [Platform::Native, Platform::Workers, Platform::Spin].into_iter().partition(able);
    let names = |platforms: &[Platform]| {
        let names: Vec<&str> = platforms.iter().map(|platform| platform.name().as_str()).collect();
        names.join(", ")
    };
    match unable.first() {
        None => format!(" It runs on {}.", names(&able)),
        Some(first) => {
            let why = first.name().as_str();
            format!(" It runs on {}, but not on {} (--platform {why} says why).", names(&able), names(&unable))
        }
    }
}

/// For how long a revoked API key may work, where it was used lately.
fn revocation_line(revocation: &Revocation, asked: &Check) -> String {
    let delays: Vec<String> = platforms(asked)
        .map(|platform| {
            let (delay, and_provider) = revocation.on(platform.name());
            let more = if and_provider { " and as long as its store's provider needs" } else { "" };
            format!("on {} {} s{more}", platform.name().as_str(), delay.as_secs())
        })
        .collect();
    format!("A revoked key of `{}` may work for up to: {}.\n", revocation.authenticator, delays.join(", "))
}

/// How exact a limit is on some platforms.
struct Exactness {
    limit: String,
    platforms: Vec<&'static str>,
    too_much: String,
    too_little: String,
}

/// How exact every limit is, on the platforms that can keep it; those on which it is the same together.
fn bounds(document: &raw::Document, asked: &Check) -> Vec<Exactness> {
    let mut all: Vec<Exactness> = Vec::new();
    let able = |platform: &Platform| !check_capabilities(document, platform.name()).has_errors();
    for platform in platforms(asked).filter(able) {
        for bound in limit_bounds(document, platform.name()) {
            let same = |known: &&mut Exactness| {
                (&known.limit, &known.too_much, &known.too_little) == (&bound.limit, &bound.too_much, &bound.too_little)
            };
            match all.iter_mut().find(same) {
                Some(known) => known.platforms.push(platform.name().as_str()),
                None => all.push(Exactness {
                    limit: bound.limit,
                    platforms: vec![platform.name().as_str()],
                    too_much: bound.too_much,
                    too_little: bound.too_little,
                }),
            }
        }
    }
    all.sort_by(|one, other| one.limit.cmp(&other.limit));
    all
}

fn bound_line(exactness: &Exactness) -> String {
    let Exactness { limit, platforms, too_much, too_little } = exactness;
    format!("Limit `{limit}` on {}: {too_much}; {too_little}.\n", platforms.join(", "))
}

fn bound_json(exactness: &Exactness) -> Value {
    let Exactness { limit, platforms, too_much, too_little } = exactness;
    json!({"limit": limit, "platforms": platforms, "too_much": too_much, "too_little": too_little})
}

/// The platforms that were named, or all.
fn platforms(asked: &Check) -> impl Iterator<Item = Platform> {
    let named = move |platform: &Platform| asked.platform.is_empty() || asked.platform.contains(platform);
    [Platform::Native, Platform::Workers, Platform::Spin].into_iter().filter(named)
}

fn revocation_json(revocation: &Revocation, asked: &Check) -> Value {
    let delays = platforms(asked).map(|platform| {
        let (delay, and_provider) = revocation.on(platform.name());
        json!({"platform": platform.name().as_str(), "seconds": delay.as_secs(), "and_provider": and_provider})
    });
    json!({"authenticator": revocation.authenticator, "at_most": delays.collect::<Vec<_>>()})
}

fn as_json(loaded: &Loaded, bad: bool, asked: &Check) -> Value {
    let found = &loaded.checked.diagnostics;
    let revocations = loaded.checked.document.as_ref().map(revocations).unwrap_or_default();
    let good = loaded.checked.document.as_ref().filter(|_| !bad);
    let limits = good.map(|document| bounds(document, asked)).unwrap_or_default();
    json!({
        "file": loaded.source.name(),
        "good": !bad,
        "errors": found.errors(),
        "warnings": found.warnings(),
        "omitted": found.omitted(),
        "diagnostics": render_json(&loaded.source, found),
        "limits": limits.iter().map(bound_json).collect::<Vec<_>>(),
        "revocation": revocations.iter().map(|revocation| revocation_json(revocation, asked)).collect::<Vec<_>>(),
    })
}

fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
