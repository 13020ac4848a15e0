//! A Spin component that does, one route each, what a gateway asks of Spin. It speaks the raw `wasi:http` types, because
//! only those let a body pass from one side to the other without entering the component.

mod answer;
mod proxy;
mod state;
mod tasks;

use spin_sdk::wasip3::exports::http::handler::Guest;
use spin_sdk::wasip3::http::types::{ErrorCode, Method, Request, Response};

struct Component;

spin_sdk::wasip3::http::service::export!(Component);

impl Guest for Component {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default().to_owned();
        match path.as_str() {
            "/inspect" => Ok(answer::inspect(&request)),
            "/echo" => Ok(answer::echo(request)),
            "/stream" => Ok(answer::stream()),
            "/short" => Ok(answer::shorter_than_it_says()),
            "/forbidden" => Ok(answer::forbidden_fields()),
            "/refuse" => Err(ErrorCode::HttpRequestDenied),
            "/proxy" => proxy::forward(request).await,
            "/proxy-untouched" => proxy::forward_untouched(request).await,
            "/count" => Ok(tasks::count()),
            "/now" => Ok(tasks::now()),
            "/log" => Ok(tasks::log()),
            "/after" => Ok(tasks::after()),
            "/wait" => Ok(tasks::wait().await),
            "/wake" => Ok(tasks::wake()),
            "/panic" => panic!("asked to"),
            "/loop" => loop {
                std::hint::spin_loop();
            },
            "/kv" => Ok(state::keys().await),
            "/other-store" => Ok(state::other_store().await),
            _ => match path.split_once("/kv/").or_else(|| path.split_once("/variable/")) {
                Some(("", name)) if path.starts_with("/variable") => Ok(state::variable(name).await),
                Some(("", key)) => match request.get_method() {
                    Method::Put => Ok(state::put(key, request).await),
                    Method::Delete => Ok(state::delete(key).await),
                    _ => Ok(state::get(key).await),
                },
                _ => Ok(answer::text(404, "no such route")),
            },
        }
    }
}
