//! `spin:variables`: the component's variables, fixed when the app starts.

use std::collections::BTreeMap;

use wasmtime::component::{Accessor, HasData};

use crate::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use crate::context::Context;

/// Marks the variables interface in the linker.
#[derive(Debug)]
pub(crate) struct Variables;

impl HasData for Variables {
    type Data<'a> = VariablesView<'a>;
}

/// What the variables interface needs of an instance.
#[derive(Debug)]
pub(crate) struct VariablesView<'a>(pub(crate) &'a BTreeMap<String, String>);

impl Host for VariablesView<'_> {}

impl HostWithStore<Context> for Variables {
    async fn get(accessor: &Accessor<Context, Self>, name: String) -> wasmtime::Result<Result<String, Error>> {
        if !is_name(&name) {
            return Ok(Err(Error::InvalidName(name)));
        }
        let value = accessor.with(|mut access| access.get().0.get(&name).cloned());
        Ok(value.ok_or_else(|| Error::Undefined(format!("no variable {name:?}"))))
    }
}

/// Spin's rule for names: lower-case words of letters and digits, the first starting with a letter, joined by single
/// underscores.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .split('_')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_name_is_lower_case_words_joined_by_underscores() {
        for good in ["a", "tidegate_config", "key2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "A", "2key", "_a", "a_", "a__b", "a-b", "a b"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
