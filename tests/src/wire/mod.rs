//! HTTP/1.1 over TCP, byte for byte: the client and the upstreams of the platforms that have sockets.
//!
//! Neither is built on an HTTP library, because a library would repair what a case wants broken. Once both have agreed on WebSocket, a library
//! frames the messages.

pub mod client;
mod message;
mod play;
mod progress;
mod reader;
pub mod upstream;
mod websocket;

pub use progress::Progress;
