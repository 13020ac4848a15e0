//! Diagnostics for tools.

use serde_json::{Value, json};

use super::{Diagnostics, Source, Span};

/// A list of `{severity, code, path, message, help, line, column, end_line, end_column, related}`, in the order of the
/// text. Lines and columns count from 1, columns in characters; they are null for a text that is empty.
#[must_use]
pub fn render_json(source: &Source, diagnostics: &Diagnostics) -> Value {
    let located = super::render::in_order(source, diagnostics);
    let rendered = located.into_iter().map(|(diagnostic, span)| {
        let related = diagnostic.related.iter().map(|(path, remark)| {
            placed(json!({"path": path.to_string(), "message": remark}), source.locate_entry(path))
        });
        let related: Vec<Value> = related.collect();
        let found = json!({
            "severity": diagnostic.severity.as_str(),
            "code": diagnostic.code,
            "path": diagnostic.path.to_string(),
            "message": diagnostic.message,
            "help": diagnostic.help,
            "related": related,
        });
        placed(found, span)
    });
    Value::Array(rendered.collect())
}

fn placed(mut value: Value, span: Option<Span>) -> Value {
    if let Value::Object(map) = &mut value {
        map.insert("line".to_owned(), span.map(|s| s.line).into());
        map.insert("column".to_owned(), span.map(|s| s.column).into());
        map.insert("end_line".to_owned(), span.map(|s| s.end_line).into());
        map.insert("end_column".to_owned(), span.map(|s| s.end_column).into());
    }
    value
}
