//! Tests of the runner, and all cases on the platforms that run in this process.

mod cases;
mod common;
mod rejections;
mod runner;
