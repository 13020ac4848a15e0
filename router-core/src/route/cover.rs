//! Finds, for one entry, another of higher precedence that matches everything it matches.
//!
//! Every `Some` is certain; a `None` may be wrong, since implication between regular expressions is not decided, a union of several
//! entries is not considered, and the search has a budget. It walks the trees with the *pattern* in the place of a path.

use smallvec::SmallVec;

use super::{
    pattern::{End, PathPattern, Shape},
    segment::Segment,
    table::{Entry, Table},
    trie::{Node, NodeId, whole_segments},
};

/// How many other entries one entry is compared with at most. Real overlaps are among the nearest.
const PER_ENTRY: u32 = 256;
/// How many comparisons one table is worth: some ten milliseconds.
const PER_TABLE: u32 = 1_000_000;

/// What is left of the comparisons.
pub(super) struct Budget {
    table: u32,
    entry: u32,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { table: PER_TABLE, entry: 0 }
    }

    fn take(&mut self) -> bool {
        if self.table == 0 || self.entry == 0 {
            return false;
        }
        self.table -= 1;
        self.entry -= 1;
        true
    }
}

/// The rank of an entry of another route that always wins over the entry at `rank`.
pub(super) fn covering(table: &Table, rank: u32, budget: &mut Budget) -> Option<u32> {
    budget.entry = PER_ENTRY;
    let entry = table.entry(rank)?;
    let mut search = Search { table, rank, entry, budget };
    let mut roots: SmallVec<[NodeId; 4]> = SmallVec::new();
    if let Some(host) = entry.host_of(&table.routes) {
        let map = if host.is_wildcard() { &table.hosts.wildcards } else { &table.hosts.exact };
        roots.extend(map.get(host.name()).copied());
        table.hosts.each_wildcard(host.name(), |root| roots.push(root));
    }
    roots.extend(table.hosts.any);
    roots.into_iter().find_map(|root| match &entry.pattern.shape {
        Shape::Segments { segments, end } => search.segments(root, segments, *end),
        Shape::Regex { regex, .. } => search.regex(root, regex.beginning()),
    })
}

struct Search<'t, 'b> {
    table: &'t Table,
    rank: u32,
    entry: &'t Entry,
    budget: &'b mut Budget,
}

impl<'t> Search<'t, '_> {
    fn segments(&mut self, root: NodeId, segments: &[Segment], end: End) -> Option<u32> {
        let only_path = only_path(segments, end);
        let mut ahead: SmallVec<[(NodeId, usize); 16]> = SmallVec::new();
        ahead.push((root, 0));
        while let Some((id, depth)) = ahead.pop() {
            let Some(node) = self.better(id) else { continue };
            // A node is worth a comparison, or many parameters would make this long.
            if !self.budget.take() {
                return None;
            }
            let left = segments.get(depth..).unwrap_or_default();
            let found = self.lists(node, left, end, only_path.as_deref());
            if found.is_some() {
                return found;
            }
            match left.first() {
                Some(Segment::Literal(text)) => {
                    if !text.is_empty() {
                        ahead.extend(node.parameter.map(|child| (child, depth + 1)));
                    }
                    node.matching_affixes(text, |child| ahead.push((child, depth + 1)));
                    ahead.extend(node.literal(text).map(|child| (child, depth + 1)));
                }
                Some(Segment::Affixed(affixed)) => {
                    ahead.extend(node.parameter.map(|child| (child, depth + 1)));
                    ahead.extend(node.affixed(affixed).map(|child| (child, depth + 1)));
                }
                Some(Segment::Parameter) => ahead.extend(node.parameter.map(|child| (child, depth + 1))),
                None => {}
            }
        }
        None
    }

    fn lists(&mut self, node: &Node, left: &[Segment], end: End, only_path: Option<&str>) -> Option<u32> {
        let is_over = left.is_empty();
        if is_over && end == End::Closed {
            let found = self.among(&node.closed, |_| true);
            if found.is_some() {
                return found;
            }
        }
        let open = node.open.as_deref()?;
        // Whether something that is not empty must follow.
        let more = if is_over { end == End::Rest } else { !is_only_a_slash(left, end) };
        let rest = if more { self.among(&open.rest, |_| true) } else { None };
        rest.or_else(|| self.among(&open.prefix, |_| true))
            .or_else(|| self.among(&open.regex, |pattern| only_path.is_some_and(|path| pattern.matches(path))))
    }

    fn regex(&mut self, root: NodeId, beginning: &str) -> Option<u32> {
        let (mut id, mut segments) = (root, whole_segments(beginning));
        loop {
            let node = self.better(id)?;
            if let Some(open) = node.open.as_deref() {
                let own = &self.entry.pattern;
                let found = self
                    .among(&open.prefix, |_| true)
                    .or_else(|| self.among(&open.regex, |other| other.as_str() == own.as_str()));
                if found.is_some() {
                    return found;
                }
            }
            id = node.literal(segments.next()?)?;
        }
    }

    /// The node, if there is anything beneath it that goes before the entry.
    fn better(&self, id: NodeId) -> Option<&'t Node> {
        self.table.trie.node(id).filter(|node| node.has_better_than(self.rank))
    }

    /// The nearest of a sorted list that goes before the entry, belongs to another route, and takes all that the entry takes.
    fn among(&mut self, list: &[u32], matches: impl Fn(&PathPattern) -> bool) -> Option<u32> {
        let before = list.partition_point(|&other| other < self.rank);
        for &other in list.get(..before)?.iter().rev() {
            if !self.budget.take() {
                return None;
            }
            let entry = self.table.entry(other)?;
            if entry.route == self.entry.route || !matches(&entry.pattern) {
                continue;
            }
            let wide = self.table.routes.get(entry.route as usize)?;
            let narrow = self.table.routes.get(self.entry.route as usize)?;
            if wide.covers(narrow) {
                return Some(other);
            }
        }
        None
    }
}

/// The one path that a pattern matches, if it is only one.
fn only_path(segments: &[Segment], end: End) -> Option<String> {
    if end != End::Closed {
        return None;
    }
    let mut path = String::new();
    for segment in segments {
        let Segment::Literal(text) = segment else { return None };
        path.push('/');
        path.push_str(text);
    }
    Some(path)
}

fn is_only_a_slash(left: &[Segment], end: End) -> bool {
    matches!(left, [Segment::Literal(text)] if text.is_empty()) && end == End::Closed
}
