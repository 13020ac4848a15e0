//! The program as people and pipelines meet it: what it prints, and how it ends.

mod check;
mod example;
mod explain;
mod export;
mod guide;
mod issuers;
mod key;
#[cfg(unix)]
mod limits;
mod purge;
mod schema;
mod serve;
mod support;
mod usage;
