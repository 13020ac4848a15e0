//! Diagnostics for people: each with its place in the text, the excerpt and a mark.
//!
//! The excerpt given to the renderer is made here, line by line, so that a minified document of a megabyte on one line
//! costs no more than a short one, and no odd line end or control character reaches a terminal.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::super::diagnostic::{At, Diagnostic, Diagnostics, Severity};
use super::{Source, Span};

/// Whether frames are drawn with lines or with ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decor {
    /// `-->`, `|`, `^^^`: for files and pipes.
    Ascii,
    /// Drawn lines: for terminals.
    Unicode,
}

/// Whether escape sequences for colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// No escape sequences at all.
    Off,
    /// ANSI colours.
    On,
}

/// How diagnostics look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The frame.
    pub decor: Decor,
    /// The colours.
    pub colour: Colour,
    /// The columns there are; longer lines are cut around the mark.
    pub width: usize,
}

impl Style {
    /// For files, pipes and logs.
    pub const PLAIN: Self = Self { decor: Decor::Ascii, colour: Colour::Off, width: 140 };

    /// For a terminal of this width.
    #[must_use]
    pub const fn terminal(width: usize) -> Self {
        Self { decor: Decor::Unicode, colour: Colour::On, width }
    }

    fn renderer(self) -> Renderer {
        let renderer = match self.colour {
            Colour::Off => Renderer::plain(),
            Colour::On => Renderer::styled().hyperlink(false),
        };
        let decor = match self.decor {
            Decor::Ascii => DecorStyle::Ascii,
            Decor::Unicode => DecorStyle::Unicode,
        };
        // Below this the renderer has no room for a mark.
        renderer.decor_style(decor).term_width(self.width.clamp(40, 400))
    }
}

/// On each side of a mark this many bytes of its line are kept. More than any terminal shows.
const CONTEXT: usize = 1000;

/// Renders all diagnostics in the order of the text, and a line that counts them. Empty if there are none.
#[must_use]
pub fn render(source: &Source, diagnostics: &Diagnostics, style: Style) -> String {
    let renderer = style.renderer();
    let mut out = String::new();
    for (diagnostic, span) in in_order(source, diagnostics) {
        out.push_str(&renderer.render(&[report(source, diagnostic, span)]));
        out.push_str("\n\n");
    }
    if !diagnostics.is_empty() {
        out.push_str(&summary(source, diagnostics));
        out.push('\n');
    }
    out
}

/// With the place of each, sorted by it. Those without one come first.
pub(super) fn in_order<'d>(source: &Source, diagnostics: &'d Diagnostics) -> Vec<(&'d Diagnostic, Option<Span>)> {
    let mut located: Vec<_> = diagnostics.iter().map(|diagnostic| (diagnostic, source.locate(diagnostic))).collect();
    located.sort_by_key(|(_, span)| span.map(|span| span.start));
    located
}

fn report<'a>(source: &'a Source, diagnostic: &'a Diagnostic, span: Option<Span>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code));
    // A place that has no path of its own needs no label; the others are known by it in `explain` and in logs.
    let label = match diagnostic.at {
        At::Text { .. } => None,
        At::Key | At::Value => Some(diagnostic.path.to_string()).filter(|_| !diagnostic.path.steps().is_empty()),
    };
    group = match span {
        Some(span) => mark(group, source, span, AnnotationKind::Primary, label),
        None => group.element(Origin::path(source.name())),
    };
    for (path, remark) in &diagnostic.related {
        if let Some(span) = source.locate_entry(path) {
            group = mark(group, source, span, AnnotationKind::Context, Some(remark.clone()));
        }
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// Adds the first line of a span.
fn mark<'a>(
    group: Group<'a>,
    source: &'a Source,
    span: Span,
    kind: AnnotationKind,
    label: Option<String>,
) -> Group<'a> {
    let Some((line_start, line)) = source.lines.line(&source.text, span.line.saturating_sub(1)) else { return group };
    let start = span.start.saturating_sub(line_start).min(line.len());
    let end = span.end.saturating_sub(line_start).clamp(start, line.len());
    let cut = line.floor_char_boundary(start.saturating_sub(CONTEXT));
    let shown =
        line.get(cut..line.ceil_char_boundary(end.min(start + CONTEXT).saturating_add(CONTEXT).min(line.len())));
    let shown = shown.unwrap_or_default();
    let marked = (start - cut)..(end - cut).min(shown.len());
    let snippet = Snippet::source(shown).line_start(span.line).annotation(annotation(kind, marked, label));
    if cut == 0 {
        return group.element(snippet.path(source.name()));
    }
    // The renderer would count the columns of the cut line.
    group.element(Origin::path(source.name()).line(span.line).char_column(span.column)).element(snippet)
}

fn annotation<'a>(kind: AnnotationKind, marked: std::ops::Range<usize>, label: Option<String>) -> Annotation<'a> {
    let annotation = kind.span(marked);
    match label {
        Some(label) => annotation.label(label),
        None => annotation,
    }
}

fn summary(source: &Source, diagnostics: &Diagnostics) -> String {
    let count = |number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        many => Some(format!("{many} {word}s")),
    };
    let counts = [count(diagnostics.errors(), "error"), count(diagnostics.warnings(), "warning")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let more = match diagnostics.omitted() {
        0 => String::new(),
        omitted => format!(" ({omitted} of them not shown)"),
    };
    format!("{} in {}{more}", counts.join(" and "), source.name())
}
