//! What a real Spin prints on standard output, told apart from what its component prints.

use super::manifest::COMPONENT;

/// The head of the list of routes.
const ROUTES: &str = "Available Routes:";

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Spin's own, of no interest.
    Spin,
    /// Spin's own: requests are served from now on.
    Serving,
    /// The component's, without what Spin puts before it.
    Component(&'a str),
}

/// Reads Spin's lines in their order. A component can print only when it is asked, so up to `Serving` every line is Spin's.
/// Then follows a list of routes, and from the first line that is none of it on, every line is the component's.
#[derive(Debug, Default)]
pub(super) struct Reader {
    phase: Phase,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Starting,
    Announcing,
    Running,
}

impl Reader {
    /// What the next line is.
    pub(super) fn line<'a>(&mut self, line: &'a str) -> Line<'a> {
        match self.phase {
            Phase::Starting if line.trim_start().starts_with("Serving http") || line.trim() == ROUTES => {
                self.phase = Phase::Announcing;
                Line::Serving
            }
            Phase::Starting => Line::Spin,
            Phase::Announcing if is_announcement(line) => Line::Spin,
            Phase::Announcing | Phase::Running => {
                self.phase = Phase::Running;
                Line::Component(plain(line))
            }
        }
    }
}

/// A line of the list of routes: `Available Routes:`, then `  component: http://127.0.0.1:3000 (wildcard)`.
fn is_announcement(line: &str) -> bool {
    let line = line.trim();
    let route = |rest: &str| rest.starts_with(": http");
    line.is_empty() || line == ROUTES || line.strip_prefix(COMPONENT).is_some_and(route)
}

/// The component's line without its name before it.
pub(super) fn plain(line: &str) -> &str {
    let named = line.strip_prefix('[').and_then(|rest| rest.strip_prefix(COMPONENT)?.strip_prefix("] "));
    let named = named.or_else(|| line.strip_prefix(COMPONENT)?.strip_prefix(": "));
    named.unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::{Line, Reader};

    fn read(lines: &[&'static str]) -> Vec<Line<'static>> {
        let mut reader = Reader::default();
        lines.iter().map(|line| reader.line(line)).collect()
    }

    #[test]
    fn what_comes_after_the_routes_is_the_components() {
        let lines = read(&[
            "Preparing Wasm modules is taking a few seconds...",
            "",
            "Serving http://127.0.0.1:3000",
            "Available Routes:",
            "  component: http://127.0.0.1:3000 (wildcard)",
            "{\"status\":200}",
            "",
        ]);
        let (spin, component) = (Line::Spin, Line::Component);
        assert_eq!(lines[..2], [Line::Spin, Line::Spin]);
        assert_eq!(lines[2], Line::Serving);
        assert_eq!(lines[3..5], [spin, Line::Spin]);
        assert_eq!(lines[5..], [component("{\"status\":200}"), component("")]);
    }

    #[test]
    fn serves_where_only_the_routes_are_named() {
        assert_eq!(read(&["Storing data", "Available Routes:"]), [Line::Spin, Line::Serving]);
    }

    #[test]
    fn a_line_is_the_same_with_the_name_of_the_component_before_it_and_without() {
        for line in ["{\"status\":200}", "[component] {\"status\":200}", "component: {\"status\":200}"] {
            assert_eq!(read(&["Serving http://127.0.0.1:1", line])[1], Line::Component("{\"status\":200}"), "{line}");
        }
    }
}
