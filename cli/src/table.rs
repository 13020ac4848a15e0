//! Columns that stand below each other, in a terminal as in a file.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::terminal::{HEADING, styled};

/// Rows of styled cells.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<(Style, String)>>,
}

/// Between two columns.
const GAP: usize = 2;

/// A cell that is wider than this does not push the others to the right; only its own row is out of line.
const WIDEST: usize = 48;

impl Table {
    /// A table with titles above its columns.
    pub(crate) fn titled<const N: usize>(titles: [&str; N]) -> Self {
        let mut table = Self::default();
        table.row(titles.map(|title| (HEADING, title.to_owned())));
        table
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [(Style, String); N]) {
        self.rows.push(cells.into());
    }

    /// The rows as lines, each `indent` spaces from the left; nothing behind the last cell.
    pub(crate) fn render(&self, indent: usize) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|(_, text)| text.width()).filter(|width| *width <= WIDEST).max().unwrap_or(0)
            })
            .collect();
        let mut out = String::new();
        for row in &self.rows {
            out.push_str(&" ".repeat(indent));
            let last = row.iter().rposition(|(_, text)| !text.is_empty()).unwrap_or(0);
            for ((style, text), width) in row.iter().take(last + 1).zip(&widths) {
                out.push_str(&styled(*style, text));
                out.push_str(&" ".repeat(width.saturating_sub(text.width()) + GAP));
            }
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::PLAIN;

    fn rendered<const N: usize>(rows: &[[&str; N]], indent: usize) -> String {
        let mut table = Table::default();
        for row in rows {
            table.row(row.map(|cell| (PLAIN, cell.to_owned())));
        }
        anstream::adapter::strip_str(&table.render(indent)).to_string()
    }

    #[test]
    fn columns_stand_below_each_other_by_what_characters_take() {
        assert_eq!(rendered(&[["a", "b", ""], ["日本", "é", "c"]], 1), " a     b\n 日本  é  c\n");
    }

    #[test]
    fn one_long_cell_does_not_push_the_others() {
        let long = "x".repeat(100);
        let lines = rendered(&[[long.as_str(), "b"], ["a", "c"]], 0);
        assert_eq!(lines.lines().nth(1), Some("a  c"));
    }
}
