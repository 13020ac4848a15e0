//! A list or mapping that is being read.

use serde_json::{Map, Value};

use super::super::positions::{Bytes, Entry, Kind, NodeId, Positions};
use super::Step;

/// What a value costs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight {
    pub(super) values: usize,
    pub(super) bytes: usize,
}

impl Weight {
    pub(super) fn plus(self, more: Self) -> Self {
        Self { values: self.values.saturating_add(more.values), bytes: self.bytes.saturating_add(more.bytes) }
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self { values: self.values.saturating_sub(before.values), bytes: self.bytes.saturating_sub(before.bytes) }
    }
}

/// The key whose value comes next.
pub(super) enum Key {
    /// A text that this mapping does not have yet.
    Fresh { text: String, name: usize, at: Bytes },
    /// One that was refused: its value is read and dropped.
    Refused { text: Option<String> },
}

pub(super) struct Frame {
    pub(super) at: Bytes,
    pub(super) anchor: usize,
    /// The weight of the document before this value.
    pub(super) before: Weight,
    content: Content,
}

enum Content {
    List { items: Vec<Value>, nodes: Vec<NodeId> },
    Mapping { map: Map<String, Value>, entries: Vec<Entry>, key: Option<Key> },
}

impl Frame {
    pub(super) fn list(at: Bytes, anchor: usize, before: Weight) -> Self {
        Self { at, anchor, before, content: Content::List { items: Vec::new(), nodes: Vec::new() } }
    }

    pub(super) fn mapping(at: Bytes, anchor: usize, before: Weight) -> Self {
        Self { at, anchor, before, content: Content::Mapping { map: Map::new(), entries: Vec::new(), key: None } }
    }

    pub(super) fn expects_key(&self) -> bool {
        matches!(self.content, Content::Mapping { key: None, .. })
    }

    pub(super) fn has(&self, key: &str) -> bool {
        matches!(&self.content, Content::Mapping { map, .. } if map.contains_key(key))
    }

    pub(super) fn begin(&mut self, next: Key) {
        if let Content::Mapping { key, .. } = &mut self.content {
            *key = Some(next);
        }
    }

    pub(super) fn put(&mut self, value: Value, node: NodeId) {
        match &mut self.content {
            Content::List { items, nodes } => {
                items.push(value);
                nodes.push(node);
            }
            Content::Mapping { map, entries, key } => {
                if let Some(Key::Fresh { text, name, at }) = key.take() {
                    map.insert(text, value);
                    entries.push(Entry { name, key: at, value: node });
                }
            }
        }
    }

    /// The step to the value that is being read.
    pub(super) fn step(&self) -> Option<Step> {
        match &self.content {
            Content::List { items, .. } => Some(Step::Index(items.len())),
            Content::Mapping { key: Some(Key::Fresh { text, .. }), .. } => Some(Step::Key(text.clone())),
            Content::Mapping { key: Some(Key::Refused { text }), .. } => text.clone().map(Step::Key),
            Content::Mapping { key: None, .. } => None,
        }
    }

    /// `end` is that of the closing bracket; in block style there is none, and the last child ends it.
    pub(super) fn close(self, end: Bytes, positions: &mut Positions) -> (Value, NodeId) {
        let (value, kind, last) = match self.content {
            Content::List { items, nodes } => {
                let last = nodes.last().copied();
                (Value::Array(items), Kind::List(nodes), last)
            }
            Content::Mapping { map, entries, .. } => {
                let last = entries.last().map(|entry| entry.value);
                (Value::Object(map), Kind::Mapping(entries), last)
            }
        };
        let (start, opening) = self.at;
        let end = if end.1 > end.0 { end.1 } else { last.map_or(opening, |last| positions.at(last).1) };
        (value, positions.add((start, end.max(opening)), kind))
    }
}

/// How many lists and mappings nest in a value.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
