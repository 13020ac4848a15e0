//! The client: sends what a case says, byte for byte, and reads what comes.

use std::net::{IpAddr, SocketAddr};

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;

use super::message;
use super::progress::Progress;
use super::reader::Reader;
use super::websocket::{self, Ends, Part};
use crate::case::Content;
use crate::case::exchange::{Client, FieldText, Leaves};
use crate::case::latin1;
use crate::case::websocket::Asks;
use crate::observed::{Answer, Fields, Got};

/// Sends the request of `client` to `gateway` and reads the answer. `more` are fields that the platform wants beside the case's; `messages`, how many
/// shall come over WebSocket.
pub async fn exchange(
    gateway: SocketAddr,
    client: &Client,
    more: &Fields,
    messages: usize,
    progress: &Progress,
) -> Got {
    match connect(gateway, client).await {
        Ok(stream) => match &client.websocket {
            Some(asks) => converse(stream, client, asks, more, messages, progress).await,
            None => talk(stream, client, more, progress).await,
        },
        Err(why) => Got::Nothing(format!("cannot connect to {gateway}: {why}")),
    }
}

/// A loopback address of the case becomes the address of this end: all of 127.0.0.0/8 belongs to this machine.
async fn connect(gateway: SocketAddr, client: &Client) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(address @ IpAddr::V4(_)) = client.ip().filter(IpAddr::is_loopback) {
        socket.bind(SocketAddr::new(address, 0))?;
    }
    let stream = socket.connect(gateway).await?;
    stream.set_nodelay(true)?;
    if client.leaves.is_some() {
        // An orderly close could mean that the client has only finished sending. A reset cannot be misunderstood.
        stream.set_zero_linger()?;
    }
    Ok(stream)
}

async fn talk(stream: TcpStream, client: &Client, more: &Fields, progress: &Progress) -> Got {
    let (read, mut write) = stream.into_split();
    let mut reader = Reader::new(read);
    let go_on = watch::Sender::new(false);
    let head = head(client, more);
    let sending = async {
        // A gateway may answer and close before it has taken the whole body; its answer is what counts.
        drop(send(&mut write, &head, client, go_on.subscribe(), progress).await);
        std::future::pending::<Got>().await
    };
    let leaving = async {
        match client.leaves {
            Some(Leaves::BeforeAnswer) => progress.until_asked().await,
            Some(Leaves::MidRequest) => progress.until_upstream_has(1).await,
            Some(Leaves::MidAnswer) => progress.until_client_has(1).await,
            None => std::future::pending().await,
        }
        Got::Left
    };
    tokio::select! {
        got = receive(&mut reader, client.method(), &go_on, progress) => got,
        got = sending => got,
        got = leaving => got,
    }
}

/// Asks for WebSocket, and talks if that is agreed to.
async fn converse(
    stream: TcpStream,
    client: &Client,
    asks: &Asks,
    more: &Fields,
    messages: usize,
    progress: &Progress,
) -> Got {
    let (read, mut write) = stream.into_split();
    let mut reader = Reader::new(read);
    if let Err(why) = write.write_all(&head(client, more)).await {
        return Got::Nothing(why.to_string());
    }
    let mut got = receive(&mut reader, client.method(), &watch::Sender::new(false), progress).await;
    if let Got::Answer(answer) = &mut got
        && answer.status == 101
    {
        let ends = Ends::of(asks.closes, client.leaves.is_some());
        let part = Part { sends: &asks.sends, awaits: messages, ends };
        let (conversation, broken) = websocket::client(&answer.headers, part, &mut reader, &mut write).await;
        if client.leaves.is_some() && broken.is_none() {
            return Got::Left;
        }
        answer.conversation = Some(conversation);
        answer.truncated = broken;
    }
    got
}

