//! The little of Redis' protocol (RESP 2) that one command at a time needs.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;

use http::Uri;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A reply larger than this is none that a test expects.
const LARGEST: usize = 16 * 1024 * 1024;

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Client(BufReader<TcpStream>);

/// What the server says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Nil,
    Status(String),
    Error(String),
    Integer(i64),
    Bytes(Vec<u8>),
    Array(Vec<Reply>),
}

impl Client {
    /// Connects to `redis://:password@host:port/database`.
    pub(crate) async fn connect(address: &Uri) -> Result<Self> {
        let host = address.host().unwrap_or("127.0.0.1");
        let stream = TcpStream::connect((host, address.port_u16().unwrap_or(6379))).await?;
        stream.set_nodelay(true)?;
        let mut client = Self(BufReader::new(stream));
        let user = address.authority().and_then(|authority| authority.as_str().rsplit_once('@')).map(|(user, _)| user);
        if let Some((name, password)) = user.and_then(|user| user.split_once(':')) {
            let words = ["AUTH", name, password].into_iter().filter(|word| !word.is_empty());
            client.must(&words.map(Into::into).collect::<Vec<_>>()).await?;
        }
        let database = address.path().trim_start_matches('/');
        if !database.is_empty() {
            client.must(&["SELECT".into(), database.into()]).await?;
        }
        Ok(client)
    }

    async fn must(&mut self, words: &[Vec<u8>]) -> Result<()> {
        match self.ask(words).await? {
            Reply::Error(said) => Err(Error::other(said)),
            _ => Ok(()),
        }
    }

    /// Sends a command and waits for its reply.
    pub(crate) async fn ask(&mut self, words: &[Vec<u8>]) -> Result<Reply> {
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            command.extend_from_slice(word);
            command.extend_from_slice(b"\r\n");
        }
        self.0.write_all(&command).await?;
        self.reply().await
    }

    fn reply(&mut self) -> Pin<Box<dyn Future<Output = Result<Reply>> + Send + '_>> {
        Box::pin(async move {
            let mut line = String::new();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            let strange = || Error::new(ErrorKind::InvalidData, format!("not a reply of Redis: {line:?}"));
            let (kind, rest) = line.split_at_checked(1).ok_or_else(strange)?;
            let number = || rest.parse::<i64>().map_err(|_| strange());
            let length = || usize::try_from(number()?).ok().filter(|length| *length <= LARGEST).ok_or_else(strange);
            match kind {
                "+" => Ok(Reply::Status(rest.to_owned())),
                "-" => Ok(Reply::Error(rest.to_owned())),
                ":" => Ok(Reply::Integer(number()?)),
                "$" | "*" if rest == "-1" => Ok(Reply::Nil),
                "$" => {
                    let mut bytes = vec![0; length()? + 2];
                    self.0.read_exact(&mut bytes).await?;
                    bytes.truncate(bytes.len() - 2);
                    Ok(Reply::Bytes(bytes))
                }
                "*" => {
                    let mut replies = Vec::new();
                    for _ in 0..length()? {
                        replies.push(self.reply().await?);
                    }
                    Ok(Reply::Array(replies))
                }
                _ => Err(strange()),
            }
        })
    }
}
