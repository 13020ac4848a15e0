//! `tidegate schema`: a reviewed artefact.

use crate::support::{root, run};

#[test]
fn the_committed_schema_is_what_the_program_prints() {
    let printed = run(&["schema"]);
    assert_eq!(printed.code, 0);
    let committed = std::fs::read_to_string(root().join("tidegate.schema.json")).unwrap_or_default();
    assert!(
        printed.out == committed,
        "tidegate.schema.json is not what `tidegate schema` prints. If the change is meant, run\n  \
         cargo run -- schema > tidegate.schema.json\nand review the difference: it is the users' contract."
    );
}

#[test]
fn every_key_of_the_schema_has_a_description() {
    fn undescribed(value: &serde_json::Value, at: &str, found: &mut Vec<String>) {
        let Some(object) = value.as_object() else { return };
        for (key, member) in object {
            if key == "properties" {
                for (name, property) in member.as_object().unwrap() {
                    if property.get("description").is_none() {
                        found.push(format!("{at}.{name}"));
                    }
                }
            }
            undescribed(member, &format!("{at}.{key}"), found);
        }
    }
    let mut found = Vec::new();
    undescribed(&run(&["schema"]).json(), "", &mut found);
    // The alternatives of a choice (`exact:` or `prefix:`) are described where the choice is.
    found.retain(|place| !place.contains(".oneOf") && !place.contains(".anyOf"));
    assert_eq!(found, [""; 0]);
}
