//! A newer configuration takes the place of the running one: when its file changes, when somebody asks (`SIGHUP`), or handed over.
//!
//! It is checked first. A bad one is reported and the running one goes on. The swap is one pointer: a request keeps the configuration with which it
//! began, connections stay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use router_core::config::{Gateway, NativeRules};
use serde_json::json;

use crate::loaded::{Loaded, Unusable};
use crate::log::Logger;
use crate::options::ConfigSource;

/// Quiet that is waited for after a change: editors and tools write in several steps.
const QUIET: Duration = Duration::from_millis(100);
/// Steps that are waited for at most, so that a file that always changes is read nevertheless.
const STEPS: usize = 50;

/// What came of a newer configuration.
#[derive(Debug)]
pub enum Reloaded {
    /// It serves from now on.
    Replaced {
        /// Its name in logs.
        epoch: String,
    },
    /// The running one goes on.
    Refused(Unusable),
}

/// Replaces the running configuration.
pub(crate) struct Steward {
    source: ConfigSource,
    loaded: Arc<ArcSwap<Loaded>>,
    logger: Logger,
    /// What the server was started with: where it is bound and what cannot change.
    started: NativeRules,
    /// One at a time.
    turn: Mutex<()>,
}

impl Steward {
    pub(crate) fn new(source: ConfigSource, loaded: Arc<ArcSwap<Loaded>>, logger: Logger) -> Self {
        let started = loaded.load().gateway.native.clone();
        Self { source, loaded, logger, started, turn: Mutex::new(()) }
    }

    /// Reads the source again.
    pub(crate) fn reread(&self) -> Reloaded {
        self.replace(&self.source)
    }

    /// Serves `gateway` from now on.
    pub(crate) fn hand_over(&self, gateway: Gateway) -> Reloaded {
        self.replace(&ConfigSource::Gateway(Arc::new(gateway)))
    }

    fn replace(&self, source: &ConfigSource) -> Reloaded {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let running = self.loaded.load_full();
        match Loaded::load(source) {
            Err(unusable) => {
                self.logger.line(edge::reload::refusal(&unusable.checked, &running.gateway.epoch));
                Reloaded::Refused(unusable)
            }
            Ok(newer) => {
                let epoch = newer.gateway.epoch.clone();
                for setting in fixed(&self.started, &newer.gateway.native) {
                    self.logger.line(
                        json!({"event": "restart_needed", "setting": setting, "reason": "it cannot change while the gateway runs"})
                            .to_string(),
                    );
                }
                self.loaded.store(Arc::new(newer.aligned(&running)));
                self.logger.line(json!({"event": "configuration_replaced", "epoch": epoch}).to_string());
                Reloaded::Replaced { epoch }
            }
        }
    }
}

impl Loaded {
    /// Orders the listeners as those that run: what a connection is told goes by the place of its socket. One that is gone keeps what it said.
    fn aligned(mut self, running: &Self) -> Self {
        self.listeners = running
            .listeners
            .iter()
            .map(|old| self.listeners.iter().find(|new| new.address == old.address).unwrap_or(old).clone())
            .collect();
        self
    }
}

/// The settings that differ and take a restart.
fn fixed(started: &NativeRules, newer: &NativeRules) -> Vec<&'static str> {
    let addresses =
        |rules: &NativeRules| rules.listeners.iter().map(|listener| listener.address).collect::<BTreeSet<_>>();
    let mut found = Vec::new();
    let mut differs = |setting, differs| {
        if differs {
            found.push(setting);
        }
    };
    differs("native.listeners", addresses(started) != addresses(newer));
    differs("native.admin", started.admin != newer.admin);
    differs("native.threads", started.threads != newer.threads);
    differs("native.max_connections", started.max_connections != newer.max_connections);
    differs("native.store", started.store != newer.store);
    found
}

/// Watches the files of the configuration until it is dropped.
pub(crate) struct Watch {
    _watcher: Arc<Mutex<RecommendedWatcher>>,
}

/// Watches the configuration's file and those it names. What is watched are their folders: a file that is replaced is another file, and where it is a
/// link, as in a volume of Kubernetes, it is a link beside it that changes.
pub(crate) fn watch(steward: Arc<Steward>) -> Result<Watch, String> {
    let (changes, changed) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is an event too, and would go on for ever.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // A receiver that has gone wants no changes.
            let _ = changes.send(());
        }
    });
    let watcher = Arc::new(Mutex::new(watcher.map_err(|why| why.to_string())?));
    let mut folders = BTreeSet::new();
    watch_folders(&watcher, &mut folders, &steward.loaded.load().files)?;
    // Weak: else the channel, which the watcher holds, would never end.
    let held = Arc::downgrade(&watcher);
    // Taken before the first change can come, which may be while the thread starts.
    let files = steward.loaded.load().files.clone();
    let mut seen = Loaded::fingerprint(&files);
    let follow = move || {
        while settle(&changed) {
            let now = Loaded::fingerprint(&steward.loaded.load().files);
            if now == seen {
                continue;
            }
            // What was seen before reading: a change while it is read is then found by its own event.
            seen = now;
            steward.reread();
            let files = steward.loaded.load().files.clone();
            if let Some(watcher) = held.upgrade()
                && let Err(why) = watch_folders(&watcher, &mut folders, &files)
            {
                steward.logger.line(json!({"event": "watch_failed", "reason": why}).to_string());
            }
        }
    };
    std::thread::Builder::new().name("tidegate-watch".into()).spawn(follow).map_err(|why| why.to_string())?;
    Ok(Watch { _watcher: watcher })
}

/// Waits for a change and for the quiet after it. `false`: nothing will change any more.
fn settle(changed: &Receiver<()>) -> bool {
    if changed.recv().is_err() {
        return false;
    }
    for _ in 0..STEPS {
        if changed.recv_timeout(QUIET).is_err() {
            break;
        }
        while changed.try_recv().is_ok() {}
    }
    true
}

fn watch_folders(
    watcher: &Mutex<RecommendedWatcher>,
    watched: &mut BTreeSet<PathBuf>,
    files: &[PathBuf],
) -> Result<(), String> {
    let real = files.iter().filter_map(|file| file.canonicalize().ok());
    for file in files.iter().cloned().chain(real) {
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_path_buf(),
            Some(_) | None => PathBuf::from("."),
        };
        if watched.contains(&folder) {
            continue;
        }
        let watching =
            watcher.lock().unwrap_or_else(PoisonError::into_inner).watch(&folder, RecursiveMode::NonRecursive);
        watching.map_err(|why| format!("cannot watch `{}`: {why}", folder.display()))?;
        watched.insert(folder);
    }
    Ok(())
}
