//! `invalidate_on:` requests whose success makes stored answers worthless.

use http::Method;

use crate::cache::rule::TriggerPath;
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::grammar::shorten;
use crate::filter::path::configured;

/// Each is held against every request that may change something.
const MOST_TRIGGERS: usize = 64;

pub(super) fn triggers(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<(Method, TriggerPath)> {
    if raw.len() > MOST_TRIGGERS {
        let message = format!("expected at most {MOST_TRIGGERS} requests, found {}", raw.len());
        context.error("invalidate-on", *path, message);
    }
    let mut triggers = Vec::with_capacity(raw.len());
    for (index, text) in raw.iter().enumerate() {
        let path = path.index(index);
        let Some(trigger) = trigger(text, &path, context) else { continue };
        if triggers.contains(&trigger) {
            context.error("duplicate-name", path, format!("`{}` is there already", shorten(text)));
        } else {
            triggers.push(trigger);
        }
    }
    triggers
}

fn trigger(text: &str, path: &Place<'_>, context: &mut Context) -> Option<(Method, TriggerPath)> {
    let Some((method, target)) = text.split_once(' ') else {
        let message = format!("expected a method and a path, such as `POST /v1/categories`, found `{}`", shorten(text));
        context.error("invalidate-on", *path, message);
        return None;
    };
    let method = context.method(method, path);
    let target = context.ok("path", path, configured(target.trim_start()))?;
    if let Some(part) = target.segments().find(|segment| segment.contains('*') && *segment != "*") {
        let message = format!("`*` stands for a whole segment, and `{}` is more than that", shorten(part));
        context
            .found
            .push(Diagnostic::error("invalidate-on", path.path(), message).with_help("write `*` instead of it"));
        return None;
    }
    let segments: Vec<Option<String>> =
        target.segments().map(|segment| (segment != "*").then(|| segment.to_owned())).collect();
    let open = segments.last().is_some_and(Option::is_none);
    Some((method?, TriggerPath { segments, open }))
}
