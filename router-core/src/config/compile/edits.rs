//! Header edits, and the small settings of `dispatch:` and `respond:`.

use http::{HeaderName, header};

use super::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw;
use crate::dispatch::{ForwardedHeaders, compose::X_REQUEST_ID};
use crate::edits::HeaderEdits;
use crate::respond::AccessLog;

/// Whose fields are edited.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Response,
}

pub(super) fn edits(
    raw: &raw::HeaderEdits,
    direction: Direction,
    path: &Place<'_>,
    context: &mut Context,
) -> HeaderEdits {
    let mut edits = HeaderEdits::new();
    let removed = path.key("remove");
    for (index, name) in raw.remove.iter().enumerate() {
        let at = removed.index(index);
        if let Some(name) = editable(name, direction, &at, context) {
            edits.remove(name);
        }
    }
    for (key, fields) in [("set", &raw.set), ("add", &raw.add)] {
        for (name, value) in fields {
            let list = path.key(key);
            let at = list.key(name);
            let (name, value) = (editable(name, direction, &at, context), context.header_value(value, &at));
            match (name, value) {
                (Some(name), Some(value)) if key == "set" => edits.set(name, value),
                (Some(name), Some(value)) => edits.append(name, value),
                _ => {}
            }
        }
    }
    edits
}

/// A field that may be edited: framing and connection belong to the hosts, and the request id to the log.
fn editable(text: &str, direction: Direction, path: &Place<'_>, context: &mut Context) -> Option<HeaderName> {
    let name = context.header_name(text, path)?;
    let framing = [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
    ];
    let help = if framing.contains(&name) || name == "keep-alive" {
        "it describes one connection and is set by whoever sends the message"
    } else if name == header::HOST && direction == Direction::Request {
        "say what `Host` an upstream is told in `upstreams.<name>.host`"
    } else if name == X_REQUEST_ID {
        "the gateway sets it, so that every log line can be found; say whose ids are kept in `receive.request_id`"
    } else {
        return Some(name);
    };
    context.found.push(
        Diagnostic::error("header-reserved", path.path(), format!("`{name}` cannot be edited"))
            .at_key()
            .with_help(help),
    );
    None
}

pub(super) fn forwarded(raw: raw::ForwardedHeaders) -> ForwardedHeaders {
    match raw {
        raw::ForwardedHeaders::Both => ForwardedHeaders::Both,
        raw::ForwardedHeaders::Standard => ForwardedHeaders::Standard,
        raw::ForwardedHeaders::XForwarded => ForwardedHeaders::XForwarded,
        raw::ForwardedHeaders::None => ForwardedHeaders::None,
    }
}

pub(super) fn access_log(raw: raw::AccessLog) -> AccessLog {
    match raw {
        raw::AccessLog::All => AccessLog::All,
        raw::AccessLog::Errors => AccessLog::Errors,
        raw::AccessLog::Off => AccessLog::Off,
    }
}
