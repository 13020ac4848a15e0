//! The parts of `exchange.yaml` that are about WebSocket (RFC 6455).
//!
//! Both ends follow one rule, so that nothing depends on time: the client sends its messages, the upstream sends its own once it has those that it
//! should see, and whoever is to close does so once it has all that it should get.

use schemars::JsonSchema;
use serde::Deserialize;

use super::bytes_of;
use crate::observed;

/// What a client asks and sends.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "websocket")]
pub struct Asks {
    /// Subprotocols, the preferred one first.
    pub protocols: Vec<String>,
    /// Messages, in order.
    pub sends: Vec<Message>,
    /// Closes with this code. Left out: it waits for the upstream to close.
    pub closes: Option<u16>,
}

/// What an upstream agrees to and sends.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "websocket")]
pub struct Accepts {
    /// The subprotocol.
    pub protocol: Option<String>,
    /// Messages, in order.
    pub sends: Vec<Message>,
    /// Closes with this code. Left out: it waits for the client to close.
    pub closes: Option<u16>,
}

/// A message.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Binary),
}

/// A binary message.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a binary message")]
pub struct Binary {
    /// In hexadecimal digits.
    pub binary: String,
}

impl Message {
    /// The message. Texts that are no hexadecimal digits were refused when the case was loaded.
    #[must_use]
    pub fn content(&self) -> observed::Message {
        match self {
            Self::Text(text) => observed::Message::Text(text.clone()),
            Self::Binary(bytes) => observed::Message::Binary(bytes_of(&bytes.binary).unwrap_or_default()),
        }
    }
}
