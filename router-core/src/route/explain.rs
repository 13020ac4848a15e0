//! Says of every route why it won or lost. For people, so it may take its time: it tries every entry, and without the trees.

use super::{
    Asked, RouteIndex, Rule, Table,
    host::normal_host,
    matcher::{Headers, Unfit},
    table::{Effect, Entry},
};

/// A route and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub index: RouteIndex,
    /// What became of it.
    pub verdict: Verdict,
    /// The path pattern that the verdict is about: the one that came furthest.
    pub pattern: String,
}

/// What became of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It answers.
    Won,
    /// It redirects to the other spelling of the slash at the end.
    Redirects,
    /// It does not answer.
    Lost(Reason),
}

/// Why a route lost. The first condition that does not hold, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Another host was asked.
    Host,
    /// Another path was asked for.
    Path,
    /// It does not answer to the method.
    Method,
    /// This header does not fit.
    Header(String),
    /// This query parameter does not fit.
    Query(String),
    /// It matches, but another goes before it.
    Outranked {
        /// Which.
        by: RouteIndex,
        /// By which rule of precedence.
        rule: Rule,
    },
}

impl Table {
    /// Every route with what became of it: the winner, then those that match but were outranked, in their order, then the others as they
    /// are declared, those that came furthest first.
    #[must_use]
    pub fn explain(&self, asked: &Asked<'_>) -> Vec<Candidate> {
        let host = asked.host.and_then(normal_host);
        let winner = self.winner(asked, Headers::Matter).0.map(|winner| winner.entry);
        let mut furthest: Vec<Option<(Verdict, &Entry)>> = vec![None; self.routes.len()];
        let mut matching = Vec::new();
        for entry in &self.entries {
            let Some(best) = furthest.get_mut(entry.route as usize) else { continue };
            let verdict = self.verdict(entry, asked, host.as_deref(), winner);
            if best.as_ref().is_none_or(|(known, _)| verdict.distance() > known.distance()) {
                if verdict.distance() >= MATCHED {
                    matching.push(entry.route);
                }
                *best = Some((verdict, entry));
            }
        }
        let mut candidates: Vec<(u8, Candidate)> = (0_u32..)
            .zip(furthest)
            .filter_map(|(route, found)| {
                let (verdict, entry) = found?;
                let pattern = entry.pattern.as_str().to_owned();
                Some((verdict.distance(), Candidate { index: RouteIndex(route), verdict, pattern }))
            })
            .collect();
        let place = |route: u32| matching.iter().position(|known| *known == route);
        candidates.sort_by_cached_key(|(distance, candidate)| {
            (std::cmp::Reverse(*distance), place(candidate.index.0).unwrap_or(usize::MAX))
        });
        candidates.into_iter().map(|(_, candidate)| candidate).collect()
    }

    fn verdict(&self, entry: &Entry, asked: &Asked<'_>, host: Option<&str>, winner: Option<&Entry>) -> Verdict {
        let Some(matcher) = self.routes.get(entry.route as usize) else { return Verdict::Lost(Reason::Path) };
        if entry.host_of(&self.routes).is_some_and(|pattern| !host.is_some_and(|host| pattern.matches(host))) {
            return Verdict::Lost(Reason::Host);
        }
        if !entry.pattern.matches(asked.path.as_str()) {
            return Verdict::Lost(Reason::Path);
        }
        if !matcher.accepts(asked.method) {
            return Verdict::Lost(Reason::Method);
        }
        match matcher.predicates(asked.headers, asked.query, Headers::Matter) {
            Err(Unfit::Header(name)) => return Verdict::Lost(Reason::Header(name.as_str().to_owned())),
            Err(Unfit::Query(name)) => return Verdict::Lost(Reason::Query(name.to_owned())),
            Ok(()) => {}
        }
        match winner {
            Some(winner) if winner.route != entry.route => {
                let (_, rule) = winner.standing.decide(&entry.standing);
                Verdict::Lost(Reason::Outranked { by: winner.index(), rule })
            }
            _ if entry.effect == Effect::Redirect => Verdict::Redirects,
            _ => Verdict::Won,
        }
    }
}

/// The distance of an entry that matches.
const MATCHED: u8 = 5;

impl Verdict {
    /// How far a route came.
    fn distance(&self) -> u8 {
        match self {
            Self::Lost(Reason::Host) => 0,
            Self::Lost(Reason::Path) => 1,
            Self::Lost(Reason::Method) => 2,
            Self::Lost(Reason::Header(_)) => 3,
            Self::Lost(Reason::Query(_)) => 4,
            Self::Lost(Reason::Outranked { .. }) => MATCHED,
            Self::Won | Self::Redirects => MATCHED + 1,
        }
    }
}
