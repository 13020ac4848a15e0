//! What was observed in one step, the same for every platform.

use serde_json::Value;

/// Header fields: names in lower case, values as bytes, in order.
pub type Fields = Vec<(String, Vec<u8>)>;

/// All of it.
#[derive(Clone, Debug)]
pub struct Observed {
    /// What the client got.
    pub got: Got,
    /// What other clients got meanwhile, as far as they came.
    pub aside: Vec<Got>,
    /// What upstreams saw.
    pub seen: Vec<Seen>,
    /// The log lines since the step began. A line that is not JSON is a text.
    pub lines: Vec<Value>,
}

/// What the client got.
#[derive(Clone, Debug)]
pub enum Got {
    /// An answer.
    Answer(Answer),
    /// It left before there was one.
    Left,
    /// None, and why.
    Nothing(String),
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The interim answers before it.
    pub interim: Vec<u16>,
    /// Its status.
    pub status: u16,
    /// Its header fields.
    pub headers: Fields,
    /// Its body, as far as it came.
    pub body: Vec<u8>,
    /// Why the body broke off.
    pub truncated: Option<String>,
    /// Its trailers.
    pub trailers: Fields,
    /// What came over WebSocket.
    pub conversation: Option<Conversation>,
}

/// What came over a WebSocket.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// The messages.
    pub messages: Vec<Message>,
    /// The code with which the other side closed it.
    pub closed: Option<u16>,
}

/// A message over WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

/// A request as an upstream saw it.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Whether it was the second upstream.
    pub at_second: bool,
    /// Its method.
    pub method: String,
    /// Its target.
    pub target: String,
    /// Its header fields.
    pub headers: Fields,
    /// Its body, as far as it came.
    pub body: Vec<u8>,
    /// Whether the body came to its end.
    pub whole: bool,
    /// Why the body broke off.
    pub cut_off: Option<String>,
    /// Whether the connection was closed before the answer was complete.
    pub left: bool,
    /// What came over WebSocket, once it has ended.
    pub conversation: Option<Conversation>,
}

/// All lines of a field as one: joined by `, ` (RFC 9110 section 5.3), which is how some platforms hand them over; `set-cookie`, which is no list,
/// by line ends.
#[must_use]
pub fn field(fields: &Fields, name: &str) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> =
        fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_slice()).collect();
    if lines.is_empty() { None } else { Some(lines.join(separator(name))) }
}

/// What stands between the lines of a field.
#[must_use]
pub fn separator(name: &str) -> &'static [u8] {
    if name == "set-cookie" { b"\n" } else { b", " }
}
