//! Bytes, characters and lines of a text.

/// Every so many characters the byte offset is noted. A power of two; small enough to count the rest quickly.
const STRIDE: usize = 64;

/// A range of the text, in bytes and as an editor counts: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The line of the first byte.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// The line of the end.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
}

/// Where the lines begin, and where in bytes each character is.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    starts: Vec<usize>,
    /// Empty for a text of ASCII, where a character is a byte.
    strides: Vec<usize>,
    length: usize,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            // YAML 1.2 §5.4: a line ends with LF, CR or CR LF.
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        let strides =
            if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).step_by(STRIDE).collect() };
        Self { starts, strides, length: text.len() }
    }

    /// The byte at which the character with this number begins; the end of the text when it has fewer.
    pub(super) fn byte_of_character(&self, text: &str, character: usize) -> usize {
        if self.strides.is_empty() {
            return character.min(self.length);
        }
        let Some(near) = self.strides.get(character / STRIDE) else { return self.length };
        let after = text.get(*near..).and_then(|rest| rest.char_indices().nth(character % STRIDE));
        after.map_or(self.length, |(at, _)| near + at)
    }

    /// The number of the line (from 0) that holds a byte.
    pub(super) fn line_of(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// A line (from 0) without its end, and the byte at which it begins.
    pub(super) fn line<'t>(&self, text: &'t str, line: usize) -> Option<(usize, &'t str)> {
        let start = *self.starts.get(line)?;
        let end = self.starts.get(line + 1).copied().unwrap_or(self.length);
        Some((start, text.get(start..end)?.trim_end_matches(['\r', '\n'])))
    }

    /// The span of a range of bytes, brought into the text and to the bounds of characters.
    pub(super) fn span(&self, text: &str, start: usize, end: usize) -> Option<Span> {
        if text.is_empty() {
            return None;
        }
        let start = text.floor_char_boundary(start);
        let end = text.ceil_char_boundary(end.min(text.len())).max(start);
        let (line, column) = self.place(text, start)?;
        let (end_line, end_column) = self.place(text, end)?;
        Some(Span { start, end, line, column, end_line, end_column })
    }

    fn place(&self, text: &str, byte: usize) -> Option<(usize, usize)> {
        let line = self.line_of(byte);
        let before = text.get(*self.starts.get(line)?..byte)?;
        Some((line + 1, before.chars().count() + 1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_lines_and_columns_as_an_editor_does() {
        let text = "a: é\r\nb: 1\rc: 2\n";
        let lines = Lines::new(text);
        let place = |byte| lines.span(text, byte, byte).map(|s| (s.line, s.column));
        assert_eq!(place(0), Some((1, 1)));
        assert_eq!(place(5), Some((1, 5)));
        assert_eq!(place(7), Some((2, 1)));
        assert_eq!(place(12), Some((3, 1)));
        assert_eq!(place(99), Some((4, 1)));
        assert_eq!(lines.line(text, 1), Some((7, "b: 1")));
        assert_eq!(lines.line(text, 9), None);
        assert_eq!(Lines::new("").span("", 0, 0), None);
    }

    proptest! {
        #[test]
        fn finds_the_byte_of_every_character(text in "[aé\u{1F30A}\n]{0,300}") {
            let lines = Lines::new(&text);
            for (number, (byte, _)) in text.char_indices().enumerate() {
                prop_assert_eq!(lines.byte_of_character(&text, number), byte);
            }
            prop_assert_eq!(lines.byte_of_character(&text, text.chars().count()), text.len());
        }

        #[test]
        fn a_span_is_always_inside_the_text(text in any::<String>(), start in 0usize..40, end in 0usize..40) {
            if let Some(span) = Lines::new(&text).span(&text, start, end) {
                prop_assert!(text.get(span.start..span.end).is_some());
            } else {
                prop_assert!(text.is_empty());
            }
        }
    }
}
