//! Taking the names of functions out of a module.

use std::{fs, path::Path};

use crate::process::Outcome;

/// Takes the names of functions out of a module, of which they would be a quarter.
pub(super) fn remove(wasm: &Path) -> Outcome {
    let named = fs::read(wasm).map_err(|why| format!("cannot read {}: {why}", wasm.display()))?;
    let plain = without_names(&named).ok_or_else(|| format!("{} is no wasm module", wasm.display()))?;
    fs::write(wasm, plain).map_err(|why| format!("cannot write {}: {why}", wasm.display()))
}

fn without_names(module: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(8)?;
    let mut kept = header.to_vec();
    while !rest.is_empty() {
        let (size, behind) = unsigned(rest.get(1..)?)?;
        let length = rest.len() - behind.len() + size;
        let (section, after) = rest.split_at_checked(length)?;
        // A custom section begins with its name, the length of the name first.
        if !(section.first() == Some(&0) && behind.get(..5) == Some(b"\x04name")) {
            kept.extend_from_slice(section);
        }
        rest = after;
    }
    Some(kept)
}

/// A number in LEB128, and what is behind it.
fn unsigned(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::without_names;

    #[test]
    fn the_names_are_taken_out_and_nothing_else() {
        let module = b"\0asm\x01\0\0\0\x01\x02ab\0\x07\x04namexy\0\x03\x01zq\x0a\x01c";
        assert_eq!(without_names(module).unwrap(), b"\0asm\x01\0\0\0\x01\x02ab\0\x03\x01zq\x0a\x01c");
        assert_eq!(without_names(&module[..module.len() - 1]), None);
    }
}
