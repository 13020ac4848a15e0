//! Structured fields (RFC 9651): the crate that reads them, held against the suite of the HTTP working group in
//! `../shared/suites/structured-field-tests`. Where that folder is absent, the tests are reported as ignored.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use std::{fs, path::PathBuf, process::ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use sfv::{Dictionary, FieldType, Item, List, Parser};

/// As many as the suite had when it was fetched: a folder that lost its files must not pass.
const CASES: usize = 1_500;

fn main() -> ExitCode {
    let absent = !folder().is_dir();
    let seen = if absent { " (../shared/suites/structured-field-tests is absent)" } else { "" };
    let suite = Trial::test(format!("every case of the suite is read and written as it says{seen}"), all);
    libtest_mimic::run(&Arguments::from_args(), vec![suite.with_ignored_flag(absent)]).exit_code()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/suites/structured-field-tests")
}

fn all() -> Result<(), Failed> {
    let mut count = 0;
    let mut wrong = Vec::new();
    for file in fs::read_dir(folder())? {
        let path = file?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let cases: Vec<Value> = serde_json::from_slice(&fs::read(&path)?)?;
        for case in &cases {
            count += 1;
            if let Err(why) = judge(case) {
                wrong.push(format!("{}: {}: {why}", path.file_name().unwrap().display(), case["name"]));
            }
        }
    }
    if count < CASES {
        return Err(format!("expected at least {CASES} cases, found {count}").into());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn judge(case: &Value) -> Result<(), String> {
    let lines = |member: &str| {
        let lines = case[member].as_array();
        lines.map(|lines| lines.iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join(", "))
    };
    let raw = lines("raw").unwrap();
    let written = match case["header_type"].as_str().unwrap() {
        "item" => Parser::new(&raw).parse::<Item>().map(|item| item.serialize()).ok(),
        // What has no members is written as nothing (RFC 9651 section 4.1).
        "list" => Parser::new(&raw).parse::<List>().map(|list| list.serialize().unwrap_or_default()).ok(),
        "dictionary" => {
            Parser::new(&raw).parse::<Dictionary>().map(|members| members.serialize().unwrap_or_default()).ok()
        }
        other => return Err(format!("unknown type {other}")),
    };
    let canonical = lines("canonical").unwrap_or(raw);
    match written {
        None if case["must_fail"] == true || case["can_fail"] == true => Ok(()),
        None => Err("not read".to_owned()),
        Some(_) if case["must_fail"] == true => Err("read, and must not be".to_owned()),
        Some(written) if written == canonical => Ok(()),
        Some(written) => Err(format!("written as {written}, expected {canonical}")),
    }
}
