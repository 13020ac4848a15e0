//! The manifest that a real Spin is given for an app.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::settings::Settings;

/// The name of the one component. Spin may put it before the lines that the component prints.
pub(super) const COMPONENT: &str = "component";

#[derive(Serialize)]
struct Manifest<'a> {
    spin_manifest_version: u32,
    application: Application,
    variables: BTreeMap<&'a str, Variable>,
    trigger: Triggers,
    component: BTreeMap<&'static str, Component<'a>>,
}

#[derive(Serialize)]
struct Application {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Variable {
    default: &'static str,
}

#[derive(Serialize)]
struct Triggers {
    http: [Trigger; 1],
}

#[derive(Serialize)]
struct Trigger {
    route: &'static str,
    component: &'static str,
}

#[derive(Serialize)]
struct Component<'a> {
    source: &'a str,
    allowed_outbound_hosts: &'a [String],
    key_value_stores: &'a [String],
    variables: BTreeMap<&'a str, String>,
}

/// The text of a manifest beside the file `source`. Variables are declared only: their values come by the environment.
pub(super) fn text(source: &str, settings: &Settings) -> Result<String, toml::ser::Error> {
    let names = || settings.variables.keys().map(String::as_str);
    let component = Component {
        source,
        allowed_outbound_hosts: &settings.allow_outbound,
        key_value_stores: &settings.key_value_stores,
        variables: names().map(|name| (name, format!("{{{{ {name} }}}}"))).collect(),
    };
    toml::to_string(&Manifest {
        spin_manifest_version: 2,
        application: Application { name: "app", version: "0.1.0" },
        variables: names().map(|name| (name, Variable { default: "" })).collect(),
        trigger: Triggers { http: [Trigger { route: "/...", component: COMPONENT }] },
        component: BTreeMap::from([(COMPONENT, component)]),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::text;
    use crate::settings::Settings;

    #[test]
    fn says_what_the_settings_say_and_no_value_of_a_variable() {
        let settings = Settings {
            variables: BTreeMap::from([("key".into(), "s3cret".into())]),
            allow_outbound: vec!["http://127.0.0.1:*".into()],
            ..Settings::default()
        };
        let manifest = text("component.wasm", &settings).expect("a manifest");
        let read: toml::Value = toml::from_str(&manifest).expect("TOML");
        let expected: toml::Value = toml::from_str(
            r#"
            spin_manifest_version = 2
            application = { name = "app", version = "0.1.0" }
            variables.key.default = ""
            [[trigger.http]]
            route = "/..."
            component = "component"
            [component.component]
            source = "component.wasm"
            allowed_outbound_hosts = ["http://127.0.0.1:*"]
            key_value_stores = ["default"]
            variables.key = "{{ key }}"
            "#,
        )
        .expect("TOML");
        assert_eq!(read, expected);
    }
}
