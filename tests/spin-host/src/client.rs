//! `wasi:http/client`: what happens when the component calls `send`.
//!
//! wasmtime's own implementation strips forbidden fields from the upstream's response. Spin 4.1 does not, and it refuses a
//! `Host` that differs from the URL's authority, so this host has its own.

use http::{Request as HttpRequest, header};
use wasmtime::AsContext;
use wasmtime::component::{Accessor, HasData, Resource};
use wasmtime_wasi::TrappableError;
use wasmtime_wasi_http::p3::bindings::http::client::HostWithStore;
use wasmtime_wasi_http::p3::bindings::http::types::{ErrorCode, Request, Response};
use wasmtime_wasi_http::{WasiBody, WasiHttpCtxView};

use crate::context::{Context, FromUpstream};

/// Marks the client interface in the linker.
#[derive(Debug)]
pub(crate) struct Client;

impl HasData for Client {
    type Data<'a> = WasiHttpCtxView<'a>;
}

impl HostWithStore<Context> for Client {
    async fn send(
        accessor: &Accessor<Context, Self>,
        request: Resource<Request>,
    ) -> Result<Resource<Response>, TrappableError<ErrorCode>> {
        let (request, options, app) = accessor.with(|mut access| {
            let request = access.get().table.delete(request).map_err(TrappableError::trap)?;
            let (request, options) = request.into_http(&mut access, async { Ok(()) })?;
            let app = access.as_context().data().app.clone();
            Ok::<_, TrappableError<ErrorCode>>((request, options, app))
        })?;
        if !app.allowed.allows(request.uri()) {
            return Err(ErrorCode::HttpRequestDenied.into());
        }
        let request = with_one_host(request)?;
        let options = options.as_deref().copied().unwrap_or_default();
        let response = app.outbound.send(request, options).await?;
        accessor.with(|mut access| {
            // The second half would tell how the component's reading ended. Nobody asks.
            let (response, _read) = Response::from_http(&mut FromUpstream, response);
            access.get().table.push(response).map_err(TrappableError::trap)
        })
    }
}

/// The request carries a `Host` made from its authority, and perhaps a copied one before it. Spin accepts only an equal one.
fn with_one_host(mut request: HttpRequest<WasiBody>) -> Result<HttpRequest<WasiBody>, ErrorCode> {
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
    if request.headers().get_all(header::HOST).iter().any(|host| host.as_bytes() != authority.as_bytes()) {
        return Err(ErrorCode::InternalError(Some("Host header does not match URI authority".into())));
    }
    if let Some(host) = request.headers_mut().remove(header::HOST) {
        request.headers_mut().insert(header::HOST, host);
    }
    Ok(request)
}
