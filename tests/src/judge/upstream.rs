//! What upstreams see.

use super::Mismatch;
use super::answer::{json, whole};
use super::conversation;
use super::text::fields;
use crate::case::Texts;
use crate::case::exchange::{At, Sees, Upstream};
use crate::observed::Seen;

pub(super) fn judge(expected: &[Upstream], seen: &[Seen], texts: &Texts, wrong: &mut Vec<Mismatch>) {
    if expected.len() != seen.len() {
        let requests: Vec<String> = seen.iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect();
        let found = if requests.is_empty() { "none".to_owned() } else { requests.join(", ") };
        wrong.push(Mismatch::new("requests to upstreams", expected.len().to_string(), found));
    }
    for (Upstream { sees, .. }, seen) in expected.iter().zip(seen) {
        one(sees, seen, texts, wrong);
    }
}

fn one(sees: &Sees, seen: &Seen, texts: &Texts, wrong: &mut Vec<Mismatch>) {
    let mut differ = |what: &str, expected: Option<String>, found: String| {
        if let Some(expected) = expected
            && expected != found
        {
            wrong.push(Mismatch::new(what, expected, found));
        }
    };
    let word = |second| if second { "second" } else { "upstream" };
    differ("the upstream that is asked", sees.at.map(|at| word(at == At::Second).into()), word(seen.at_second).into());
    differ("the method upstream", sees.method.clone(), seen.method.clone());
    differ("the target upstream", sees.target.as_ref().map(|target| texts.replace(target)), seen.target.clone());
    let cut_off = sees.cut_off.unwrap_or(false);
    match (&seen.cut_off, cut_off) {
        (None, true) => wrong.push(Mismatch::new("the body upstream", "it breaks off", "it is complete")),
        (Some(why), false) => {
            wrong.push(Mismatch::new("the body upstream", "it is complete", format!("it breaks off: {why}")));
        }
        (None, false) | (Some(_), true) => {}
    }
    if sees.left == Some(true) && !seen.left {
        wrong.push(Mismatch::new("the connection upstream", "the gateway closes it", "it stays open"));
    }
    fields("the upstream's", &sees.headers, &sees.absent, &seen.headers, texts, wrong);
    let body = sees.body.as_ref().map(|text| texts.replace(text).into_bytes());
    whole("the body upstream", body, sees.body_bytes, &seen.body, wrong);
    if let Some(expected) = &sees.json {
        json("the JSON body upstream", &texts.put_into(expected), &seen.body, wrong);
    }
    let messages = sees.messages.as_deref();
    conversation::judge("the upstream's", messages, sees.closes, seen.conversation.as_ref(), wrong);
}
