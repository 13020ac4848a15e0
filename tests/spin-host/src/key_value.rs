//! `spin:key-value` in memory. Like Spin's: no time to live, no metadata, no compare-and-swap.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use wasmtime::component::{Accessor, FutureReader, HasData, Resource, ResourceTable, StreamReader};

use crate::bindings::spin::key_value::key_value::{Error, Host, HostStore, HostStoreWithStore};
use crate::context::Context;

/// The entries of an app, shared by all its instances and open to the test.
#[derive(Debug, Default)]
pub(crate) struct Entries(Mutex<BTreeMap<String, Vec<u8>>>);

impl Entries {
    pub(crate) fn new(entries: &BTreeMap<String, String>) -> Self {
        Self(Mutex::new(entries.iter().map(|(key, value)| (key.clone(), value.clone().into_bytes())).collect()))
    }

    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.with(|entries| entries.get(key).cloned())
    }

    pub(crate) fn set(&self, key: String, value: Vec<u8>) {
        self.with(|entries| entries.insert(key, value));
    }

    pub(crate) fn delete(&self, key: &str) {
        self.with(|entries| entries.remove(key));
    }

    fn keys(&self) -> Vec<String> {
        self.with(|entries| entries.keys().cloned().collect())
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> T {
        // No closure above can panic half-way, so a poisoned map is still whole.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A store the component has opened. There is one store per app, so the handle carries nothing.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct OpenStore;

/// Marks the key-value interface in the linker.
#[derive(Debug)]
pub(crate) struct KeyValue;

impl HasData for KeyValue {
    type Data<'a> = KeyValueView<'a>;
}

/// What the key-value interface needs of an instance.
#[derive(Debug)]
pub(crate) struct KeyValueView<'a> {
    pub(crate) table: &'a mut ResourceTable,
    pub(crate) entries: &'a Entries,
    pub(crate) labels: &'a [String],
}

impl Host for KeyValueView<'_> {}

impl HostStore for KeyValueView<'_> {
    fn drop(&mut self, store: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}

impl HostStoreWithStore<Context> for KeyValue {
    async fn open(
        accessor: &Accessor<Context, Self>,
        label: String,
    ) -> wasmtime::Result<Result<Resource<OpenStore>, Error>> {
        accessor.with(|mut access| {
            let view = access.get();
            // Spin knows from the manifest what a component may open, and refuses the rest whether or not it exists.
            if !view.labels.contains(&label) {
                return Ok(Err(Error::AccessDenied));
            }
            Ok(Ok(view.table.push(OpenStore)?))
        })
    }

    async fn get(
        accessor: &Accessor<Context, Self>,
        _store: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        Ok(Ok(accessor.with(|mut access| access.get().entries.get(&key))))
    }

    async fn set(
        accessor: &Accessor<Context, Self>,
        _store: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        accessor.with(|mut access| access.get().entries.set(key, value));
        Ok(Ok(()))
    }

    async fn delete(
        accessor: &Accessor<Context, Self>,
        _store: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        accessor.with(|mut access| access.get().entries.delete(&key));
        Ok(Ok(()))
    }

    async fn exists(
        accessor: &Accessor<Context, Self>,
        _store: Resource<OpenStore>,
        key: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        Ok(Ok(accessor.with(|mut access| access.get().entries.get(&key).is_some())))
    }

    async fn get_keys(
        accessor: &Accessor<Context, Self>,
        _store: Resource<OpenStore>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        accessor.with(|mut access| {
            let keys = access.get().entries.keys();
            let keys = StreamReader::new(&mut access, keys)?;
            let result = FutureReader::new(&mut access, async { wasmtime::error::Ok(Ok(())) })?;
            Ok((keys, result))
        })
    }
}
