//! The native platform on real sockets of the loopback interface. Nothing sleeps: a test waits for the event it is about.
#![allow(unreachable_pub, reason = "helpers of a test binary")]

mod failures;
mod http2;
mod large;
mod life;
mod malformed;
mod proxy;
mod redis;
mod support;
mod tls;
mod upgrade;
