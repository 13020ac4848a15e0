//! Reads of a `spin.toml` what this host can honour: the component's file, its variables, stores and outbound hosts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wasmtime::Result;
use wasmtime::error::Context as _;

use crate::settings::Settings;

/// The only version of the manifest there is since Spin 2.
const VERSION: u32 = 2;

#[derive(Debug, Deserialize)]
struct Manifest {
    spin_manifest_version: u32,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    component: BTreeMap<String, Component>,
}

#[derive(Debug, Deserialize)]
struct Variable {
    default: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Component {
    source: toml::Value,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    key_value_stores: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

/// Reads the manifest at `path`, which must have one component. `given` are values of application variables from outside.
///
/// Answers with the component's file and its settings.
pub fn read(path: &Path, given: &BTreeMap<String, String>) -> Result<(PathBuf, Settings)> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (source, settings) = parse(&text, given).with_context(|| format!("in {}", path.display()))?;
    Ok((path.parent().unwrap_or(Path::new("")).join(source), settings))
}

fn parse(text: &str, given: &BTreeMap<String, String>) -> Result<(PathBuf, Settings)> {
    let manifest: Manifest = toml::from_str(text)?;
    if manifest.spin_manifest_version != VERSION {
        wasmtime::bail!("spin_manifest_version is {}, expected {VERSION}", manifest.spin_manifest_version);
    }
    let mut components = manifest.component.into_iter();
    let (Some((name, component)), None) = (components.next(), components.next()) else {
        wasmtime::bail!("expected exactly one [component.NAME]; this host runs one");
    };
    let source = component
        .source
        .as_str()
        .with_context(|| format!("component.{name}.source must be the path of a file; this host downloads nothing"))?;
    let source = PathBuf::from(source);

    let value = |variable: &str| -> Result<String> {
        let declared = manifest.variables.get(variable);
        given.get(variable).cloned().or_else(|| declared.and_then(|declared| declared.default.clone())).with_context(
            || match declared {
                Some(_) => format!("variable {variable:?} has no value: set SPIN_VARIABLE_{}", variable.to_uppercase()),
                None => format!("variable {variable:?} is used but not declared in [variables]"),
            },
        )
    };
    let mut settings = Settings { key_value_stores: component.key_value_stores, ..Settings::default() };
    for (variable, template) in &component.variables {
        settings.variables.insert(variable.clone(), fill(template, value)?);
    }
    for pattern in &component.allowed_outbound_hosts {
        settings.allow_outbound.push(fill(pattern, value)?);
    }
    Ok((source, settings))
}

/// Replaces each `{{ name }}`.
fn fill(template: &str, value: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) =
            after.split_once("}}").with_context(|| format!("{template:?} has \"{{{{\" without \"}}}}\""))?;
        filled.push_str(before);
        filled.push_str(&value(name.trim())?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::parse;

    const MANIFEST: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "gateway"
        [variables]
        key = { required = true, secret = true }
        upstream = { default = "http://127.0.0.1:9000" }
        [[trigger.http]]
        route = "/..."
        component = "gateway"
        [component.gateway]
        source = "target/gateway.wasm"
        allowed_outbound_hosts = ["{{ upstream }}", "https://*.example.com"]
        key_value_stores = ["default"]
        [component.gateway.variables]
        key = "{{ key }}"
        both = "{{key}} at {{ upstream }}"
    "#;

    #[test]
    fn templates_take_given_values_before_defaults() {
        let given = BTreeMap::from([("key".to_owned(), "k1".to_owned())]);
        let (source, settings) = parse(MANIFEST, &given).expect("a manifest");
        assert_eq!(source.to_str(), Some("target/gateway.wasm"));
        assert_eq!(settings.variables["both"], "k1 at http://127.0.0.1:9000");
        assert_eq!(settings.allow_outbound, ["http://127.0.0.1:9000", "https://*.example.com"]);
    }

    #[test]
    fn a_required_variable_without_a_value_is_named() {
        let error = parse(MANIFEST, &BTreeMap::new()).expect_err("no key").to_string();
        assert!(error.contains("SPIN_VARIABLE_KEY"), "{error}");
    }

    #[test]
    fn another_version_is_refused() {
        let error = parse("spin_manifest_version = 1\n[component.a]\nsource = \"a\"", &BTreeMap::new());
        assert!(error.expect_err("version 1").to_string().contains("expected 2"));
    }
}
