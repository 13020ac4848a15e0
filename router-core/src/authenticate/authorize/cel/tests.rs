//! Expressions and what comes of them.

mod limits;
mod mistakes;
mod other;
mod values;

use serde_json::{Value as Json, json};

use super::{InvalidCondition, Program, Value};
use crate::authenticate::authorize::tests::Request;
use crate::authenticate::authorize::variables::{Scope, Values};

const SCOPE: Scope<'_> = Scope { authenticators: &["partner", "my-jwt"] };

fn claims() -> Json {
    json!({
        "sub": "alice", "level": 3, "ratio": 0.5, "big": 9_007_199_254_740_993_i64, "admin": true, "nothing": null,
        "groups": ["staff", "ops"], "mixed": [1, "1", 1.0, null, [1], {"a": 1}],
        "address": {"country": "DE", "zip": "10115"}, "empty": [], "https://example.com/tenant": "t1",
    })
}

fn compile(text: &str) -> Result<Program, InvalidCondition> {
    Program::compile(text, &SCOPE)
}

/// `true`, `false` or the failure's name.
fn outcome(text: &str) -> String {
    let program = match compile(text) {
        Ok(program) => program,
        Err(invalid) => panic!("{text}: {} at {:?}", invalid.message, invalid.at),
    };
    let request = Request::new(claims());
    let asked = request.asked();
    match program.evaluate(&Values::new(asked)) {
        Ok(Value::Bool(value)) => value.to_string(),
        Ok(other) => panic!("{text}: {other:?}"),
        Err(failure) => format!("{failure:?}"),
    }
}
