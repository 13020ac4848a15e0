//! The socket of a client connection: tells [`Patience`] what happens on it, words hyper's own refusals as problems, and closes without losing what
//! was written last.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::patience::Patience;
use crate::refusal;

/// How long and how much of what a client still sends is read and thrown away once its answer is written. A socket closed with unread bytes sends a
/// reset, which may overtake the answer (RFC 9112 section 9.6).
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;
/// How a client of HTTP/2 begins (RFC 9113 section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A client's socket.
pub(crate) struct ClientIo<S> {
    stream: S,
    patience: Arc<Patience>,
    /// What was read to see what is spoken, and is still to be handed out.
    early: Vec<u8>,
    /// What is written in the place of hyper's refusal, and how much of it has been.
    instead: Option<(Vec<u8>, usize)>,
    closing: Closing,
}

enum Closing {
    No,
    Lingering { until: Pin<Box<Sleep>>, read: usize },
    Done,
}

impl<S> ClientIo<S> {
    pub(crate) fn new(stream: S, patience: Arc<Patience>) -> Self {
        Self { stream, patience, early: Vec::new(), instead: None, closing: Closing::No }
    }

    fn note<T>(&self, polled: &Poll<T>) {
        match polled {
            Poll::Ready(_) => self.patience.wrote(),
            Poll::Pending => self.patience.stall(),
        }
    }
}

impl<S: AsyncRead + Unpin> ClientIo<S> {
    /// Reads until it is clear whether the client speaks HTTP/2 with prior knowledge (RFC 9113 section 3.3).
    pub(crate) async fn sniff_http2(&mut self) -> io::Result<bool> {
        while PREFACE.starts_with(&self.early) {
            if self.early.len() == PREFACE.len() {
                return Ok(true);
            }
            let mut piece = [0; PREFACE.len()];
            let rest = PREFACE.len() - self.early.len();
            let read = self.stream.read(piece.get_mut(..rest).unwrap_or_default()).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.patience.read(read);
            self.early.extend_from_slice(piece.get(..read).unwrap_or_default());
        }
        Ok(false)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ClientIo<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.early.is_empty() {
            let length = this.early.len().min(buffer.remaining());
            buffer.put_slice(this.early.drain(..length).as_slice());
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        let bytes = buffer.filled().len() - before;
        if bytes > 0 {
            this.patience.read(bytes);
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> ClientIo<S> {
    fn poll_instead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((bytes, written)) = &mut self.instead {
            let rest = bytes.get(*written..).unwrap_or_default();
            if rest.is_empty() {
                self.instead = None;
                break;
            }
            match ready!(Pin::new(&mut self.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Looks whether hyper is refusing a head by itself, and writes a problem in its place. `None`: it is not.
    fn refuse(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Option<Poll<io::Result<usize>>> {
        if self.instead.is_none() {
            if self.patience.is_open() || self.patience.is_tunnel() {
                return None;
            }
            self.instead = Some((refusal::reword(bytes, self.patience.head_bytes())?, 0));
        }
        Some(self.poll_instead(context).map_ok(|()| bytes.len()))
    }

    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.closing {
                Closing::Done => return Poll::Ready(Ok(())),
                Closing::No => {
                    let until = Box::pin(tokio::time::sleep(LINGER));
                    self.closing = Closing::Lingering { until, read: 0 };
                }
                Closing::Lingering { until, read } => {
                    let mut space = [0; 16 * 1024];
                    let mut buffer = ReadBuf::new(&mut space);
                    let done = match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                        Poll::Ready(Ok(())) => {
                            *read += buffer.filled().len();
                            buffer.filled().is_empty() || *read > LINGER_BYTES
                        }
                        Poll::Ready(Err(_)) => true,
                        Poll::Pending => {
                            ready!(until.as_mut().poll(context));
                            true
                        }
                    };
                    if done {
                        self.closing = Closing::Done;
                    }
                }
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ClientIo<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Some(refused) = this.refuse(context, bytes) {
            return refused;
        }
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.note(&written);
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // A refusal has no body and comes in one piece.
        if let [only] = pieces
            && let Some(refused) = this.refuse(context, only)
        {
            return refused;
        }
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, pieces);
        this.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if matches!(this.closing, Closing::No) {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            // The other direction of a tunnel still has a reader.
            if this.patience.is_tunnel() {
                return Poll::Ready(Ok(()));
            }
        }
        this.poll_linger(context)
    }
}
