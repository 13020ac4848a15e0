//! Quoted text.

/// What was quoted, and how many bytes of source it took.
pub(super) struct Quoted {
    pub(super) text: String,
    pub(super) length: usize,
}

/// The literal at the start of `source`; `None` where there is none. A mistake has its offset.
pub(super) fn quoted(source: &str) -> Option<Result<Quoted, (usize, &'static str)>> {
    let prefix = source.bytes().take_while(|byte| matches!(byte, b'r' | b'R' | b'b' | b'B')).count();
    let quote = source.as_bytes().get(prefix).copied().filter(|byte| matches!(byte, b'"' | b'\''))?;
    if prefix > 1 || source.starts_with(['b', 'B']) {
        return Some(Err((0, "bytes are not known here: write text")));
    }
    Some(body(source, prefix, char::from(quote)))
}

fn body(source: &str, prefix: usize, quote: char) -> Result<Quoted, (usize, &'static str)> {
    let rest = source.get(prefix..).unwrap_or_default();
    let triple: String = [quote; 3].iter().collect();
    let closing = if rest.starts_with(&triple) { triple } else { quote.to_string() };
    let mut text = String::new();
    let mut at = prefix + closing.len();
    loop {
        let rest = source.get(at..).unwrap_or_default();
        if rest.starts_with(&closing) {
            return Ok(Quoted { text, length: at + closing.len() });
        }
        match rest.chars().next() {
            None => return Err((0, "this text has no end: its closing quote is missing")),
            Some('\n' | '\r') if closing.len() == 1 => return Err((0, "this text has no end on its line")),
            Some('\\') if prefix == 0 => {
                let (character, length) = escape(rest).map_err(|message| (at, message))?;
                text.push(character);
                at += length;
            }
            Some(character) => {
                text.push(character);
                at += character.len_utf8();
            }
        }
    }
}

/// The character that the escape at the start of `rest` stands for, and its length.
fn escape(rest: &str) -> Result<(char, usize), &'static str> {
    let plain = |character| Ok((character, 2));
    match rest.as_bytes().get(1) {
        Some(b'a') => plain('\x07'),
        Some(b'b') => plain('\x08'),
        Some(b'f') => plain('\x0c'),
        Some(b'n') => plain('\n'),
        Some(b'r') => plain('\r'),
        Some(b't') => plain('\t'),
        Some(b'v') => plain('\x0b'),
        Some(byte @ (b'\\' | b'?' | b'"' | b'\'' | b'`')) => plain(char::from(*byte)),
        Some(b'x' | b'X') => coded(rest, 2, 2, 16),
        Some(b'u') => coded(rest, 2, 4, 16),
        Some(b'U') => coded(rest, 2, 8, 16),
        Some(b'0'..=b'3') => coded(rest, 1, 3, 8),
        _ => Err("this escape is not known: a backslash is written `\\\\`"),
    }
}

fn coded(rest: &str, from: usize, digits: usize, radix: u32) -> Result<(char, usize), &'static str> {
    rest.get(from..from + digits)
        .filter(|code| code.chars().all(|digit| digit.is_digit(radix)))
        .and_then(|code| u32::from_str_radix(code, radix).ok())
        .and_then(char::from_u32)
        .map(|character| (character, from + digits))
        .ok_or("this escape names no character")
}
