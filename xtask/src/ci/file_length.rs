//! A file of code holds one idea. Above 500 lines it is split, or its head says why it is long.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{machine, process::Outcome};

/// Where a reader has lost the thread.
const LONGEST: usize = 500;

/// The words in a module head that excuse a long file; the reason follows them.
const EXCUSE: &str = "long because";

/// Directories that hold nothing we wrote.
const NOT_OURS: [&str; 3] = ["target", "node_modules", ".git"];

pub(super) fn check() -> Outcome {
    let mut files = Vec::new();
    collect(machine::root(), &mut files)?;
    let mut long = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|why| format!("cannot read {}: {why}", file.display()))?;
        if too_long(&text) {
            let name = file.strip_prefix(machine::root()).unwrap_or(file);
            long.push(format!("{}: {} lines", name.display(), text.lines().count()));
        }
    }
    println!("{} files", files.len());
    if long.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} over {LONGEST} lines: split, or write `{EXCUSE} …` into the module head\n{}",
        long.len(),
        long.join("\n")
    ))
}

fn too_long(text: &str) -> bool {
    let head = text.lines().take_while(|line| line.starts_with("//") || line.trim().is_empty());
    text.lines().count() > LONGEST && !head.into_iter().any(|line| line.contains(EXCUSE))
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    let failed = |why: std::io::Error| format!("cannot look into {}: {why}", directory.display());
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            if !NOT_OURS.iter().any(|other| name.to_string_lossy() == *other) {
                collect(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, too_long};

    #[test]
    fn a_long_file_needs_a_reason_in_its_head() {
        let body = "x();\n".repeat(LONGEST);
        assert!(!too_long(&body));
        assert!(too_long(&format!("//! A table.\n{body}")));
        assert!(!too_long(&format!("//! A table, long because the RFC is.\n{body}")));
        assert!(too_long(&format!("//! A table.\n{body}// long because it grew\n")));
    }
}
