//! Header fields that hold on to nothing but themselves.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

/// Moves the values of `headers` into memory of their own. As they come they are pieces of the buffer into which a connection was read, all of which
/// each of them keeps: more than a hundred times its own size.
pub(super) fn compact(headers: &mut HeaderMap) {
    let mut all = Vec::with_capacity(headers.values().map(HeaderValue::len).sum());
    headers.values().for_each(|value| all.extend_from_slice(value.as_bytes()));
    let mut rest = Bytes::from(all);
    for value in headers.values_mut() {
        let own = rest.split_to(value.len().min(rest.len()));
        // What was a value is one.
        if let Ok(mut own) = HeaderValue::from_maybe_shared(own) {
            own.set_sensitive(value.is_sensitive());
            *value = own;
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    #[test]
    fn fields_stay_what_they_are() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("vary", "a"), ("x-one", ""), ("vary", "b, c"), ("x-two", "\u{e9}\ttwo")] {
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let mut secret = HeaderValue::from_static("secret");
        secret.set_sensitive(true);
        headers.insert(header::SET_COOKIE, secret);
        let before = headers.clone();
        compact(&mut headers);
        assert_eq!(headers, before);
        assert!(headers[header::SET_COOKIE].is_sensitive());
        assert_eq!(headers.get_all("vary").iter().collect::<Vec<_>>(), ["a", "b, c"]);
    }

    #[test]
    fn the_buffer_they_came_in_is_let_go_of() {
        let buffer = Bytes::from(vec![b'x'; 8192]);
        let mut headers = HeaderMap::new();
        headers.insert("x-one", HeaderValue::from_maybe_shared(buffer.slice(7..9)).unwrap());
        assert!(!buffer.is_unique());
        compact(&mut headers);
        assert!(buffer.is_unique());
        assert_eq!(headers["x-one"], "xx");
    }
}
