//! All patterns of a table as trees of segments, one tree for each host.
//!
//! A walk follows the path segment by segment and reaches every pattern that matches, and (but for regular expressions) nothing else.
//! Each node of a tree has one way to it from the root, so a walk visits a node at most once: no path, however it is made, costs more than
//! the number of nodes whose way matches it. Each node knows the best rank beneath it, so a walk that looks for the best entry leaves out
//! what cannot be better than what it has. The way still to go is kept in a list, not on the call stack.
//!
//! Ranks must be added in ascending order: every list is then sorted, and the first rank beneath a node is the best.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::{
    pattern::{End, PathPattern, Shape},
    segment::{Affixed, Segment},
};

/// From this many literal children on, they are hashed.
const MANY: usize = 8;

/// A node, by its place in the trie.
pub(super) type NodeId = u32;

/// The trees of all hosts.
#[derive(Clone, Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

/// One segment's end. Lists hold ranks.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The best rank here or beneath.
    best: u32,
    /// Patterns that end here.
    pub(super) closed: Vec<u32>,
    /// Patterns that go on; most nodes have none.
    pub(super) open: Option<Box<Open>>,
    literals: Literals,
    affixes: Option<Box<Affixes>>,
    pub(super) parameter: Option<NodeId>,
}

/// Patterns for which it does not matter what follows, or not by segments.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    pub(super) prefix: Vec<u32>,
    pub(super) rest: Vec<u32>,
    /// Regular expressions whose literal beginning is the way to this node. They have yet to be tried.
    pub(super) regex: Vec<u32>,
}

#[derive(Clone, Debug)]
enum Literals {
    Few(Vec<(Box<str>, NodeId)>),
    Many(FxHashMap<Box<str>, NodeId>),
}

/// Segments with text and parameters, by the text that they start with, so that many of them need not all be tried.
#[derive(Clone, Debug, Default)]
struct Affixes {
    /// The lengths of those texts, each once.
    lengths: SmallVec<[usize; 4]>,
    by_first: FxHashMap<Box<str>, Vec<(Affixed, NodeId)>>,
}

/// The lists of one node that a walk has reached.
pub(super) struct Reached<'t> {
    pub(super) closed: &'t [u32],
    pub(super) prefix: &'t [u32],
    pub(super) rest: &'t [u32],
    /// To be tried.
    pub(super) regex: &'t [u32],
}

