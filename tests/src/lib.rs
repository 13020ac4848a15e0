//! The case runner. A case is a folder of data; the same cases run on every platform, and a difference is an exception with a reason.
//!
//! [`case`] reads cases, [`platform`] runs them, [`judge`] holds what was [`observed`] against what the case says, [`report`] tells people. What
//! clients sign is made by [`signed`].
#![forbid(unsafe_code)]

pub mod case;
pub mod exceptions;
pub mod judge;
pub mod observed;
pub mod platform;
pub mod report;
pub mod run;
pub mod signed;
pub mod wire;
