//! Percent-encoding at the level of bytes (RFC 3986 §2).

/// A byte of a path, by what normalising does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Byte {
    /// Stays: unreserved characters, sub-delimiters, `:` and `@`; also `[` and `]`, which no URL parser touches in a path.
    Keep,
    /// `/`.
    Slash,
    /// `\`, which becomes `/`.
    Backslash,
    /// `%`.
    Percent,
    /// Becomes an escape.
    Encode,
    /// Refused.
    Forbidden,
    /// Refused.
    Control,
    /// `?` or `#`: the path is over.
    End,
}

/// The table of [`classify`]: one look for each byte of every path.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, and below the length")]
static CLASSES: [Byte; 256] = {
    let mut classes = [Byte::Keep; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = classify(byte as u8);
        byte += 1;
    }
    classes
};

pub(super) fn byte(byte: u8) -> Byte {
    // A table of 256 has a place for every byte.
    CLASSES.get(usize::from(byte)).copied().unwrap_or(Byte::Forbidden)
}

const fn classify(byte: u8) -> Byte {
    match byte {
        b'/' => Byte::Slash,
        b'\\' => Byte::Backslash,
        b'%' => Byte::Percent,
        b'?' | b'#' => Byte::End,
        b' ' | b'"' | b'<' | b'>' => Byte::Forbidden,
        b'^' | b'`' | b'{' | b'|' | b'}' | 0x80..=0xFF => Byte::Encode,
        0x00..=0x1F | 0x7F => Byte::Control,
        _ => Byte::Keep,
    }
}

/// RFC 3986 §2.3.
pub(super) const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const fn digit(hex: u8) -> Option<u8> {
    match hex {
        b'0'..=b'9' => Some(hex - b'0'),
        b'a'..=b'f' => Some(hex - b'a' + 10),
        b'A'..=b'F' => Some(hex - b'A' + 10),
        _ => None,
    }
}

/// The byte that two hexadecimal digits stand for.
pub(super) fn escaped(high: Option<&u8>, low: Option<&u8>) -> Option<u8> {
    Some(digit(*high?)? << 4 | digit(*low?)?)
}

/// Appends `%XX`.
pub(super) fn push_escape(byte: u8, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    for nibble in [byte >> 4, byte & 0x0F] {
        out.push(HEX.get(usize::from(nibble)).map_or('0', |&digit| char::from(digit)));
    }
}

/// The bytes that a name or value of a query stands for: `+` is a space, escapes are decoded, and what is no escape stands for itself,
/// as browsers and most servers read forms (WHATWG URL, `application/x-www-form-urlencoded`).
pub fn form_bytes(text: &str) -> impl Iterator<Item = u8> {
    let mut bytes = text.as_bytes();
    std::iter::from_fn(move || {
        let (&first, rest) = bytes.split_first()?;
        bytes = rest;
        match first {
            b'+' => Some(b' '),
            b'%' => match escaped(rest.first(), rest.get(1)) {
                Some(byte) => {
                    bytes = rest.get(2..).unwrap_or_default();
                    Some(byte)
                }
                None => Some(b'%'),
            },
            other => Some(other),
        }
    })
}
