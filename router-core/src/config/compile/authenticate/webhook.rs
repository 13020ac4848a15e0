//! `webhook:`.

use std::time::Duration;

use crate::authenticate::jose::base64;
use crate::authenticate::webhook::{Content, Custom, Encoding, Form, Rules, Secret};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::raw::authenticate as raw;

/// What Stripe, Slack and Standard Webhooks recommend.
const WINDOW: Duration = Duration::from_secs(300);
/// Beyond this a time says little.
const LONGEST_WINDOW: Duration = Duration::from_secs(3600);
/// Webhooks are small; the largest provider stops at 25 MiB, most below 1 MiB.
const MAX_BODY: u64 = 1 << 20;
/// A body is held whole: no more than an instance can bear.
const LARGEST_BODY: u64 = 32 << 20;
/// 128 bits, if they are random.
const SHORTEST_SECRET: usize = 16;
/// Every request is tried with each.
const MOST_SECRETS: usize = 8;

pub(super) fn rules(raw: &raw::Webhook, name: &str, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    let before = context.found.errors();
    let form = form(&raw.form, &path.key("form"), context);
    let secrets = secrets(raw, &path.key("secrets"), context);
    let at = path.key("window");
    let window = context.duration_or(raw.window.as_deref(), WINDOW, &at);
    if window.is_zero() || window > LONGEST_WINDOW {
        let message = format!("expected more than nothing and at most `{}s`", LONGEST_WINDOW.as_secs());
        context.error("duration", at, message);
    }
    let max_body = context.size_or(raw.max_body.as_deref(), MAX_BODY, LARGEST_BODY, &path.key("max_body"));
    let consumer = raw.consumer.clone().unwrap_or_else(|| name.to_owned());
    if consumer.is_empty() || consumer.len() > 256 || consumer.chars().any(char::is_control) {
        context.error("consumer", path.key("consumer"), "expected 1 to 256 bytes without control characters");
    }
    if context.found.errors() > before {
        return None;
    }
    let once = raw.replay == raw::WebhookReplay::Refuse;
    Some(Rules { form: form?, secrets, window, once, max_body, consumer })
}

fn secrets(raw: &raw::Webhook, path: &Place<'_>, context: &mut Context) -> Vec<Secret> {
    if raw.secrets.is_empty() || raw.secrets.len() > MOST_SECRETS {
        context.error("secrets", *path, format!("expected 1 to {MOST_SECRETS} secrets, found {}", raw.secrets.len()));
    }
    let mut secrets = Vec::with_capacity(raw.secrets.len());
    for (index, text) in raw.secrets.iter().enumerate() {
        let at = path.index(index);
        let bytes = if raw.form == raw::WebhookForm::Standard {
            let Some(bytes) = base64::decode_standard(text.strip_prefix("whsec_").unwrap_or(text)) else {
                context.error(
                    "secret",
                    at,
                    "a secret of Standard Webhooks is base64, with or without `whsec_` before it",
                );
                continue;
            };
            bytes
        } else {
            text.as_bytes().to_vec()
        };
        if bytes.len() < SHORTEST_SECRET {
            let message = format!("expected at least {SHORTEST_SECRET} bytes, found {}", bytes.len());
            let short = Diagnostic::error("secret", at.path(), message);
            context
                .found
                .push(short.with_help("make one with `openssl rand -hex 32` and refer to it as `${secret:NAME}`"));
            continue;
        }
        secrets.push(Secret::new(&bytes));
    }
    secrets
}

fn form(raw: &raw::WebhookForm, path: &Place<'_>, context: &mut Context) -> Option<Form> {
    Some(match raw {
        raw::WebhookForm::Stripe => Form::Stripe,
        raw::WebhookForm::Github => Form::Github,
        raw::WebhookForm::Slack => Form::Slack,
        raw::WebhookForm::Standard => Form::Standard,
        raw::WebhookForm::Custom(preset) => Form::Custom(custom(preset, &path.key("custom"), context)?),
    })
}

fn custom(raw: &raw::WebhookPreset, path: &Place<'_>, context: &mut Context) -> Option<Custom> {
    let header = context.header_name(&raw.header, &path.key("header"));
    let at = path.key("timestamp_header");
    let time = raw.timestamp_header.as_deref().map(|name| context.header_name(name, &at));
    let content = match &raw.content {
        Some(content) => content.as_str(),
        None if time.is_some() => "{timestamp}.{body}",
        None => "{body}",
    };
    let content = context.ok("content", &path.key("content"), Content::parse(content));
    if raw.prefix.len() > 64
        || !raw.prefix.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        || raw.prefix.starts_with(' ')
    {
        context.error(
            "prefix",
            path.key("prefix"),
            "expected at most 64 visible characters, not starting with a space",
        );
    }
    let content = content?;
    match (&time, content.has_time()) {
        (Some(_), false) => {
            let message = "a time that is not signed proves nothing: anyone can write another one";
            let unsigned = Diagnostic::error("content", path.key("content").path(), message);
            context.found.push(unsigned.with_help("put `{timestamp}` into `content`, or leave `timestamp_header` out"));
        }
        (None, true) => {
            let message = "`{timestamp}` needs `timestamp_header`: the field in which the time stands";
            context.error("content", path.key("content"), message);
        }
        (Some(_), true) | (None, false) => {}
    }
    let encoding = match raw.encoding {
        raw::WebhookEncoding::Hex => Encoding::Hex,
        raw::WebhookEncoding::Base64 => Encoding::Base64,
    };
    // A time with a wrong name has been reported.
    let time = match time {
        Some(time) => Some(time?),
        None => None,
    };
    Some(Custom { header: header?, prefix: raw.prefix.clone(), encoding, time, content })
}
