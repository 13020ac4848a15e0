//! What people read.

use std::fmt::Write;

use crate::case::Case;
use crate::judge::text::shown;
use crate::observed::{Fields, Got};
use crate::platform::Failed;
use crate::run::Tally;

/// Everything about one platform but its closing line.
#[must_use]
pub fn details(tally: &Tally) -> String {
    let mut out = String::new();
    let platform = tally.platform.as_str();
    if let Some(sentence) = &tally.sentence {
        write(&mut out, format_args!("{platform}: {sentence}\n"));
    }
    for (case, why) in &tally.apart {
        write(&mut out, format_args!("not run: {} on {platform}: {why}\n", case.id));
    }
    if let Some(why) = &tally.broken {
        write(&mut out, format_args!("{platform} cannot be started: {why}\n\n"));
    }
    for (case, failed) in &tally.failed {
        out.push_str(&failure(platform, case, failed));
    }
    for exception in &tally.unused {
        write(
            &mut out,
            format_args!(
                "FAILED {} on {platform}\n  it passed, but tests/exceptions.toml says that it fails: {}\n  take the exception out\n\n",
                exception.case, exception.reason
            ),
        );
    }
    out
}

/// A case that failed, with all that helps to see why.
#[must_use]
pub fn failure(platform: &str, case: &Case, failed: &Failed) -> String {
    let mut out = String::new();
    write(&mut out, format_args!("FAILED {} on {platform}", case.id));
    if failed.step > 0 {
        write(&mut out, format_args!(", step {}", failed.step));
    }
    out.push('\n');
    if let Some(readme) = &case.readme {
        out.push_str(&indented(readme.trim(), "  | "));
    }
    for wrong in &failed.wrong {
        write(&mut out, format_args!("  {}\n", wrong.what));
        out.push_str(&indented(&wrong.expected, "    - "));
        out.push_str(&indented(&wrong.found, "    + "));
    }
    let Some(observed) = &failed.observed else {
        out.push('\n');
        return out;
    };
    out.push_str(&got("the client", &observed.got));
    for aside in &observed.aside {
        out.push_str(&got("meanwhile, another client", aside));
    }
    for seen in &observed.seen {
        let which = if seen.at_second { "the second upstream" } else { "the upstream" };
        write(&mut out, format_args!("  {which} saw {} {}\n", seen.method, seen.target));
        out.push_str(&indented(&message(&seen.headers, &seen.body), "    > "));
    }
    for line in &observed.lines {
        write(&mut out, format_args!("  logged {line}\n"));
    }
    out.push('\n');
    out
}

fn got(who: &str, got: &Got) -> String {
    match got {
        Got::Answer(answer) => {
            let mut out = format!("  {who} got {}\n", answer.status);
            out.push_str(&indented(&message(&answer.headers, &answer.body), "    < "));
            out
        }
        Got::Left => format!("  {who} left\n"),
        Got::Nothing(why) => format!("  {who} got nothing: {why}\n"),
    }
}

fn message(headers: &Fields, body: &[u8]) -> String {
    let mut out = String::new();
    for (name, value) in headers {
        write(&mut out, format_args!("{name}: {}\n", shown(value)));
    }
    if !body.is_empty() {
        write(&mut out, format_args!("\n{}", shown(body)));
    }
    out
}

fn indented(text: &str, by: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        write(&mut out, format_args!("{by}{line}\n"));
        out
    })
}

fn write(out: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = out.write_fmt(what);
}
