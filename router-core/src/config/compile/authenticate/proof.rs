//! `proof:`.
