//! Sizes, held against benches/budgets.json. Bytes do not wobble between runs, so they may fail a build.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};

use crate::{machine, process::Outcome};

const BUDGETS: &str = "benches/budgets.json";

/// The bytes of a file as a deployment uploads it.
pub(super) fn gzipped(path: &Path) -> Outcome<u64> {
    let failed = |why: std::io::Error| format!("cannot compress {}: {why}", path.display());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&fs::read(path).map_err(failed)?).map_err(failed)?;
    Ok(encoder.finish().map_err(failed)?.len() as u64)
}

/// The bytes of a file.
pub(super) fn plain(path: &Path) -> Outcome<u64> {
    fs::metadata(path).map(|about| about.len()).map_err(|why| format!("cannot measure {}: {why}", path.display()))
}

/// Prints a size beside its budget; over it is a failure.
pub(super) fn hold(name: &str, bytes: u64) -> Outcome {
    let path = machine::root().join(BUDGETS);
    let text = fs::read_to_string(&path).map_err(|why| format!("cannot read {BUDGETS}: {why}"))?;
    let budgets: serde_json::Value = serde_json::from_str(&text).map_err(|why| format!("{BUDGETS}: {why}"))?;
    let Some(budget) = budgets.get(name).and_then(serde_json::Value::as_u64) else {
        return Err(format!("{BUDGETS} has no whole number `{name}`"));
    };
    println!("{}", verdict(name, bytes, budget)?);
    Ok(())
}

fn verdict(name: &str, bytes: u64, budget: u64) -> Outcome<String> {
    let sizes = format!("{name}: {bytes} of {budget} ({} %)", bytes * 100 / budget.max(1));
    if bytes <= budget {
        Ok(sizes)
    } else {
        Err(format!("{sizes}: over budget. Make it smaller, or raise the budget in {BUDGETS} with a reason"))
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn lets_a_build_reach_its_budget_and_refuses_one_byte_more() {
        assert_eq!(verdict("spin_bytes", 100, 100), Ok("spin_bytes: 100 of 100 (100 %)".into()));
        assert!(verdict("spin_bytes", 101, 100).is_err_and(|why| why.contains("over budget")));
    }
}
