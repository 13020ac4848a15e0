//! Redis, asked over one connection a thread, on which calls do not wait for each other.
//!
//! A call that failed is not repeated: whether it was carried out is not known. The next one connects anew.

use std::cell::RefCell;
use std::pin::Pin;
use std::time::Duration;

use edge::platform::AtomicFailure;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, RedisConnectionInfo, RedisError, ServerErrorKind, Value};
use router_core::config::{RedisAddress, RedisTransport};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::timeout;

use super::scripts::{Call, Script};
use crate::tls::system_tls;
use crate::upstream::{dial, shake};

/// How long connecting may take. It goes on when nobody waits any longer, so that a server that is further away than the patience of a limit can be
/// asked by the calls after the first.
const CONNECT: Duration = Duration::from_secs(2);

/// The connection of a thread.
#[derive(Default)]
pub(crate) struct Link(RefCell<Option<Line>>);

/// A connection, or what is becoming one.
#[derive(Clone)]
struct Line {
    address: RedisAddress,
    state: watch::Receiver<Option<Result<MultiplexedConnection, String>>>,
}

/// A connection, and what carries its bytes until it is closed.
type Connected = (MultiplexedConnection, Pin<Box<dyn Future<Output = ()>>>);

impl Link {
    /// Calls a script and waits for its answer, for so long.
    pub(super) async fn call(
        &self,
        address: &RedisAddress,
        call: &Call,
        patience: Duration,
    ) -> Result<Vec<i64>, AtomicFailure> {
        let line = self.line(address);
        let why = match timeout(patience, line.call(call)).await {
            Ok(Ok(value)) => return numbers(value).map_err(AtomicFailure::Failed),
            Ok(Err(why)) => why,
            // It may be that nobody has been there for a while, which only a new connection finds out.
            Err(_) if line.state.borrow().is_some() => {
                format!("Redis at {address} did not decide in {} ms", patience.as_millis())
            }
            Err(_) => {
                return Err(AtomicFailure::Failed(format!(
                    "no connection to Redis at {address} in {} ms",
                    patience.as_millis()
                )));
            }
        };
        self.forget(&line);
        Err(AtomicFailure::Failed(without_password(&why, address)))
    }

    /// The connection to this address, or a new one: the configuration may be another, and the server may have closed it while nothing was asked.
    fn line(&self, address: &RedisAddress) -> Line {
        let mut current = self.0.borrow_mut();
        match &*current {
            Some(line) if line.address == *address && !line.is_broken() => line.clone(),
            _ => current.insert(Line::open(address)).clone(),
        }
    }

    /// What others do on a connection that is forgotten comes to its end.
    fn forget(&self, broken: &Line) {
        self.0.borrow_mut().take_if(|line| line.state.same_channel(&broken.state));
    }
}

impl Line {
    fn open(address: &RedisAddress) -> Self {
        let (sender, state) = watch::channel(None);
        let target = address.clone();
        tokio::task::spawn_local(async move {
            let connected = match timeout(CONNECT, connect(&target)).await {
                Ok(connected) => connected,
                Err(_) => Err(format!("no connection to Redis at {target} in {} ms", CONNECT.as_millis())),
            };
            let (connection, driver) = match connected {
                Ok(connected) => connected,
                Err(why) => {
                    sender.send_replace(Some(Err(why)));
                    return;
                }
            };
            sender.send_replace(Some(Ok(connection)));
            tokio::select! {
                () = driver => {
                    sender.send_replace(Some(Err(format!("Redis at {target} closed the connection"))));
                }
                // Forgotten, and nobody waits on it.
                () = sender.closed() => {}
            }
        });
        Self { address: address.clone(), state }
    }

    fn is_broken(&self) -> bool {
        matches!(&*self.state.borrow(), Some(Err(_)))
    }

    async fn call(&self, call: &Call) -> Result<Value, String> {
        let mut state = self.state.clone();
        let connected = match state.wait_for(Option::is_some).await {
            Ok(state) => state.clone(),
            Err(_) => None,
        };
        let mut connection = connected.ok_or_else(|| "connecting to Redis was given up".to_owned())??;
        let said = |why: RedisError| format!("Redis at {}: {why}", self.address);
        let Script { text, sha1 } = call.script;
        match command("EVALSHA", sha1, call).query_async(&mut connection).await {
            // The server has not seen the script since it started, and so has not run it.
            Err(why) if why.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                command("EVAL", text, call).query_async(&mut connection).await.map_err(said)
            }
            other => other.map_err(said),
        }
    }
}

fn command(name: &str, script: &str, call: &Call) -> redis::Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(call.keys.len()).arg(&call.keys).arg(&call.arguments);
    command
}

async fn connect(address: &RedisAddress) -> Result<Connected, String> {
    let failed = |why: String| format!("no connection to Redis at {address}: {why}");
    let stream = dial(&address.host, address.port).await.map_err(|why| failed(why.detail))?;
    stream.set_nodelay(true).map_err(|why| failed(why.to_string()))?;
    let spoken = match address.transport {
        RedisTransport::Clear => speak(address, stream).await,
        RedisTransport::Tls => {
            // The authorities are read once, from files, and so not on a thread that serves.
            let tls = tokio::task::spawn_blocking(system_tls).await.map_err(|why| failed(why.to_string()))?;
            let tls = tls.map_err(|why| failed(why.to_string()))?;
            let name = ServerName::try_from(address.host.clone())
                .map_err(|_| failed("the host cannot be the name of a certificate".to_owned()))?;
            let stream = shake(stream, &tls.plain, name).await.map_err(|why| failed(why.detail))?;
            speak(address, stream).await
        }
    };
    spoken.map_err(|why| failed(why.to_string()))
}

/// Says who asks and for which database.
async fn speak<S>(address: &RedisAddress, stream: S) -> Result<Connected, RedisError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // The name of the library is nothing that servers before Redis 7.2 know how to take.
    let mut info = RedisConnectionInfo::default().set_db(address.database.into()).set_skip_set_lib_name();
    if let Some(user) = &address.user {
        info = info.set_username(user);
    }
    if let Some(password) = &address.password {
        info = info.set_password(password);
    }
    // Whoever calls brings its own patience.
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let (connection, driver) = MultiplexedConnection::new_with_config(&info, stream, config).await?;
    Ok((connection, Box::pin(driver)))
}

/// The whole numbers of an answer.
fn numbers(value: Value) -> Result<Vec<i64>, String> {
    let number = |value: Value| match value {
        Value::Int(number) => Ok(number),
        other => Err(format!("Redis answered {other:?} to a script that answers whole numbers")),
    };
    match value {
        Value::Array(values) => values.into_iter().map(number).collect(),
        one => Ok(vec![number(one)?]),
    }
}

/// Some servers repeat what they do not understand.
fn without_password(text: &str, address: &RedisAddress) -> String {
    match &address.password {
        Some(password) => text.replace(password.as_str(), "…"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
