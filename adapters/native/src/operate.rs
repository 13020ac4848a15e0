//! How an operator changes the API keys of a running gateway.
//!
//! A running gateway has its store locked, so `tidegate key` asks it to make the change. It does so at a Unix socket beside the file of the store rather
//! than at the admin listener: whoever reaches a TCP port on loopback may be any user of the machine, or a web page in its browser, while a socket is
//! reached by those only who may also write the file. The system itself says who is at the other end, so that no further secret is needed, and nobody
//! but the gateway's own user and root is listened to.
//!
//! Each side sends one line of JSON. Nothing but records of API keys can be read or written, and what is no good record is not stored.

use std::fs::Permissions;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use router_core::authenticate::api_key::{Record, STORE_PREFIX, from_store_key};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::clock;
use crate::kv::RedbStore;

/// How long one operator may take. They are served one after the other.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest line in either direction, in bytes: a hundred thousand records of the usual size.
const LONGEST_LINE: u64 = 64 << 20;
/// Pause after the system refused to give a connection.
const BACK_OFF: Duration = Duration::from_millis(100);
/// Who may do everything anyway.
const ROOT: u32 = 0;

/// Where the gateway that has the store at `path` open can be asked.
#[must_use]
pub fn socket_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sock");
    name.into()
}

/// The gateway's side.
pub(crate) struct Door {
    path: PathBuf,
    listener: UnixListener,
    owner: u32,
    store: RedbStore,
}

impl Door {
    /// Opens it beside the file at `path`, which `store` has locked: a socket that is there already was left by somebody who is gone.
    pub(crate) fn open(path: &Path, store: RedbStore) -> io::Result<Self> {
        let path = socket_of(path);
        if path.symlink_metadata().is_ok_and(|found| found.file_type().is_socket()) {
            std::fs::remove_file(&path)?;
        }
        let told = |why: io::Error| io::Error::new(why.kind(), format!("{}: {why}", path.display()));
        let listener = UnixListener::bind(&path).map_err(told)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        // What this process makes belongs to its user.
        let owner = path.symlink_metadata()?.uid();
        Ok(Self { path, listener, owner, store })
    }

    pub(crate) async fn serve(self) {
        loop {
            match self.listener.accept().await {
                // One that is slow or gone is no reason to stop.
                Ok((stream, _)) => drop(tokio::time::timeout(PATIENCE, self.answer(stream)).await),
                Err(_) => tokio::time::sleep(BACK_OFF).await,
            }
        }
    }

    async fn answer(&self, stream: UnixStream) -> io::Result<()> {
        let user = stream.peer_cred()?.uid();
        let (read, mut write) = stream.into_split();
        let answer = if user == self.owner || user == ROOT {
            let mut line = Vec::new();
            tokio::io::BufReader::new(read.take(LONGEST_LINE)).read_until(b'\n', &mut line).await?;
            let store = self.store.clone();
            let done = tokio::task::spawn_blocking(move || carry_out(&store, &line)).await;
            done.unwrap_or_else(|why| Err(why.to_string()))
        } else {
            Err("only the gateway's own user and root may do this".to_owned())
        };
        let answer = answer.unwrap_or_else(|why| json!({"error": why}));
        write.write_all(format!("{answer}\n").as_bytes()).await?;
        write.shutdown().await
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // Left behind it does no harm: the next gateway takes it away.
        drop(std::fs::remove_file(&self.path));
    }
}

fn carry_out(store: &RedbStore, line: &[u8]) -> Result<Value, String> {
    let asked: Value = serde_json::from_slice(line).map_err(|why| format!("the question is no JSON: {why}"))?;
    let failed = |why: redb::Error| format!("the store failed: {why}");
    if asked["list"] == true {
        let found = store.list(STORE_PREFIX, clock::unix_ms()).map_err(failed)?;
        return Ok(json!({"entries": found.iter().map(as_json).collect::<Vec<_>>()}));
    }
    let puts = asked["put"].as_array().map(|entries| entries.iter().map(entry).collect()).unwrap_or(Ok(Vec::new()))?;
    let deletes: Result<Vec<String>, String> = asked["delete"].as_array().map_or(Ok(Vec::new()), |keys| {
        keys.iter()
            .map(|key| key.as_str().filter(|key| from_store_key(key).is_some()).map(str::to_owned).ok_or_else(odd))
            .collect()
    });
    store.change(&puts, &deletes?).map_err(failed)?;
    Ok(json!({}))
}

/// A record of a key, checked: what is stored can be read by every later request.
fn entry(found: &Value) -> Result<(String, Bytes), String> {
    let (Some(key), Some(value)) = (found["key"].as_str(), found["value"].as_str()) else { return Err(odd()) };
    let (_, hash) = from_store_key(key).ok_or_else(odd)?;
    Record::from_json(value.as_bytes(), &hash).map_err(|why| format!("the record at `{key}`: {why}"))?;
    Ok((key.to_owned(), Bytes::copy_from_slice(value.as_bytes())))
}

