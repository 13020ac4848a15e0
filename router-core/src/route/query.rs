//! Reading a query as forms write it (WHATWG URL, `application/x-www-form-urlencoded`), without changing it: it is forwarded byte for byte.

use crate::filter::path::form_bytes;

/// The decoded values of a name, in order; a name without `=` has an empty value.
pub(super) fn values<'q>(
    query: Option<&'q str>,
    name: &str,
) -> impl Iterator<Item = impl Iterator<Item = u8> + use<'q>> {
    query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).filter_map(move |pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        form_bytes(key).eq(name.bytes()).then(|| form_bytes(value))
    })
}
