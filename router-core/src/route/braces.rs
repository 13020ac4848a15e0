//! Texts with parameters in braces, such as `/users/{id}`. `{{` and `}}` are the characters themselves.

/// A piece of such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// What stands there.
    Text(&'t str),
    /// A brace that stands for itself.
    Brace(char),
    /// What is between two braces, and where the first one is, in bytes.
    Parameter {
        /// Between the braces.
        name: &'t str,
        /// The place of the first one.
        at: usize,
    },
}

/// The pieces of a text, in order.
///
/// # Errors
/// The place of a brace that has no partner.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, usize>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.find(['{', '}']).unwrap_or(rest.len());
        if end > 0 {
            let (before, from) = rest.split_at(end);
            rest = from;
            return Some(Ok(Piece::Text(before)));
        }
        let at = text.len() - rest.len();
        let brace = rest.chars().next()?;
        if let Some(tail) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            rest = tail;
            return Some(Ok(Piece::Brace(brace)));
        }
        let Some((name, tail)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
            rest = "";
            return Some(Err(at));
        };
        rest = tail;
        Some(Ok(Piece::Parameter { name, at }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_its_pieces_up_to_a_brace_without_a_partner() {
        let pieces = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(pieces(""), []);
        assert_eq!(
            pieces("a{b}{{}}{}c"),
            [
                Ok(Piece::Text("a")),
                Ok(Piece::Parameter { name: "b", at: 1 }),
                Ok(Piece::Brace('{')),
                Ok(Piece::Brace('}')),
                Ok(Piece::Parameter { name: "", at: 8 }),
                Ok(Piece::Text("c")),
            ]
        );
        assert_eq!(pieces("a}b"), [Ok(Piece::Text("a")), Err(1)]);
        assert_eq!(pieces("ü{b"), [Ok(Piece::Text("ü")), Err(2)]);
    }
}
