//! The embedded store: its file, or the gateway that has it open.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use router_core::authenticate::api_key::{KeyHash, Record, STORE_PREFIX, from_store_key};
use tidegate_native::{RedbStore, unix_ms};

use crate::report::Failure;

/// The embedded store.
pub(super) struct Store {
    path: PathBuf,
    access: Access,
}

enum Access {
    File(RedbStore),
    #[cfg(unix)]
    Gateway(tidegate_native::Operator),
}

/// Whether a store that is not there is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Make,
    Refuse,
}

/// A key of the store.
pub(super) struct Stored {
    pub(super) authenticator: String,
    pub(super) hash: KeyHash,
    /// As it stands there.
    pub(super) value: Bytes,
    /// The record, or why it is none.
    pub(super) record: Result<Record, String>,
}

impl Stored {
    pub(super) fn read(key: &str, value: Bytes) -> Option<Self> {
        let (authenticator, hash) = from_store_key(key)?;
        let record = Record::from_json(&value, &hash);
        Some(Self { authenticator: authenticator.to_owned(), hash, value, record })
    }
}

impl Store {
    pub(super) fn open(path: PathBuf, missing: Missing) -> Result<Self, Failure> {
        if missing == Missing::Refuse && !path.exists() {
            let path = path.display();
            return Err(Failure::sentence(format!("there is no store `{path}`; `tidegate key create` makes it")));
        }
        let access = match RedbStore::open(Some(&path)) {
            Ok(store) => Access::File(store),
            Err(why) if why.is_in_use() => of_gateway(&path)?,
            Err(why) => return Err(Failure::sentence(format!("cannot open the store: {why}"))),
        };
        Ok(Self { path, access })
    }

    /// Where changes go, for people.
    pub(super) fn described(&self) -> String {
        let path = self.path.display();
        match self.access {
            Access::File(_) => path.to_string(),
            #[cfg(unix)]
            Access::Gateway(_) => format!("{path}, by the gateway that runs with it"),
        }
    }

    /// All keys of these authenticators, in order.
    pub(super) fn list(&self, authenticators: &[&str]) -> Result<Vec<Stored>, Failure> {
        let found = match &self.access {
            Access::File(store) => store.list(STORE_PREFIX, unix_ms()).map_err(|why| self.failed(&why)),
            #[cfg(unix)]
            Access::Gateway(gateway) => gateway.list().map_err(|why| self.failed(&why)),
        }?;
        let read = found.into_iter().filter_map(|(key, value)| Stored::read(&key, value));
        Ok(read.filter(|stored| authenticators.contains(&stored.authenticator.as_str())).collect())
    }

    /// All of it, or nothing.
    pub(super) fn change(&self, puts: &[(String, Bytes)], deletes: &[String]) -> Result<(), Failure> {
        match &self.access {
            Access::File(store) => store.change(puts, deletes).map_err(|why| self.failed(&why)),
            #[cfg(unix)]
            Access::Gateway(gateway) => gateway.change(puts, deletes).map_err(|why| self.failed(&why)),
        }
    }

    fn failed(&self, why: &dyn std::fmt::Display) -> Failure {
        Failure::sentence(format!("the store `{}` failed: {why}", self.path.display()))
    }
}

#[cfg(unix)]
fn of_gateway(path: &Path) -> Result<Access, Failure> {
    let gateway = tidegate_native::Operator::of(path);
    match gateway.list() {
        Ok(_) => Ok(Access::Gateway(gateway)),
        Err(why) => Err(Failure::sentence(format!(
            "another process has the store `{}` open, and no gateway answers at `{}`: {why}; run this as the gateway's user, or stop that process",
            path.display(),
            tidegate_native::socket_of(path).display()
        ))),
    }
}

#[cfg(not(unix))]
fn of_gateway(path: &Path) -> Result<Access, Failure> {
    let path = path.display();
    Err(Failure::sentence(format!("another process, perhaps a gateway, has the store `{path}` open; stop it first")))
}
