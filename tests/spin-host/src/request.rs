//! Turns a client's request into what the component sees, with the fields that Spin adds.

use std::net::SocketAddr;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};

/// A request that never reaches the component: Spin answers 500.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) String);

/// Gives the URL its scheme and authority and appends the `spin-*` fields.
///
/// They come after any copies that the client sent, which stay: only the last value can be trusted.
pub(crate) fn prepare<B>(mut request: Request<B>, client: SocketAddr, server: SocketAddr) -> Result<Request<B>, Unfit> {
    for (name, value) in request.headers() {
        if std::str::from_utf8(value.as_bytes()).is_err() {
            return Err(Unfit(format!("the value of field {name} is not UTF-8")));
        }
    }
    let authority = authority(&request, server)?;
    let mut parts = request.uri().clone().into_parts();
    let path = parts.path_and_query.take().unwrap_or_else(|| PathAndQuery::from_static("/"));
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    parts.path_and_query = Some(path.clone());
    let uri = Uri::from_parts(parts).map_err(|error| Unfit(error.to_string()))?;

    let headers = request.headers_mut();
    append(headers, "spin-path-info", path.path())?;
    append(headers, "spin-full-url", &uri.to_string())?;
    append(headers, "spin-matched-route", "/...")?;
    append(headers, "spin-base-path", "/")?;
    append(headers, "spin-raw-component-route", "/...")?;
    append(headers, "spin-component-route", "")?;
    append(headers, "spin-client-addr", &client.to_string())?;
    *request.uri_mut() = uri;
    Ok(request)
}

fn authority<B>(request: &Request<B>, server: SocketAddr) -> Result<Authority, Unfit> {
    let host = request.headers().get(header::HOST).map(|host| Authority::try_from(host.as_bytes())).transpose();
    let host = host.map_err(|error| Unfit(format!("the Host field: {error}")))?;
    match (request.uri().authority(), host) {
        (Some(target), Some(host)) if *target != host => {
            Err(Unfit(format!("the request target says {target}, the Host field {host}")))
        }
        (Some(target), _) => Ok(target.clone()),
        (None, Some(host)) => Ok(host),
        // HTTP/1.0 without Host: the address that was connected to.
        (None, None) => Authority::try_from(server.to_string()).map_err(|error| Unfit(error.to_string())),
    }
}

fn append(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), Unfit> {
    let value = HeaderValue::from_str(value).map_err(|error| Unfit(format!("{name}: {error}")))?;
    headers.append(HeaderName::from_static(name), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};

    use super::prepare;

    fn prepared(request: Request<()>) -> Request<()> {
        let client = ([192, 0, 2, 1], 4711).into();
        prepare(request, client, ([127, 0, 0, 1], 80).into()).expect("a fit request")
    }

    #[test]
    fn own_fields_come_after_those_a_client_forged() {
        let request = Request::get("/a?b")
            .header("host", "gateway.example")
            .header("spin-client-addr", "10.0.0.1:1")
            .body(())
            .expect("a request");
        let request = prepared(request);
        let addresses: Vec<_> = request.headers().get_all("spin-client-addr").iter().collect();
        assert_eq!(addresses, ["10.0.0.1:1", "192.0.2.1:4711"]);
        assert_eq!(request.headers()["spin-full-url"], "http://gateway.example/a?b");
        assert_eq!(request.headers()["spin-path-info"], "/a");
    }

    #[test]
    fn a_path_stays_as_it_was_sent() {
        let request = Request::get("/a/%2e%2e//b").header("host", "h").body(()).expect("a request");
        assert_eq!(prepared(request).uri().path(), "/a/%2e%2e//b");
    }

    #[test]
    fn a_field_value_outside_utf_8_is_unfit() {
        let value = HeaderValue::from_bytes(b"caf\xe9").expect("a value");
        let request = Request::get("/").header("host", "h").header("x-name", value).body(()).expect("a request");
        let error = prepare(request, ([1, 1, 1, 1], 1).into(), ([1, 1, 1, 1], 1).into()).expect_err("unfit");
        assert!(error.0.contains("x-name"), "{}", error.0);
    }
}
