//! `spin:redis`: opening a connection and executing a command, on a real Redis server. Like Spin's, each `open` is a connection of its own, and the
//! server must be allowed. What a gateway has no use for (publishing, sets) ends with an error that says so.

use std::sync::Arc;

use http::Uri;
use tokio::sync::Mutex;
use wasmtime::component::{Accessor, HasData, Resource, ResourceTable};

use crate::allowed::AllowedHosts;
use crate::bindings::spin::redis::redis::{
    Error, Host, HostConnection, HostConnectionWithStore, Payload, RedisParameter, RedisResult,
};
use crate::context::Context;
use crate::resp::{Client, Reply};

/// A connection that the component has opened.
#[derive(Clone, Debug)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct OpenConnection(Arc<Mutex<Client>>);

/// Marks the Redis interface in the linker.
#[derive(Debug)]
pub(crate) struct Redis;

impl HasData for Redis {
    type Data<'a> = RedisView<'a>;
}

/// What the Redis interface needs of an instance.
#[derive(Debug)]
pub(crate) struct RedisView<'a> {
    pub(crate) table: &'a mut ResourceTable,
    pub(crate) allowed: &'a AllowedHosts,
}

type Outcome<T> = wasmtime::Result<Result<T, Error>>;

impl Host for RedisView<'_> {}

impl HostConnection for RedisView<'_> {
    fn drop(&mut self, connection: Resource<OpenConnection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl HostConnectionWithStore<Context> for Redis {
    async fn open(accessor: &Accessor<Context, Self>, address: String) -> Outcome<Resource<OpenConnection>> {
        let Ok(uri) = address.parse::<Uri>() else { return Ok(Err(Error::InvalidAddress)) };
        // Spin says the same of an address that is not allowed.
        if uri.scheme_str() != Some("redis") || !accessor.with(|mut access| access.get().allowed.allows(&uri)) {
            return Ok(Err(Error::InvalidAddress));
        }
        match Client::connect(&uri).await {
            Ok(client) => {
                let connection = OpenConnection(Arc::new(Mutex::new(client)));
                Ok(Ok(accessor.with(|mut access| access.get().table.push(connection))?))
            }
            Err(why) => Ok(Err(Error::Other(why.to_string()))),
        }
    }

    async fn execute(
        accessor: &Accessor<Context, Self>,
        connection: Resource<OpenConnection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> Outcome<Vec<RedisResult>> {
        let OpenConnection(client) = accessor.with(|mut access| access.get().table.get(&connection).cloned())?;
        let words = std::iter::once(command.into_bytes()).chain(arguments.into_iter().map(|argument| match argument {
            RedisParameter::Int64(number) => number.to_string().into_bytes(),
            RedisParameter::Binary(bytes) => bytes,
        }));
        let words: Vec<Vec<u8>> = words.collect();
        let reply = client.lock().await.ask(&words).await;
        match reply {
            Ok(Reply::Error(said)) => Ok(Err(Error::Other(said))),
            Ok(reply) => {
                let mut results = Vec::new();
                flatten(reply, &mut results);
                Ok(Ok(results))
            }
            Err(why) => Ok(Err(Error::Other(why.to_string()))),
        }
    }

    async fn publish(_: &Accessor<Context, Self>, _: Resource<OpenConnection>, _: String, _: Payload) -> Outcome<()> {
        absent("publish")
    }

    async fn get(_: &Accessor<Context, Self>, _: Resource<OpenConnection>, _: String) -> Outcome<Option<Payload>> {
        absent("get")
    }

    async fn set(_: &Accessor<Context, Self>, _: Resource<OpenConnection>, _: String, _: Payload) -> Outcome<()> {
        absent("set")
    }

    async fn incr(_: &Accessor<Context, Self>, _: Resource<OpenConnection>, _: String) -> Outcome<i64> {
        absent("incr")
    }

    async fn del(_: &Accessor<Context, Self>, _: Resource<OpenConnection>, _: Vec<String>) -> Outcome<u32> {
        absent("del")
    }

    async fn sadd(_: &Accessor<Context, Self>, _: Resource<OpenConnection>, _: String, _: Vec<String>) -> Outcome<u32> {
        absent("sadd")
    }

    async fn smembers(_: &Accessor<Context, Self>, _: Resource<OpenConnection>, _: String) -> Outcome<Vec<String>> {
        absent("smembers")
    }

    async fn srem(_: &Accessor<Context, Self>, _: Resource<OpenConnection>, _: String, _: Vec<String>) -> Outcome<u32> {
        absent("srem")
    }
}

fn absent<T>(function: &str) -> Outcome<T> {
    Ok(Err(Error::Other(format!("this host has no `{function}` of spin:redis; use `execute`"))))
}

/// As Spin does: arrays lose their nesting.
fn flatten(reply: Reply, results: &mut Vec<RedisResult>) {
    match reply {
        Reply::Nil => results.push(RedisResult::Nil),
        Reply::Status(text) | Reply::Error(text) => results.push(RedisResult::Status(text)),
        Reply::Integer(number) => results.push(RedisResult::Int64(number)),
        Reply::Bytes(bytes) => results.push(RedisResult::Binary(bytes)),
        Reply::Array(replies) => replies.into_iter().for_each(|reply| flatten(reply, results)),
    }
}
