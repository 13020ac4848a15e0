//! Reads heads and bodies of HTTP/1.1 messages.

use bytes::{Buf, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;

use crate::observed::Fields;

/// No head of a case is longer.
const LONGEST_HEAD: usize = 4 << 20;

/// How long a body is (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes.
    Length(usize),
    /// Chunks.
    Chunked,
    /// Until the connection is closed.
    UntilClose,
}

/// The reading half of a connection.
pub(super) struct Reader {
    half: OwnedReadHalf,
    buffer: BytesMut,
    trailers: Fields,
}

impl Reader {
    pub(super) fn new(half: OwnedReadHalf) -> Self {
        Self { half, buffer: BytesMut::new(), trailers: Fields::new() }
    }

    /// The connection itself, with what was read of it already.
    pub(super) fn rest(&mut self) -> (&mut OwnedReadHalf, BytesMut) {
        let read = self.buffer.split();
        (&mut self.half, read)
    }

    async fn more(&mut self) -> Result<(), String> {
        match self.half.read_buf(&mut self.buffer).await {
            Ok(0) => Err("the connection was closed".into()),
            Ok(_) => Ok(()),
            Err(why) => Err(why.to_string()),
        }
    }

    /// Everything up to and with the empty line.
    pub(super) async fn head(&mut self) -> Result<BytesMut, String> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(self.buffer.split_to(end + 4));
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(format!("no end of the head within {LONGEST_HEAD} bytes"));
            }
            let before = self.buffer.len();
            self.more().await.map_err(|why| match before {
                0 => why,
                _ => format!("{why} within a head: {}", String::from_utf8_lossy(&self.buffer)),
            })?;
        }
    }

    async fn line(&mut self) -> Result<String, String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\r\n") {
                let line = self.buffer.split_to(end + 2);
                return Ok(String::from_utf8_lossy(line.get(..end).unwrap_or_default()).into_owned());
            }
            self.more().await?;
        }
    }

    async fn exactly(
        &mut self,
        length: usize,
        body: &mut Vec<u8>,
        progress: &mut dyn FnMut(usize),
    ) -> Result<(), String> {
        let mut missing = length;
        loop {
            let piece = missing.min(self.buffer.len());
            body.extend_from_slice(self.buffer.get(..piece).unwrap_or_default());
            self.buffer.advance(piece);
            missing -= piece;
            progress(body.len());
            if missing == 0 {
                return Ok(());
            }
            self.more().await.map_err(|why| format!("{why} with {missing} bytes missing"))?;
        }
    }

    /// Reads a body. What came before a failure is in `body`.
    pub(super) async fn body(
        &mut self,
        framing: Framing,
        body: &mut Vec<u8>,
        progress: &mut dyn FnMut(usize),
    ) -> Result<(), String> {
        match framing {
            Framing::Length(length) => self.exactly(length, body, progress).await,
            Framing::Chunked => self.chunks(body, progress).await,
            Framing::UntilClose => loop {
                body.extend_from_slice(&self.buffer);
                self.buffer.clear();
                progress(body.len());
                match self.half.read_buf(&mut self.buffer).await {
                    Ok(0) => return Ok(()),
                    Ok(_) => {}
                    Err(why) => return Err(why.to_string()),
                }
            },
        }
    }

    /// The trailers of the last body (RFC 9112 section 7.1.2).
    pub(super) fn trailers(&mut self) -> Fields {
        std::mem::take(&mut self.trailers)
    }

    /// RFC 9112 section 7.1.
    async fn chunks(&mut self, body: &mut Vec<u8>, progress: &mut dyn FnMut(usize)) -> Result<(), String> {
        loop {
            let line = self.line().await.map_err(|why| format!("{why} before the last chunk"))?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| format!("`{line}` is no size of a chunk"))?;
            if size == 0 {
                return self.trailer_section().await;
            }
            self.exactly(size, body, progress).await?;
            match self.line().await?.as_str() {
                "" => {}
                found => return Err(format!("expected the end of a chunk, found `{found}`")),
            }
        }
    }

    async fn trailer_section(&mut self) -> Result<(), String> {
        loop {
            let line = self.line().await.map_err(|why| format!("{why} within the trailers"))?;
            if line.is_empty() {
                return Ok(());
            }
            let (name, value) = line.split_once(':').ok_or_else(|| format!("`{line}` is no trailer"))?;
            self.trailers.push((name.to_ascii_lowercase(), value.trim().as_bytes().to_vec()));
        }
    }

    /// Waits until the other side closes or breaks the connection; what it sends until then is dropped.
    pub(super) async fn closed(&mut self) {
        loop {
            self.buffer.clear();
            if self.more().await.is_err() {
                return;
            }
        }
    }
}
