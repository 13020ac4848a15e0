//! Where every key and value stands: a tree beside the value, in one vector.
//!
//! Ten thousand routes have a quarter of a million places. Each is a few integers here; a path is looked up only when
//! something is wrong with it.

use rustc_hash::FxHashMap;

use crate::config::diagnostic::{Path, Step};

/// A range of bytes.
pub(super) type Bytes = (usize, usize);

/// Refers to a [`Node`].
pub(super) type NodeId = usize;

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: Bytes,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Scalar,
    List(Vec<NodeId>),
    Mapping(Vec<Entry>),
    /// Stands for another node.
    Alias(NodeId),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The number of the key's text in [`Positions::names`].
    pub(super) name: usize,
    pub(super) key: Bytes,
    pub(super) value: NodeId,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    nodes: Vec<Node>,
    /// A document has few different keys: each is kept once.
    names: FxHashMap<Box<str>, usize>,
    root: Option<NodeId>,
}

impl Positions {
    pub(super) fn add(&mut self, at: Bytes, kind: Kind) -> NodeId {
        self.nodes.push(Node { at, kind });
        self.nodes.len() - 1
    }

    pub(super) fn at(&self, node: NodeId) -> Bytes {
        self.nodes.get(node).map_or((0, 0), |n| n.at)
    }

    pub(super) fn name(&mut self, key: &str) -> usize {
        if let Some(name) = self.names.get(key) {
            return *name;
        }
        let name = self.names.len();
        self.names.insert(key.into(), name);
        name
    }

    pub(super) fn set_root(&mut self, node: NodeId) {
        self.root = Some(node);
    }

    /// The value at a path, or the nearest entry above it.
    pub(super) fn value(&self, path: &Path) -> Bytes {
        let (value, key, complete) = self.find(path);
        match key {
            // The value is not there, or is nothing at all after the colon: the key says where it would be.
            Some(key) if !complete || value.0 == value.1 => key,
            _ => value,
        }
    }

    /// The key at a path; an item of a list has none and stands for itself.
    pub(super) fn key(&self, path: &Path) -> Bytes {
        let (value, key, _) = self.find(path);
        key.unwrap_or(value)
    }

    /// The value and the key where the path ends, and whether the document has all of it.
    fn find(&self, path: &Path) -> (Bytes, Option<Bytes>, bool) {
        let Some(mut node) = self.root else { return ((0, 0), None, false) };
        let mut key = None;
        for step in path.steps() {
            let next = match (step, self.resolved(node)) {
                (Step::Index(index), Some(Kind::List(items))) => items.get(*index).map(|item| (*item, None)),
                (Step::Key(name), Some(Kind::Mapping(entries))) => self
                    .names
                    .get(name.as_str())
                    .and_then(|name| entries.iter().find(|entry| entry.name == *name))
                    .map(|entry| (entry.value, Some(entry.key))),
                _ => None,
            };
            let Some((value, name)) = next else { return (self.at(node), key, false) };
            (node, key) = (value, name);
        }
        (self.at(node), key, true)
    }

    /// What a node is, through an alias. An alias never stands for an alias.
    fn resolved(&self, node: NodeId) -> Option<&Kind> {
        match self.nodes.get(node).map(|n| &n.kind) {
            Some(Kind::Alias(target)) => self.nodes.get(*target).map(|n| &n.kind),
            kind => kind,
        }
    }
}
