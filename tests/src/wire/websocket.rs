//! WebSocket (RFC 6455): the fields of its handshake, and both ends of a conversation.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncWriteExt, join};
use tokio::net::tcp::OwnedWriteHalf;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use super::play::{Next, fields};
use super::reader::Reader;
use super::upstream::Shared;
use crate::case::exchange::{Fails, Upstream};
use crate::case::websocket::{Accepts, Asks, Message};
use crate::observed::{self, Conversation, Fields, field};

/// Any 16 bytes do (RFC 6455 section 4.1); these are those of the RFC's example.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The code that stands for a close without one (RFC 6455 section 7.1.5).
const NO_STATUS: u16 = 1005;

/// What one end does.
pub(super) struct Part<'p> {
    /// Its messages.
    pub(super) sends: &'p [Message],
    /// How many it waits for.
    pub(super) awaits: usize,
    /// What it does then.
    pub(super) ends: Ends,
}

/// How one end comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// It waits for the other side to close.
    Waits,
    /// It closes with this code.
    Closes(u16),
    /// It leaves without a word.
    Leaves,
}

impl Ends {
    pub(super) fn of(closes: Option<u16>, leaves: bool) -> Self {
        match closes {
            _ if leaves => Self::Leaves,
            Some(code) => Self::Closes(code),
            None => Self::Waits,
        }
    }
}

/// What was heard, and why it broke off.
type Heard = (Conversation, Option<String>);

/// The fields that ask for WebSocket.
pub(super) fn asking(asks: &Asks) -> Fields {
    let mut fields: Fields = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", KEY),
    ]
    .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
    .to_vec();
    if !asks.protocols.is_empty() {
        fields.push(("sec-websocket-protocol".to_owned(), asks.protocols.join(", ").into_bytes()));
    }
    fields
}

/// The client's end, after an answer 101 with these fields.
pub(super) async fn client(headers: &Fields, part: Part<'_>, reader: &mut Reader, write: &mut OwnedWriteHalf) -> Heard {
    let accepted = field(headers, "sec-websocket-accept").unwrap_or_default();
    if accepted != derive_accept_key(KEY.as_bytes()).as_bytes() {
        let found = accepted.escape_ascii();
        let why = format!("`sec-websocket-accept: {found}` does not belong to the key that was sent");
        return (Conversation::default(), Some(why));
    }
    converse(Role::Client, part, reader, write).await
}

/// The upstream's end: agrees to what was asked, and talks.
pub(super) async fn upstream(
    scripted: &Upstream,
    accepts: &Accepts,
    at: usize,
    reader: &mut Reader,
    write: &mut OwnedWriteHalf,
    shared: &Shared,
) -> Next {
    let key = shared.seen.borrow().get(at).and_then(|seen| field(&seen.headers, "sec-websocket-key"));
    let agreed = match key {
        Some(key) => write.write_all(&agreeing(&key, accepts, scripted)).await.map_err(|why| why.to_string()),
        None => Err("the request asks for no WebSocket: it has no `sec-websocket-key`".to_owned()),
    };
    let awaits = scripted.sees.messages.as_ref().map_or(0, Vec::len);
    let ends = Ends::of(accepts.closes, scripted.fails.is_some());
    let (conversation, broken) = match agreed {
        Ok(()) => converse(Role::Server, Part { sends: &accepts.sends, awaits, ends }, reader, write).await,
        Err(why) => (Conversation::default(), Some(why)),
    };
    if scripted.fails == Some(Fails::Reset) {
        drop(write.as_ref().set_zero_linger());
    }
    shared.amend(at, |seen| {
        seen.left |= broken.is_some();
        seen.cut_off = broken;
        seen.conversation = Some(conversation);
    });
    Next::Close
}

/// The head that accepts (RFC 6455 section 4.2.2).
fn agreeing(key: &[u8], accepts: &Accepts, scripted: &Upstream) -> Vec<u8> {
    let key = derive_accept_key(key);
    let mut head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {key}\r\n"
    );
    if let Some(protocol) = &accepts.protocol {
        head.push_str(&format!("sec-websocket-protocol: {protocol}\r\n"));
    }
    [head.into_bytes(), fields(&scripted.answers.headers), b"\r\n".to_vec()].concat()
}

async fn converse(role: Role, part: Part<'_>, reader: &mut Reader, write: &mut OwnedWriteHalf) -> Heard {
    let (half, read) = reader.rest();
    let mut end = End {
        socket: WebSocketStream::from_partially_read(join(half, write), read.to_vec(), role, None).await,
        told: Conversation::default(),
    };
    let broken = end.speak(role, part).await.err();
    (end.told, broken)
}

struct End<S> {
    socket: WebSocketStream<S>,
    told: Conversation,
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> End<S> {
    async fn speak(&mut self, role: Role, part: Part<'_>) -> Result<(), String> {
        if role == Role::Client {
            self.send(part.sends).await?;
        }
        while self.told.messages.len() < part.awaits && self.told.closed.is_none() {
            self.listen().await?;
        }
        if role == Role::Server {
            self.send(part.sends).await?;
        }
        match part.ends {
            Ends::Leaves => return Ok(()),
            Ends::Closes(code) if self.told.closed.is_none() => {
                let frame = CloseFrame { code: code.into(), reason: "".into() };
                self.socket.close(Some(frame)).await.map_err(|why| why.to_string())?;
            }
            Ends::Closes(_) | Ends::Waits => {}
        }
        while self.told.closed.is_none() {
            self.listen().await?;
        }
        // The agreement to close, where the other side began. That it may have gone already is not this end's business.
        drop(self.socket.flush().await);
        Ok(())
    }

    async fn send(&mut self, messages: &[Message]) -> Result<(), String> {
        for message in messages {
            let message = match message.content() {
                observed::Message::Text(text) => tungstenite::Message::Text(text.into()),
                observed::Message::Binary(bytes) => tungstenite::Message::Binary(bytes.into()),
            };
            self.socket.send(message).await.map_err(|why| why.to_string())?;
        }
        Ok(())
    }

    async fn listen(&mut self) -> Result<(), String> {
        match self.socket.next().await {
            Some(Ok(tungstenite::Message::Text(text))) => {
                self.told.messages.push(observed::Message::Text(text.as_str().to_owned()));
            }
            Some(Ok(tungstenite::Message::Binary(bytes))) => {
                self.told.messages.push(observed::Message::Binary(bytes.to_vec()));
            }
            Some(Ok(tungstenite::Message::Close(frame))) => {
                self.told.closed = Some(frame.map_or(NO_STATUS, |frame| frame.code.into()));
            }
            Some(Ok(_)) => {}
            Some(Err(why)) => return Err(why.to_string()),
            None => return Err("the connection was closed".to_owned()),
        }
        Ok(())
    }
}