async fn send(
    write: &mut OwnedWriteHalf,
    head: &[u8],
    client: &Client,
    mut go_on: watch::Receiver<bool>,
    progress: &Progress,
) -> std::io::Result<()> {
    write.write_all(head).await?;
    if client.expect_continue && go_on.wait_for(|told| *told).await.is_err() {
        return Ok(());
    }
    match client.content() {
        Content::None => Ok(()),
        Content::Whole(body) => write.write_all(&body).await,
        Content::Chunks(chunks) => {
            let mut sent = 0;
            for chunk in chunks {
                write.write_all(&framed(&chunk)).await?;
                sent += chunk.len();
                if client.lockstep {
                    progress.until_upstream_has(sent).await;
                }
            }
            let end: &[u8] = if client.breaks_off { b"no size of a chunk\r\n" } else { b"0\r\n\r\n" };
            write.write_all(end).await
        }
    }
}

/// One chunk (RFC 9112 section 7.1).
pub(super) fn framed(chunk: &[u8]) -> Vec<u8> {
    let mut framed = format!("{:x}\r\n", chunk.len()).into_bytes();
    framed.extend_from_slice(chunk);
    framed.extend_from_slice(b"\r\n");
    framed
}

async fn receive(reader: &mut Reader, method: &str, go_on: &watch::Sender<bool>, progress: &Progress) -> Got {
    let mut answer = Answer::default();
    let head = loop {
        let head = match reader.head().await.and_then(|head| message::response(&head)) {
            Ok(head) => head,
            Err(why) => return Got::Nothing(why),
        };
        if !(100..200).contains(&head.status) || head.status == 101 {
            break head;
        }
        answer.interim.push(head.status);
        if head.status == 100 {
            go_on.send_replace(true);
        }
    };
    answer.truncated = match message::of_response(method, &head) {
        Ok(framing) => reader.body(framing, &mut answer.body, &mut |bytes| progress.client_has(bytes)).await.err(),
        Err(why) => Some(why),
    };
    answer.trailers = reader.trailers();
    answer.status = head.status;
    answer.headers = head.headers;
    Got::Answer(answer)
}

fn head(client: &Client, more: &Fields) -> Vec<u8> {
    let version = if client.http10 { "1.0" } else { "1.1" };
    let mut head = format!("{} {} HTTP/{version}\r\n", client.method(), client.target()).into_bytes();
    for (name, value) in client.fields().iter().chain(more) {
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

impl Client {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_deref().unwrap_or("GET")
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &str {
        self.target.as_deref().unwrap_or("/")
    }

    /// The client's address, if the case names one.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.as_deref().and_then(|address| address.parse().ok())
    }

    /// All fields of the request, with `Host` first and those that describe the body.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        if !self.headers.keys().any(|name| name.eq_ignore_ascii_case("host")) {
            fields.push(("host".into(), b"gateway.test".to_vec()));
        }
        for (name, field) in &self.headers {
            let Some(field) = field else { continue };
            fields.extend(lines(field).into_iter().map(|value| (name.clone(), value)));
        }
        let names = |name: &str| self.headers.keys().any(|known| known.eq_ignore_ascii_case(name));
        match self.content() {
            Content::None => {}
            Content::Whole(body) if !names("content-length") => {
                fields.push(("content-length".into(), body.len().to_string().into_bytes()));
            }
            Content::Whole(_) => {}
            Content::Chunks(_) => fields.push(("transfer-encoding".into(), b"chunked".to_vec())),
        }
        if let Some(asks) = &self.websocket {
            fields.extend(websocket::asking(asks).into_iter().filter(|(name, _)| !names(name)));
        }
        if self.expect_continue {
            fields.push(("expect".into(), b"100-continue".to_vec()));
        }
        fields
    }
}

/// The lines of a field of a case.
pub(crate) fn lines(field: &FieldText) -> Vec<Vec<u8>> {
    match field {
        FieldText::Text(text) => vec![text.clone().into_bytes()],
        FieldText::Lines(lines) => lines.iter().map(|line| line.clone().into_bytes()).collect(),
        FieldText::Bytes(bytes) => vec![latin1(&bytes.latin1).unwrap_or_default()],
    }
}
