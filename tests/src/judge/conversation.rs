//! What came over a WebSocket.

use super::Mismatch;
use super::text::shown;
use crate::case::websocket::Message;
use crate::observed::{self, Conversation};

/// Judges one end. Whether the conversation broke off is judged as it is of a body.
pub(super) fn judge(
    whose: &str,
    messages: Option<&[Message]>,
    closes: Option<u16>,
    found: Option<&Conversation>,
    wrong: &mut Vec<Mismatch>,
) {
    let Some(found) = found else {
        if messages.is_some() || closes.is_some() {
            wrong.push(Mismatch::new(format!("{whose} WebSocket"), "there is one", "none was agreed on"));
        }
        return;
    };
    if let Some(expected) = messages {
        let expected: Vec<observed::Message> = expected.iter().map(Message::content).collect();
        if expected != found.messages {
            wrong.push(Mismatch::new(format!("{whose} messages"), listed(&expected), listed(&found.messages)));
        }
    }
    if let Some(code) = closes
        && found.closed != Some(code)
    {
        let found = found.closed.map_or_else(|| "none".to_owned(), |code| code.to_string());
        wrong.push(Mismatch::new(format!("{whose} close code"), code.to_string(), found));
    }
}

/// Messages for people, one a line.
pub(crate) fn listed(messages: &[observed::Message]) -> String {
    if messages.is_empty() {
        return "none".to_owned();
    }
    let line = |message: &observed::Message| match message {
        observed::Message::Text(text) => format!("text: {}", shown(text.as_bytes())),
        observed::Message::Binary(bytes) => format!("binary: {}", bytes.escape_ascii()),
    };
    messages.iter().map(line).collect::<Vec<_>>().join("\n")
}
