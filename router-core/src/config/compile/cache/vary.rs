//! `vary_by:` what makes answers different beside their URL.

use http::{HeaderName, header};

use crate::authenticate::claims::ClaimPath;
use crate::cache::rule::{QueryRule, VaryBy};
use crate::config::compile::context::Context;
use crate::config::diagnostic::{Diagnostic, Place};
use crate::config::grammar::shorten;
use crate::config::raw::cache as raw;

/// More than this is no key but a mistake, and each is hashed with every request.
const MOST_NAMES: usize = 16;
/// Lists of what trackers add to queries are longer.
const MOST_PARAMETERS: usize = 64;
/// A longer name is none that anybody uses.
const LONGEST_PARAMETER: usize = 256;

pub(super) fn vary_by(raw: &raw::VaryBy, path: &Place<'_>, context: &mut Context) -> VaryBy {
    VaryBy {
        headers: headers(&raw.headers, &path.key("headers"), context),
        query: match &raw.query {
            None => QueryRule::Whole,
            Some(raw::QueryRule::Only(names)) => {
                QueryRule::Only(parameters(names, &path.key("query").key("only"), context))
            }
            Some(raw::QueryRule::Without(names)) => {
                QueryRule::Without(parameters(names, &path.key("query").key("without"), context))
            }
        },
        cookies: {
            let path = path.key("cookies");
            at_most(MOST_NAMES, &raw.cookies, &path, context);
            distinct(&raw.cookies, &path, context, |text, path, context| context.cookie_name(text, path))
        },
        claims: {
            let path = path.key("claims");
            at_most(MOST_NAMES, &raw.claims, &path, context);
            distinct(&raw.claims, &path, context, |text, path, context| {
                context.ok("claim", path, ClaimPath::parse(text))
            })
        },
        consumer: raw.consumer,
        plan: raw.plan,
        device: raw.device,
    }
}

/// Names of fields, each once.
pub(super) fn header_names(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<HeaderName> {
    distinct(raw, path, context, |text, path, context| context.header_name(text, path))
}

fn headers(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<HeaderName> {
    at_most(MOST_NAMES, raw, path, context);
    distinct(raw, path, context, |text, path, context| {
        let name = context.header_name(text, path)?;
        let help = if name == header::COOKIE {
            "name the cookies that matter in `vary_by.cookies`"
        } else if name == header::AUTHORIZATION {
            "write `identified: apart`, or `consumer: true`: what makes a difference is who they are, not their credentials"
        } else {
            return Some(name);
        };
        let message =
            format!("`{name}` is different for nearly everyone, so that hardly an answer would be found again");
        context.found.push(Diagnostic::error("vary-by", path.path(), message).with_help(help));
        None
    })
}

fn parameters(raw: &[String], path: &Place<'_>, context: &mut Context) -> Vec<String> {
    at_most(MOST_PARAMETERS, raw, path, context);
    distinct(raw, path, context, |text, path, context| {
        // Names are compared as they are written in URLs, where nothing else can stand in one.
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"=&#".contains(&byte);
        if text.is_empty() || text.len() > LONGEST_PARAMETER || !text.bytes().all(fits) {
            let message = format!(
                "expected the name of a parameter as it stands in a URL, of 1 to {LONGEST_PARAMETER} bytes, found `{}`",
                shorten(text)
            );
            context.error("query-parameter", *path, message);
            return None;
        }
        Some(text.to_owned())
    })
}

fn at_most(most: usize, raw: &[String], path: &Place<'_>, context: &mut Context) {
    if raw.len() > most {
        context.error("vary-by", *path, format!("expected at most {most} names, found {}", raw.len()));
    }
}

/// What is read of each text, once; a second one is reported.
fn distinct<T: PartialEq>(
    raw: &[String],
    path: &Place<'_>,
    context: &mut Context,
    read: impl Fn(&str, &Place<'_>, &mut Context) -> Option<T>,
) -> Vec<T> {
    let mut all = Vec::with_capacity(raw.len());
    for (index, text) in raw.iter().enumerate() {
        let path = path.index(index);
        let Some(one) = read(text, &path, context) else { continue };
        if all.contains(&one) {
            context.error("duplicate-name", path, format!("`{}` is there already", shorten(text)));
        } else {
            all.push(one);
        }
    }
    all
}
