//! A schema as schemars generates it, with each construct that it uses.

use std::sync::LazyLock;

use serde_json::{Value, json};

pub(super) fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Document",
            "type": "object",
            "properties": {
                "version": {"type": "integer", "format": "uint32", "minimum": 0, "const": 1},
                "routes": {"type": "array", "items": {"$ref": "#/$defs/Route"}, "default": []},
                "upstreams": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Upstream"}, "default": {}},
                "access_log": {"type": "boolean", "default": true}
            },
            "additionalProperties": false,
            "required": ["routes"],
            "$defs": {
                "Route": {
                    "title": "a route",
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "minLength": 1},
                        "match": {"$ref": "#/$defs/Match", "description": "What it is for.", "default": {}},
                        "upstream": {"type": ["string", "null"]},
                        "priority": {"type": "integer", "format": "int32", "default": 0},
                        "mode": {"anyOf": [{"$ref": "#/$defs/Mode"}, {"type": "null"}]},
                        "respond": {"anyOf": [{"$ref": "#/$defs/Respond"}, {"type": "null"}]}
                    },
                    "additionalProperties": false,
                    "required": ["name"]
                },
                "Match": {
                    "type": "object",
                    "properties": {
                        "hosts": {"type": "array", "items": {"type": "string"}},
                        "methods": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
                        "path": {"anyOf": [{"$ref": "#/$defs/Path"}, {"type": "null"}]}
                    },
                    "additionalProperties": false
                },
                "Path": {
                    "oneOf": [
                        {"description": "The whole path.", "type": "object", "properties": {"exact": {"type": "string"}},
                         "required": ["exact"], "additionalProperties": false},
                        {"type": "object", "properties": {"prefix": {"type": "string"}},
                         "required": ["prefix"], "additionalProperties": false},
                        {"type": "object", "properties": {"regex": {"type": "string"}},
                         "required": ["regex"], "additionalProperties": false}
                    ]
                },
                "Mode": {
                    "oneOf": [
                        {"type": "string", "enum": ["enforce", "off"]},
                        {"description": "Decides, but lets through.", "type": "string", "const": "shadow"}
                    ]
                },
                "Respond": {
                    "type": "object",
                    "properties": {
                        "status": {"type": "integer", "format": "uint16", "minimum": 100, "maximum": 599},
                        "headers": {"type": "object", "additionalProperties": {"type": "string"}}
                    },
                    "additionalProperties": false,
                    "required": ["status"]
                },
                "Upstream": {
                    "title": "an upstream",
                    "type": "object",
                    "properties": {
                        "targets": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                        "timeout": {"type": ["number", "null"], "format": "double", "exclusiveMinimum": 0},
                        "balance": {"$ref": "#/$defs/Balance"}
                    },
                    "additionalProperties": false,
                    "required": ["targets"]
                },
                "Balance": {
                    "oneOf": [
                        {"type": "object", "properties": {"type": {"type": "string", "const": "round-robin"}},
                         "required": ["type"], "additionalProperties": false},
                        {"type": "object", "properties": {"type": {"type": "string", "const": "hash"}, "on": {"type": "string"}},
                         "required": ["type", "on"], "additionalProperties": false}
                    ]
                }
            }
        })
    });
    &DOCUMENT
}
