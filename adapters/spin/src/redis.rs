//! The Redis at the address in the variable `tidegate_redis`.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread::LocalKey;

use spin_sdk::redis::{Connection, Error};
use spin_sdk::variables;

/// The variable with the address: `redis://user:password@host:6379/0`, or `rediss://` for TLS.
const VARIABLE: &str = "tidegate_redis";

/// A connection of this instance, once it is open: the host opens one for each `open`, and shares none.
pub(crate) type Line = LocalKey<RefCell<Option<Rc<Connection>>>>;

/// The address; `None` if there is no Redis.
pub(crate) async fn address() -> Option<String> {
    variables::get(VARIABLE.to_owned()).await.ok().filter(|address| !address.is_empty())
}

/// The connection, opened if it is not.
///
/// # Errors
/// Why it cannot be opened; for the log.
pub(crate) async fn connection(line: &'static Line, address: &str) -> Result<Rc<Connection>, String> {
    if let Some(connection) = line.with_borrow(Clone::clone) {
        return Ok(connection);
    }
    let fresh = Connection::open(address).await.map_err(|why| reason(why, address))?;
    // Two that are the first may both get here; the first connection stays.
    Ok(line.with_borrow_mut(|connection| Rc::clone(connection.get_or_insert_with(|| Rc::new(fresh)))))
}

/// Lets go of a connection that failed: whoever comes next connects anew.
pub(crate) fn forget(line: &'static Line, broken: &Rc<Connection>) {
    line.with_borrow_mut(|connection| {
        connection.take_if(|connection| Rc::ptr_eq(connection, broken));
    });
}

/// For the log. The address has a password in it, perhaps.
pub(crate) fn reason(why: Error, address: &str) -> String {
    match why {
        Error::InvalidAddress => format!(
            "the variable `{VARIABLE}` is no address of a Redis that this component may reach; expected `redis://host:port`, \
             and the same in `allowed_outbound_hosts`"
        ),
        Error::TooManyConnections => "the host has too many connections to Redis open".to_owned(),
        Error::TypeError => "Redis answered with something that the host does not know".to_owned(),
        Error::Other(said) => format!("Redis: {}", said.replace(address, "the address")),
    }
}
