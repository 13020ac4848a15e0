//! Routes, or parts of them, that can never win. Warnings for whoever writes a configuration; none is a false alarm.

use std::fmt;

use rustc_hash::FxHashMap;

use super::{
    RouteIndex,
    cover::{Budget, covering},
    pattern::{End, Shape},
    precedence::Declaration,
    table::{Entry, Table},
};

/// A route, or one host and path of it, that never wins, because another route that goes before it matches all that it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Whether the two are the same.
    pub kind: OverlapKind,
    /// Which never wins.
    pub route: RouteIndex,
    /// Which wins instead.
    pub by: RouteIndex,
    /// Whether this is all of the route.
    pub extent: Extent,
    /// The host, if the route names any.
    pub host: Option<String>,
    /// The path.
    pub path: String,
    /// How that text is meant.
    pub form: PathForm,
}

/// How the text of a path is meant: `/` may be an exact path, a prefix and a regular expression of one and the same route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathForm {
    /// An exact path or a template.
    Path,
    /// A prefix.
    Prefix,
    /// A regular expression.
    Regex,
}

/// How two routes overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverlapKind {
    /// They match the same requests.
    Identical,
    /// The winner matches more.
    Unreachable,
}

/// How much of a route never wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it, behind one other route.
    Route,
    /// The host and path that are named. Others of the route are reached, or stand behind other routes and are told by themselves.
    Part,
}

pub(super) fn find(table: &Table) -> Vec<Overlap> {
    let winners = winners(table);
    let mut parts: FxHashMap<Declaration, Part<'_>> = FxHashMap::default();
    let mut routes = vec![Fate::Unseen; table.routes.len()];
    for (entry, winner) in table.entries.iter().zip(&winners) {
        let winner = winner.and_then(|winner| table.entry(winner));
        if let Some(fate) = routes.get_mut(entry.route as usize) {
            fate.meet(winner);
        }
        let part = parts.entry(entry.standing.declaration()).or_insert(Part { entry, winner, is_reached: false });
        part.is_reached |= winner.is_none();
        // Its text is that of the path as it is written, so the winner of that is named.
        if entry.standing.is_as_written() {
            (part.entry, part.winner) = (entry, winner);
        }
    }
    let mut dead: Vec<(Declaration, Part<'_>)> = parts.into_iter().filter(|(_, part)| !part.is_reached).collect();
    dead.sort_unstable_by_key(|(declaration, _)| *declaration);
    let mut overlaps: Vec<Overlap> = Vec::new();
    for (_, Part { entry, winner, .. }) in dead {
        let Some(winner) = winner else { continue };
        let is_all = matches!(routes.get(entry.route as usize), Some(Fate::Beaten(_)));
        let kind = kind(table, entry, winner);
        // A route that is all behind one other is told once.
        if is_all
            && let Some(known) = overlaps.last_mut()
            && known.route == entry.index()
        {
            if kind == OverlapKind::Unreachable {
                known.kind = kind;
            }
            continue;
        }
        overlaps.push(Overlap {
            kind,
            route: entry.index(),
            by: winner.index(),
            extent: if is_all { Extent::Route } else { Extent::Part },
            host: entry.host_of(&table.routes).map(ToString::to_string),
            path: entry.pattern.as_str().to_owned(),
            form: form_of(&entry.pattern.shape),
        });
    }
    overlaps
}

fn form_of(shape: &Shape) -> PathForm {
    match shape {
        Shape::Segments { end: End::Prefix, .. } => PathForm::Prefix,
        Shape::Segments { end: End::Closed | End::Rest, .. } => PathForm::Path,
        Shape::Regex { .. } => PathForm::Regex,
    }
}

/// One host and path of a route, with or without the other spelling of a slash at its end.
struct Part<'t> {
    entry: &'t Entry,
    winner: Option<&'t Entry>,
    is_reached: bool,
}

/// What is known of a route while its entries are met.
#[derive(Clone, Copy)]
enum Fate {
    Unseen,
    /// All of its entries so far are behind this route.
    Beaten(RouteIndex),
    /// Some entry is reached, or they are behind several routes.
    Mixed,
}

impl Fate {
    fn meet(&mut self, winner: Option<&Entry>) {
        *self = match (*self, winner.map(Entry::index)) {
            (Self::Unseen, Some(by)) => Self::Beaten(by),
            (Self::Beaten(known), Some(by)) if known == by => Self::Beaten(by),
            _ => Self::Mixed,
        };
    }
}

/// For each entry, the rank of the one that always wins over it, if there is one.
fn winners(table: &Table) -> Vec<Option<u32>> {
    let mut budget = Budget::new();
    let mut winners: Vec<Option<u32>> = Vec::with_capacity(table.entries.len());
    for (rank, entry) in (0_u32..).zip(&table.entries) {
        let cover = covering(table, rank, &mut budget);
        // What wins over the winner wins over this too, and is the one that really answers, unless it is of the same route.
        let last = cover
            .and_then(|cover| *winners.get(cover as usize)?)
            .filter(|&last| table.entry(last).is_some_and(|winner| winner.route != entry.route));
        winners.push(last.or(cover));
    }
    winners
}

fn kind(table: &Table, loser: &Entry, winner: &Entry) -> OverlapKind {
    let same_path = match (&loser.pattern.shape, &winner.pattern.shape) {
        (Shape::Segments { segments, end }, Shape::Segments { segments: other, end: other_end }) => {
            segments == other && end == other_end
        }
        (Shape::Regex { regex, .. }, Shape::Regex { regex: other, .. }) => regex == other,
        _ => false,
    };
    let same_host = loser.host_of(&table.routes) == winner.host_of(&table.routes);
    let both = table.matcher(loser.index()).zip(table.matcher(winner.index()));
    if same_path
        && same_host
        && both.is_some_and(|(loser, winner)| loser.trailing_slash == winner.trailing_slash && loser.covers(winner))
    {
        OverlapKind::Identical
    } else {
        OverlapKind::Unreachable
    }
}

impl fmt::Display for Overlap {
    /// Names routes by their index; whoever knows their names writes a sentence of their own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_deref().unwrap_or("any host");
        let (path, by) = (&self.path, self.by);
        match self.extent {
            Extent::Route => write!(f, "route {} can never be reached", self.route)?,
            Extent::Part => write!(f, "route {} can never be reached on {host} with `{path}`", self.route)?,
        }
        match self.kind {
            OverlapKind::Identical => write!(f, ": route {by} goes before it and matches the same requests"),
            OverlapKind::Unreachable => write!(f, ": route {by} goes before it and matches all of its requests"),
        }
    }
}
