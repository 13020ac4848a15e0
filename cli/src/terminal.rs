//! What a terminal can show, and the few styles this program uses.
//!
//! Text is always made with styles; `anstream` takes them out on the way where they are not wanted (no terminal, `NO_COLOR`, `--color never`).

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use router_core::config::source::{Colour, Decor, Style as DiagnosticStyle};

use crate::arguments::Color;

/// Titles of sections and columns.
pub(crate) const HEADING: Style = Style::new().bold();
/// Names that the reader looks for.
pub(crate) const NAME: Style = AnsiColor::Cyan.on_default();
/// What went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What somebody should look at.
pub(crate) const DOUBT: Style = AnsiColor::Yellow.on_default().bold();
/// What went wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What matters less.
pub(crate) const QUIET: Style = Style::new().dimmed();
/// Neither.
pub(crate) const PLAIN: Style = Style::new();

/// `text` in `style`.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

impl Color {
    /// Makes this the choice of the program.
    pub(crate) fn choose(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// Of a terminal that does not tell its own.
const USUAL_WIDTH: usize = 100;

/// How diagnostics look on a stream: drawn to the width of a terminal, or in ASCII for a file or a pipe.
pub(crate) fn diagnostics_on(stream: &impl IsTerminal) -> DiagnosticStyle {
    if !stream.is_terminal() {
        return DiagnosticStyle { decor: Decor::Ascii, colour: Colour::On, ..DiagnosticStyle::PLAIN };
    }
    DiagnosticStyle::terminal(terminal_size::terminal_size().map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0)))
}
