//! The reading side as a whole: text in, messages out.

mod document;
mod messages;
mod reading;
mod robustness;
mod schema;
mod shapes;
mod syntax;

use serde_json::Value;

use super::{Colour, Decor, Source, Style, check_shape, render};

/// Reads and checks a text against the schema of these tests; the messages as in a file.
fn complaints(text: &str) -> String {
    match Source::parse("tidegate.yaml", text) {
        Ok(source) => render(&source, &check_shape(source.value(), schema::document()), Style::PLAIN),
        Err(unreadable) => unreadable.to_string(),
    }
}

/// The value of a text that must be readable.
fn value(text: &str) -> Value {
    Source::parse("tidegate.yaml", text).unwrap_or_else(|unreadable| panic!("{unreadable}")).into_value()
}

/// `code: message / help` of every complaint, a line each: for tests of the words alone.
fn brief(text: &str) -> String {
    let diagnostics = match Source::parse("tidegate.yaml", text) {
        Ok(source) => check_shape(source.value(), schema::document()),
        Err(unreadable) => unreadable.diagnostics,
    };
    let lines: Vec<String> = diagnostics
        .iter()
        .map(|d| {
            let help = d.help.as_ref().map(|help| format!(" / {help}")).unwrap_or_default();
            format!("{} at {}: {}{help}", d.code, d.path, d.message)
        })
        .collect();
    lines.join("\n")
}

#[test]
fn a_terminal_gets_colours_and_drawn_lines_and_a_file_neither() {
    let source = Source::parse("t.yaml", "routes: 1\n").unwrap();
    let found = check_shape(source.value(), schema::document());
    let terminal = render(&source, &found, Style::terminal(100));
    assert!(terminal.contains('\u{1b}') && terminal.contains('│'), "{terminal}");
    let plain = render(&source, &found, Style::PLAIN);
    assert!(plain.is_ascii() && !plain.contains('\u{1b}'), "{plain}");
    let drawn = render(&source, &found, Style { decor: Decor::Unicode, colour: Colour::Off, width: 80 });
    assert!(drawn.contains('│') && !drawn.contains('\u{1b}'), "{drawn}");
}
