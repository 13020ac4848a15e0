//! Answers the component makes by itself.

use spin_sdk::wasip3::http::types::{Fields, HeaderError, Request, Response};
use spin_sdk::wasip3::{spawn, wit_future, wit_stream};

/// A whole text, written behind the head.
pub fn text(status: u16, body: impl Into<Vec<u8>>) -> Response {
    let body = body.into();
    let (mut sink, stream) = wit_stream::new();
    let (trailers, no_trailers) = wit_future::new(|| Ok(None));
    drop(trailers);
    let (response, _sent) = Response::new(Fields::new(), Some(stream), no_trailers);
    let _ = response.set_status_code(status);
    spawn(async move {
        sink.write_all(body).await;
    });
    response
}

/// Everything the component sees of a request, a line each.
pub fn inspect(request: &Request) -> Response {
    let mut seen = format!(
        "method {:?}\nscheme {:?}\nauthority {:?}\npath {:?}\n",
        request.get_method(),
        request.get_scheme(),
        request.get_authority(),
        request.get_path_with_query()
    );
    for (name, value) in request.get_headers().copy_all() {
        seen.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(&value)));
    }
    text(200, seen)
}

/// The request's body and trailers, spliced into the response.
pub fn echo(request: Request) -> Response {
    let (consumed, result) = wit_future::new(|| Ok(()));
    drop(consumed);
    let (body, trailers) = Request::consume_body(request, result);
    Response::new(Fields::new(), Some(body), trailers).0
}

/// Two chunks and a trailer.
pub fn stream() -> Response {
    let (mut sink, body) = wit_stream::new();
    let (end, trailers) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(Fields::new(), Some(body), trailers);
    spawn(async move {
        sink.write_all(b"one\n".to_vec()).await;
        sink.write_all(b"two\n".to_vec()).await;
        drop(sink);
        let trailers = Fields::from_list(&[("x-end".to_owned(), b"yes".to_vec())]).ok();
        let _ = end.write(Ok(trailers)).await;
    });
    response
}

/// Announces five bytes and sends three.
pub fn shorter_than_it_says() -> Response {
    let fields = Fields::from_list(&[("content-length".to_owned(), b"5".to_vec())]).unwrap_or_else(|_| Fields::new());
    let (mut sink, body) = wit_stream::new();
    let (end, trailers) = wit_future::new(|| Ok(None));
    drop(end);
    let (response, _sent) = Response::new(fields, Some(body), trailers);
    spawn(async move {
        sink.write_all(b"abc".to_vec()).await;
    });
    response
}

/// What the host says to fields that only it may set.
pub fn forbidden_fields() -> Response {
    let fields = Fields::new();
    let mut said = String::new();
    for name in ["connection", "host", "transfer-encoding", "te", "x-free"] {
        let verdict = match fields.append(name, b"x") {
            Ok(()) => "accepted",
            Err(HeaderError::Forbidden) => "forbidden",
            Err(_) => "refused otherwise",
        };
        said.push_str(&format!("{name} {verdict}\n"));
    }
    text(200, said)
}
