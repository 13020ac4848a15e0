//! The splice: both bodies, with their trailers, go from host stream to host stream.

use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Request, RequestOptions, Response, Scheme};
use spin_sdk::wasip3::wit_future;

use crate::answer;

/// Fields which the host adds or refuses, or which are the hop's own.
const NOT_FORWARDED: [&str; 8] =
    ["connection", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade", "x-target"];

/// Forwards to the URL in `x-target`. An error becomes a 502 that names it.
pub async fn forward(request: Request) -> Result<Response, ErrorCode> {
    let headers = request.get_headers();
    let Some((authority, path)) = target(&headers) else {
        return Ok(answer::text(400, "x-target must be http://AUTHORITY/PATH"));
    };
    let timeout = headers.get("x-timeout-ms").first().and_then(|v| String::from_utf8_lossy(v).parse::<u64>().ok());

    let kept: Vec<_> = headers.copy_all().into_iter().filter(|(name, _)| forwarded(name)).collect();
    let fields = Fields::from_list(&kept).map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
    let outbound = rebuild(request, fields, timeout, &authority, &path);
    let response = match client::send(outbound).await {
        Ok(response) => response,
        Err(error) => return Ok(answer::text(502, format!("{error:?}"))),
    };

    // The answer's head is edited, its body and trailers are not touched.
    let kept: Vec<_> = response.get_headers().copy_all().into_iter().filter(|(name, _)| forwarded(name)).collect();
    let fields = Fields::from_list(&kept).map_err(|error| ErrorCode::InternalError(Some(error.to_string())))?;
    let status = response.get_status_code();
    let (consumed, result) = wit_future::new(|| Ok(()));
    drop(consumed);
    let (body, trailers) = Response::consume_body(response, result);
    let (answer, _sent) = Response::new(fields, Some(body), trailers);
    let _ = answer.set_status_code(status);
    Ok(answer)
}

/// Forwards with the fields as they came, `Host` included, and hands the very response back.
pub async fn forward_untouched(request: Request) -> Result<Response, ErrorCode> {
    let headers = request.get_headers();
    let Some((authority, path)) = target(&headers) else {
        return Ok(answer::text(400, "x-target must be http://AUTHORITY/PATH"));
    };
    let outbound = rebuild(request, headers.clone(), None, &authority, &path);
    match client::send(outbound).await {
        Ok(response) => Ok(response),
        Err(error) => Ok(answer::text(502, format!("{error:?}"))),
    }
}

fn rebuild(request: Request, fields: Fields, timeout: Option<u64>, authority: &str, path: &str) -> Request {
    let options = RequestOptions::new();
    if let Some(milliseconds) = timeout {
        let nanoseconds = milliseconds.saturating_mul(1_000_000);
        let _ = options.set_connect_timeout(Some(nanoseconds));
        let _ = options.set_first_byte_timeout(Some(nanoseconds));
        let _ = options.set_between_bytes_timeout(Some(nanoseconds));
    }
    let method = request.get_method();
    // The host wants to know how the reading went; dropping the writer answers with the default, `Ok`.
    let (consumed, result) = wit_future::new(|| Ok(()));
    drop(consumed);
    let (body, trailers) = Request::consume_body(request, result);
    let (outbound, _sent) = Request::new(fields, Some(body), trailers, Some(options));
    let _ = outbound.set_method(&method);
    let _ = outbound.set_scheme(Some(&Scheme::Http));
    let _ = outbound.set_authority(Some(authority));
    let _ = outbound.set_path_with_query(Some(path));
    outbound
}

fn target(headers: &Fields) -> Option<(String, String)> {
    let value = headers.get("x-target").into_iter().next()?;
    let url = String::from_utf8(value).ok()?;
    let (authority, path) = url.strip_prefix("http://")?.split_once('/')?;
    Some((authority.to_owned(), format!("/{path}")))
}

fn forwarded(name: &str) -> bool {
    !NOT_FORWARDED.contains(&name) && !name.starts_with("spin-")
}