impl Trie {
    /// A new tree.
    pub(super) fn plant(&mut self) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
        self.nodes.push(Node {
            best: u32::MAX,
            closed: Vec::new(),
            open: None,
            literals: Literals::Few(Vec::new()),
            affixes: None,
            parameter: None,
        });
        id
    }

    /// Adds a pattern under its rank, which must be higher than those before.
    pub(super) fn add(&mut self, root: NodeId, pattern: &PathPattern, rank: u32) {
        match &pattern.shape {
            Shape::Segments { segments, end } => {
                let mut node = root;
                for segment in segments {
                    self.improve(node, rank);
                    node = self.child(node, segment);
                }
                self.improve(node, rank);
                let Some(node) = self.nodes.get_mut(node as usize) else { return };
                match end {
                    End::Closed => node.closed.push(rank),
                    End::Prefix => node.open.get_or_insert_default().prefix.push(rank),
                    End::Rest => node.open.get_or_insert_default().rest.push(rank),
                }
            }
            Shape::Regex { regex, .. } => {
                let mut node = root;
                for segment in whole_segments(regex.beginning()) {
                    self.improve(node, rank);
                    node = self.child(node, &Segment::Literal(segment.into()));
                }
                self.improve(node, rank);
                let Some(node) = self.nodes.get_mut(node as usize) else { return };
                node.open.get_or_insert_default().regex.push(rank);
            }
        }
    }

    fn improve(&mut self, node: NodeId, rank: u32) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.best = node.best.min(rank);
        }
    }

    /// The child for a segment, made if there is none.
    fn child(&mut self, parent: NodeId, segment: &Segment) -> NodeId {
        let known = self.node(parent).and_then(|node| match segment {
            Segment::Literal(text) => node.literal(text),
            Segment::Affixed(affixed) => node.affixed(affixed),
            Segment::Parameter => node.parameter,
        });
        if let Some(known) = known {
            return known;
        }
        let id = self.plant();
        if let Some(node) = self.nodes.get_mut(parent as usize) {
            match segment {
                Segment::Literal(text) => node.literals.add(text, id),
                Segment::Affixed(affixed) => node.affixes.get_or_insert_default().add(affixed, id),
                Segment::Parameter => node.parameter = Some(id),
            }
        }
        id
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    /// Visits the lists of every node that the path reaches. `visit` returns the rank from which on the walk is no longer interested.
    /// Returns how many nodes were visited.
    pub(super) fn walk(
        &self,
        root: NodeId,
        path: &str,
        mut limit: u32,
        mut visit: impl FnMut(Reached<'_>) -> u32,
    ) -> usize {
        let mut visited = 0;
        // Nodes to visit, each with the byte at which the path's next segment starts; the most specific is on top.
        let mut ahead: SmallVec<[(NodeId, usize); 16]> = SmallVec::new();
        ahead.push((root, 1));
        while let Some((id, at)) = ahead.pop() {
            let Some(node) = self.node(id) else { continue };
            if node.best >= limit {
                continue;
            }
            visited += 1;
            let next = path.get(at..);
            if node.open.is_some() || (next.is_none() && !node.closed.is_empty()) {
                let open = node.open.as_deref();
                limit = visit(Reached {
                    closed: if next.is_none() { &node.closed } else { &[] },
                    prefix: open.map_or(&[], |open| &open.prefix),
                    rest: if next.is_some_and(|rest| !rest.is_empty()) {
                        open.map_or(&[], |open| &open.rest)
                    } else {
                        &[]
                    },
                    regex: open.map_or(&[], |open| &open.regex),
                });
            }
            let Some(next) = next else { continue };
            let segment =
                next.bytes().position(|byte| byte == b'/').and_then(|slash| next.get(..slash)).unwrap_or(next);
            let after = at + segment.len() + 1;
            if let Some(child) = node.parameter
                && !segment.is_empty()
            {
                ahead.push((child, after));
            }
            if let Some(affixes) = &node.affixes {
                affixes.matching(segment, |child| ahead.push((child, after)));
            }
            if let Some(child) = node.literal(segment) {
                ahead.push((child, after));
            }
        }
        visited
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }
}

impl Node {
    /// Whether there is a rank here or beneath that goes before this one.
    pub(super) fn has_better_than(&self, rank: u32) -> bool {
        self.best < rank
    }

    pub(super) fn literal(&self, text: &str) -> Option<NodeId> {
        match &self.literals {
            Literals::Few(list) => list.iter().find(|(known, _)| &**known == text).map(|(_, id)| *id),
            Literals::Many(map) => map.get(text).copied(),
        }
    }

    /// The child of this very segment.
    pub(super) fn affixed(&self, affixed: &Affixed) -> Option<NodeId> {
        let alike = self.affixes.as_ref()?.by_first.get(affixed.first())?;
        alike.iter().find(|(known, _)| known == affixed).map(|(_, id)| *id)
    }

    /// The children of which the pattern matches a segment.
    pub(super) fn matching_affixes(&self, segment: &str, found: impl FnMut(NodeId)) {
        if let Some(affixes) = &self.affixes {
            affixes.matching(segment, found);
        }
    }
}

impl Literals {
    fn add(&mut self, text: &str, id: NodeId) {
        match self {
            Self::Few(list) if list.len() < MANY => list.push((text.into(), id)),
            Self::Few(list) => {
                let mut map: FxHashMap<_, _> = list.drain(..).collect();
                map.insert(text.into(), id);
                *self = Self::Many(map);
            }
            Self::Many(map) => {
                map.insert(text.into(), id);
            }
        }
    }
}

impl Affixes {
    fn add(&mut self, affixed: &Affixed, id: NodeId) {
        let first = affixed.first();
        if !self.lengths.contains(&first.len()) {
            self.lengths.push(first.len());
        }
        self.by_first.entry(first.into()).or_default().push((affixed.clone(), id));
    }

    fn matching(&self, segment: &str, mut found: impl FnMut(NodeId)) {
        for &length in &self.lengths {
            let Some(alike) = segment.get(..length).and_then(|first| self.by_first.get(first)) else { continue };
            for (affixed, id) in alike {
                if affixed.matches(segment) {
                    found(*id);
                }
            }
        }
    }
}

/// The segments of a literal beginning that are there in full: of `/api/v`, `api`.
pub(super) fn whole_segments(beginning: &str) -> impl Iterator<Item = &str> {
    let whole = beginning.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')).map(|(whole, _)| whole);
    whole.into_iter().flat_map(|whole| whole.split('/'))
}