fn odd() -> String {
    "only keys of the form `tidegate/api-key/AUTHENTICATOR/HASH` can be changed".to_owned()
}

fn as_json((key, value): &(String, Bytes)) -> Value {
    json!({"key": key, "value": String::from_utf8_lossy(value)})
}

/// The operator's side.
#[derive(Clone, Debug)]
pub struct Operator {
    socket: PathBuf,
}

impl Operator {
    /// Asks the gateway that has the store at `path` open.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self { socket: socket_of(path) }
    }

    /// Every record of an API key, by its key.
    ///
    /// # Errors
    /// Why the gateway did not answer, or what it says.
    pub fn list(&self) -> io::Result<Vec<(String, Bytes)>> {
        let answer = self.ask(&json!({"list": true}))?;
        let entries = answer["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(entries.iter().map(|entry| (text(&entry["key"]), Bytes::from(text(&entry["value"])))).collect())
    }

    /// Stores all of `puts` and forgets all of `deletes`, or does nothing.
    ///
    /// # Errors
    /// Why the gateway did not answer, or what it says.
    pub fn change(&self, puts: &[(String, Bytes)], deletes: &[String]) -> io::Result<()> {
        let puts: Vec<Value> = puts.iter().map(as_json).collect();
        self.ask(&json!({"put": puts, "delete": deletes})).map(drop)
    }

    fn ask(&self, question: &Value) -> io::Result<Value> {
        let mut stream = Blocking::connect(&self.socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(format!("{question}\n").as_bytes())?;
        let mut line = Vec::new();
        BufReader::new(stream.take(LONGEST_LINE)).read_until(b'\n', &mut line)?;
        let answer: Value = serde_json::from_slice(&line)?;
        match answer["error"].as_str() {
            Some(why) => Err(io::Error::other(why.to_owned())),
            None => Ok(answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(consumer: &str) -> (String, Bytes) {
        let hash = "0f".repeat(32);
        let value = json!({"hash": hash, "consumer": consumer}).to_string();
        (format!("{STORE_PREFIX}partners/{hash}"), value.into())
    }

    /// What an operator meets at a door to a store that has a document beside the keys.
    fn at_a_door(test: impl FnOnce(&Operator, &RedbStore, &Path) + Send + 'static) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kv.redb");
        let store = RedbStore::open(Some(&path)).unwrap();
        store.put("tidegate/gateway", b"{}", 0).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let door = Door::open(&path, store.clone()).unwrap();
            let (operator, path) = (Operator::of(&path), path.clone());
            let operating = tokio::task::spawn_blocking(move || test(&operator, &store, &path));
            tokio::select! {
                () = door.serve() => {}
                done = operating => done.unwrap(),
            }
        });
        assert!(!socket_of(&path).exists(), "the socket is left behind");
    }

    #[test]
    fn keys_are_stored_listed_and_forgotten() {
        at_a_door(|operator, store, _| {
            let entry = record("acme");
            operator.change(std::slice::from_ref(&entry), &[]).unwrap();
            assert_eq!(operator.list().unwrap(), [entry.clone()]);
            assert_eq!(store.get(&entry.0, 1).unwrap(), Some(entry.1));
            operator.change(&[], &[entry.0]).unwrap();
            assert!(operator.list().unwrap().is_empty());
        });
    }

    #[test]
    fn nothing_but_good_records_can_be_touched() {
        at_a_door(|operator, store, _| {
            let (key, value) = record("acme");
            let document = "tidegate/gateway".to_owned();
            assert!(operator.change(&[(document.clone(), value)], &[]).is_err());
            assert!(operator.change(&[], &[document.clone()]).is_err());
            assert!(operator.change(&[record("acme"), (key, "{}".into())], &[]).is_err());
            assert!(operator.list().unwrap().is_empty());
            assert_eq!(store.get(&document, 1).unwrap().unwrap(), "{}");
            for nonsense in ["\n", "{\n", "[]\n", "\u{0}\n"] {
                let mut stream = Blocking::connect(&operator.socket).unwrap();
                stream.write_all(nonsense.as_bytes()).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                assert!(answer.ends_with('\n'), "{nonsense:?} ended the gateway's side");
            }
        });
    }

    #[test]
    fn the_socket_is_its_owners_alone() {
        at_a_door(|_, _, path| {
            assert_eq!(std::fs::metadata(socket_of(path)).unwrap().mode() & 0o777, 0o600);
        });
    }

    #[test]
    fn what_a_dead_gateway_left_is_taken_over_and_another_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kv.redb");
        let store = RedbStore::open(Some(&path)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        drop(std::os::unix::net::UnixListener::bind(socket_of(&path)).unwrap());
        assert!(socket_of(&path).exists());
        drop(Door::open(&path, store.clone()).unwrap());
        std::fs::write(socket_of(&path), "mine").unwrap();
        assert!(Door::open(&path, store).is_err());
        assert_eq!(std::fs::read_to_string(socket_of(&path)).unwrap(), "mine");
    }
}
