//! Purging: `POST /cache/purge` with an order as JSON.

use edge::{LONGEST_ORDER, Refused};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::operator::{self, Told};
use crate::platform::Native;

/// Carries out an order.
pub(super) async fn answer(platform: &Native, request: Request<Incoming>) -> Told<Value> {
    if request.method() != Method::POST {
        return Err((StatusCode::METHOD_NOT_ALLOWED, "expected POST".into()));
    }
    operator::check(request.headers())?;
    let order = Limited::new(request.into_body(), LONGEST_ORDER).collect().await;
    let order = order.map_err(|why| (StatusCode::BAD_REQUEST, format!("the order cannot be read: {why}")))?.to_bytes();
    edge::purge(platform, &order).await.map_err(|refused| match refused {
        Refused::Malformed(why) => (StatusCode::BAD_REQUEST, why),
        Refused::Unwritten(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("nothing is purged: {why}")),
    })
}
