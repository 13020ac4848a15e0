//! Key-value store and variables.

use spin_sdk::key_value::{Error as StoreError, Store};
use spin_sdk::variables::{self, Error as VariableError};
use spin_sdk::wasip3::http::types::{Request, Response};
use spin_sdk::wasip3::wit_future;

use crate::answer::text;

pub async fn get(key: &str) -> Response {
    match open().await {
        Ok(store) => match store.get(key).await {
            Ok(Some(value)) => text(200, value),
            Ok(None) => text(404, "absent"),
            Err(error) => text(500, format!("{error:?}")),
        },
        Err(response) => response,
    }
}

pub async fn put(key: &str, request: Request) -> Response {
    let (consumed, result) = wit_future::new(|| Ok(()));
    drop(consumed);
    let (body, _trailers) = Request::consume_body(request, result);
    let value = body.collect().await;
    match open().await {
        Ok(store) => match store.set(key, value).await {
            Ok(()) => text(200, "stored"),
            Err(error) => text(500, format!("{error:?}")),
        },
        Err(response) => response,
    }
}

pub async fn delete(key: &str) -> Response {
    match open().await {
        Ok(store) => match store.delete(key).await {
            Ok(()) => text(200, format!("exists {:?}", store.exists(key).await)),
            Err(error) => text(500, format!("{error:?}")),
        },
        Err(response) => response,
    }
}

pub async fn keys() -> Response {
    match open().await {
        Ok(store) => match store.get_keys().await.collect().await {
            Ok(keys) => text(200, keys.join(",")),
            Err(error) => text(500, format!("{error:?}")),
        },
        Err(response) => response,
    }
}

pub async fn other_store() -> Response {
    match Store::open("other").await {
        Ok(_) => text(200, "opened"),
        Err(StoreError::AccessDenied) => text(403, "access denied"),
        Err(error) => text(500, format!("{error:?}")),
    }
}

pub async fn variable(name: &str) -> Response {
    match variables::get(name).await {
        Ok(value) => text(200, value),
        Err(VariableError::Undefined(_)) => text(404, "undefined"),
        Err(VariableError::InvalidName(_)) => text(400, "invalid name"),
        Err(error) => text(500, format!("{error:?}")),
    }
}

async fn open() -> Result<Store, Response> {
    Store::open_default().await.map_err(|error| text(500, format!("{error:?}")))
}
