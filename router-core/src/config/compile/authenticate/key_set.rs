//! `keys:` of a `jwt`.
