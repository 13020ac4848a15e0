//! How long answers are fresh: `ttl` and what is akin.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cache::rule::{Heuristic, StatusRange};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::grammar::shorten;
use crate::config::raw::cache as raw;

/// A year: what HTTP has always taken for "for ever" (RFC 2616 section 14.21).
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A tenth of the time since the last change, as RFC 9111 section 4.2.2 says is usual; no longer than a day, beyond which RFC 7234 section 4.2.2 wanted a
/// warning.
const PERCENT: u8 = 10;
const MOST_GUESSED: Duration = Duration::from_secs(24 * 3600);

pub(super) fn duration(text: Option<&str>, path: &Place<'_>, context: &mut Context) -> Option<Duration> {
    let duration = context.duration(text, path)?;
    if duration > LONGEST {
        let found = text.unwrap_or_default();
        context.error("duration", *path, format!("expected at most `365d`, found `{}`", shorten(found)));
    }
    Some(duration)
}

pub(super) fn heuristic(raw: &raw::Heuristic, path: &Place<'_>, context: &mut Context) -> Heuristic {
    let percent = raw.percent.unwrap_or(PERCENT);
    if !(1..=100).contains(&percent) {
        context.error("percent", path.key("percent"), format!("expected 1 to 100 percent, found {percent}"));
    }
    let most = duration(raw.most.as_deref(), &path.key("most"), context);
    Heuristic { percent, most: most.unwrap_or(MOST_GUESSED) }
}

/// How a status was written, the most specific first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Exact,
    Range,
    Class,
}

/// By status: exact ones before ranges before classes, of ranges the narrowest first, of equally wide ones the lowest.
pub(super) fn statuses(
    raw: &BTreeMap<String, String>,
    path: &Place<'_>,
    context: &mut Context,
) -> Vec<(StatusRange, Duration)> {
    let mut ordered: Vec<(Form, StatusRange, Duration)> = Vec::with_capacity(raw.len());
    for (text, ttl) in raw {
        let path = path.key(text);
        let ttl = duration(Some(ttl), &path, context);
        let Some((form, statuses)) = status(text) else {
            let message = format!(
                "expected a status such as `404`, a range such as `200-299` or a class such as `5xx`, of 200 to 599, found `{}`",
                shorten(text)
            );
            context.found.push(Diagnostic::error("status", path.path(), message).at_key());
            continue;
        };
        if ordered.iter().any(|(_, known, _)| *known == statuses) {
            let message = format!("`{}` means statuses that are there already", shorten(text));
            context.found.push(Diagnostic::error("status", path.path(), message).at_key());
            continue;
        }
        ordered.push((form, statuses, ttl.unwrap_or_default()));
    }
    ordered.sort_by_key(|(form, statuses, _)| (*form, statuses.last.saturating_sub(statuses.first), statuses.first));
    ordered.into_iter().map(|(_, statuses, ttl)| (statuses, ttl)).collect()
}

fn status(text: &str) -> Option<(Form, StatusRange)> {
    if let Some(class) = text.strip_suffix("xx") {
        let first = match class {
            "2" => 200,
            "3" => 300,
            "4" => 400,
            "5" => 500,
            _ => return None,
        };
        return Some((Form::Class, StatusRange { first, last: first + 99 }));
    }
    match text.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (number(first)?, number(last)?);
            (first < last).then_some((Form::Range, StatusRange { first, last }))
        }
        None => number(text).map(|status| (Form::Exact, StatusRange { first: status, last: status })),
    }
}

/// The status of an answer that is the last word on its request.
fn number(text: &str) -> Option<u16> {
    let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|status| digits && (200..=599).contains(status))
}
