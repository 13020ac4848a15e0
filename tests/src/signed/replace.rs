//! Puts what was made into the steps of a case.

use serde_json::Value;

use super::keys::key;
use super::makes::Makes;
use crate::case::exchange::{Expected, FieldText, OneOrMany, Step};

/// The public key for a text that is `${jwk:KEY}` and nothing else.
pub(crate) fn jwk_of(text: &str) -> Option<Result<Value, String>> {
    let name = text.strip_prefix("${jwk:")?.strip_suffix('}')?;
    Some(key(name).map(|key| key.jwk.clone()))
}

/// The text with all that stands for something else replaced; what is not ours stays.
pub(crate) fn text(text: &str, makes: &Makes) -> Result<String, String> {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        replaced.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            replaced.push_str("${");
            rest = behind;
            continue;
        };
        match makes.meaning(name) {
            Some(meaning) => replaced.push_str(&meaning?),
            None => {
                replaced.push_str("${");
                replaced.push_str(name);
                replaced.push('}');
            }
        }
        rest = after;
    }
    replaced.push_str(rest);
    Ok(makes.texts.replace(&replaced))
}

/// The step with all that its client sends and its upstreams answer filled in.
pub(crate) fn replaced(step: &Step, makes: &Makes) -> Result<Step, String> {
    let mut step = step.clone();
    if let Some(client) = &mut step.client {
        each([&mut client.target, &mut client.body], makes)?;
        for field in client.headers.values_mut().flatten() {
            fill(field, makes)?;
        }
    }
    let upstreams = match &mut step.upstream {
        OneOrMany::One(upstream) => std::slice::from_mut(upstream),
        OneOrMany::Many(upstreams) => upstreams.as_mut_slice(),
    };
    for upstream in upstreams {
        each([&mut upstream.answers.body, &mut upstream.sees.body], makes)?;
        for field in upstream.answers.headers.values_mut() {
            fill(field, makes)?;
        }
        for expected in upstream.sees.headers.values_mut() {
            if let Expected::Text(text) = expected {
                *text = self::text(text, makes)?;
            }
        }
    }
    Ok(step)
}

fn each<const N: usize>(texts: [&mut Option<String>; N], makes: &Makes) -> Result<(), String> {
    for text in texts.into_iter().flatten() {
        *text = self::text(text, makes)?;
    }
    Ok(())
}

fn fill(field: &mut FieldText, makes: &Makes) -> Result<(), String> {
    match field {
        FieldText::Text(text) => *text = self::text(text, makes)?,
        FieldText::Lines(lines) => {
            for line in lines {
                *line = self::text(line, makes)?;
            }
        }
        FieldText::Bytes(_) => {}
    }
    Ok(())
}
