//! What a client claims about itself in the gateway's own fields.

use http::{HeaderMap, HeaderName};

/// The fields of `headers` that only the gateway may set, in any spelling: servers that map fields to variables read `x_user`, and some `x.user`, as
/// `x-user`. `ours` are [`folded`].
#[must_use]
pub fn claimed(ours: &[HeaderName], headers: &HeaderMap) -> Vec<HeaderName> {
    let same = |ours: &HeaderName, name: &HeaderName| {
        ours.as_str().len() == name.as_str().len()
            && ours.as_str().bytes().zip(name.as_str().bytes()).all(|(ours, byte)| ours == fold(byte))
    };
    // No field: no allocation, which is what nearly every request has.
    headers.keys().filter(|name| ours.iter().any(|ours| same(ours, name))).cloned().collect()
}

/// The one spelling of a name: letters, digits and dashes.
#[must_use]
pub fn folded(name: &HeaderName) -> HeaderName {
    let folded: Vec<u8> = name.as_str().bytes().map(fold).collect();
    HeaderName::from_bytes(&folded).unwrap_or_else(|_| name.clone())
}

fn fold(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte } else { b'-' }
}
