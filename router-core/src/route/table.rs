//! The table: built once from all routes, asked for every request.

use std::sync::Arc;

use http::{HeaderMap, Method};
use rustc_hash::FxHashMap;

use super::{
    Asked, Finding, Found, HostPattern, Overlap, Params, PathPattern, RouteIndex, TrailingSlash,
    host::normal_host,
    matcher::{Headers, Matcher},
    methods, overlap,
    precedence::{Spelling, Standing},
    segment::Spans,
    trie::{NodeId, Reached, Trie},
};
use crate::filter::path::NormalPath;

/// All routes, in the order of precedence and ready to be asked.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) routes: Vec<Matcher>,
    /// In the order of precedence: an entry's place is its rank.
    pub(super) entries: Vec<Entry>,
    pub(super) trie: Trie,
    pub(super) hosts: Hosts,
}

/// One route with one of its hosts and one of its paths.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) route: u32,
    /// Which of the route's hosts, if it names any.
    pub(super) host: Option<usize>,
    pub(super) pattern: Arc<PathPattern>,
    pub(super) effect: Effect,
    /// Not needed for finding, so it is kept out of the way.
    pub(super) standing: Box<Standing>,
}

/// What winning means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Take,
    /// To the other spelling of the slash at the end.
    Redirect,
}

/// The tree of each host.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts {
    pub(super) exact: FxHashMap<Box<str>, NodeId>,
    /// By what follows `*.`.
    pub(super) wildcards: FxHashMap<Box<str>, NodeId>,
    /// For routes that name no host.
    pub(super) any: Option<NodeId>,
}

impl Table {
    /// Orders and indexes routes, and finds those that can never win. A route's index is its place in `routes`.
    #[must_use]
    pub fn build(routes: Vec<Matcher>) -> (Self, Vec<Overlap>) {
        let mut entries = Vec::with_capacity(routes.len());
        for (route, matcher) in (0_u32..).zip(&routes) {
            add_entries(route, matcher, &mut entries);
        }
        entries.sort_by(|one, other| one.standing.decide(&other.standing).0);

        let mut table = Self { routes, entries: Vec::new(), trie: Trie::default(), hosts: Hosts::default() };
        for (rank, entry) in (0_u32..).zip(&entries) {
            let root = table.hosts.root(entry.host_of(&table.routes), &mut table.trie);
            table.trie.add(root, &entry.pattern, rank);
        }
        table.entries = entries;
        let overlaps = overlap::find(&table);
        (table, overlaps)
    }

    /// How many routes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// Whether there is no route.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// What a route answers for.
    #[must_use]
    pub fn matcher(&self, index: RouteIndex) -> Option<&Matcher> {
        self.routes.get(index.as_usize())
    }

    /// The route of a request.
    #[must_use]
    pub fn find(&self, asked: &Asked<'_>) -> Finding {
        self.find_with(asked, Headers::Matter)
    }

    /// The route that would answer the request a CORS preflight asks for. A preflight does not carry that request's headers, so header
    /// predicates do not count.
    #[must_use]
    pub fn find_for_preflight(
        &self,
        host: Option<&str>,
        path: &NormalPath<'_>,
        query: Option<&str>,
        requested_method: &Method,
    ) -> Finding {
        let headers = HeaderMap::new();
        self.find_with(&Asked { host, path, query, method: requested_method, headers: &headers }, Headers::Ignored)
    }

    fn find_with(&self, asked: &Asked<'_>, headers: Headers) -> Finding {
        match self.winner(asked, headers) {
            (Some(winner), _) => winner.finding(asked.path),
            (None, Near::Miss) => Finding::MethodNotAllowed { allow: self.allow(asked, headers) },
            (None, Near::Nothing) => Finding::NotFound,
        }
    }

    /// The best entry; without one, whether some entry misses by its method alone.
    pub(super) fn winner(&self, asked: &Asked<'_>, headers: Headers) -> (Option<Winner<'_>>, Near) {
        let (mut best, mut near) = (None, Near::Nothing);
        self.walk(asked, |entry, matcher, path| {
            let accepts = matcher.accepts(asked.method);
            // One near miss is as good as many.
            if (!accepts && near == Near::Miss) || matcher.predicates(asked.headers, asked.query, headers).is_err() {
                return Next::Worse;
            }
            let spans = match path {
                PathFit::Certain => None,
                PathFit::Open => match entry.pattern.capture(asked.path.as_str()) {
                    Some(spans) => Some(spans),
                    None => return Next::Worse,
                },
            };
            if !accepts {
                near = Near::Miss;
                return Next::Worse;
            }
            best = Some(Winner { entry, spans });
            Next::Better
        });
        (best, near)
    }

    fn allow(&self, asked: &Asked<'_>, headers: Headers) -> Vec<Method> {
        let mut near = Vec::new();
        self.walk(asked, |entry, matcher, path| {
            if matcher.predicates(asked.headers, asked.query, headers).is_ok()
                && (path == PathFit::Certain || entry.pattern.matches(asked.path.as_str()))
            {
                near.push(&matcher.methods);
            }
            Next::Worse
        });
        methods::allow(near.into_iter())
    }

    /// Shows every entry whose host and path match (or, for a regular expression, may match) to `consider`, and once that has found one,
    /// only better ones.
    fn walk<'t>(&'t self, asked: &Asked<'_>, mut consider: impl FnMut(&'t Entry, &'t Matcher, PathFit) -> Next) {
        let mut limit = u32::MAX;
        self.hosts.each(asked.host, |root| {
            let start = limit;
            self.trie.walk(root, asked.path.as_str(), start, |reached| {
                let Reached { closed, rest, prefix, regex } = reached;
                for (list, fit) in [
                    (closed, PathFit::Certain),
                    (rest, PathFit::Certain),
                    (prefix, PathFit::Certain),
                    (regex, PathFit::Open),
                ] {
                    limit = self.first_of(list, limit, |entry, matcher| consider(entry, matcher, fit));
                }
                limit
            });
        });
    }

    /// Considers a sorted list up to the first that is good or no better than what there is. Returns the limit from then on.
    fn first_of<'t>(
        &'t self,
        list: &[u32],
        limit: u32,
        mut consider: impl FnMut(&'t Entry, &'t Matcher) -> Next,
    ) -> u32 {
        for &rank in list.iter().take_while(|rank| **rank < limit) {
            let Some(entry) = self.entry(rank) else { continue };
            let Some(matcher) = self.routes.get(entry.route as usize) else { continue };
            if consider(entry, matcher) == Next::Better {
                return rank;
            }
        }
        limit
    }

    pub(super) fn entry(&self, rank: u32) -> Option<&Entry> {
        self.entries.get(rank as usize)
    }
}

/// What a walk is to show from then on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// This one will do: only better ones.
    Better,
    /// This one will not: worse ones too.
    Worse,
}

/// Whether a path is known to match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PathFit {
    Certain,
    Open,
}

/// Whether a route would have matched but for the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Near {
    Miss,
    Nothing,
}

/// The entry that answers, with the places of its parameters if they are known already.
pub(super) struct Winner<'t> {
    pub(super) entry: &'t Entry,
    spans: Option<Spans>,
}

impl Entry {
    pub(super) fn host_of<'r>(&self, routes: &'r [Matcher]) -> Option<&'r HostPattern> {
        routes.get(self.route as usize)?.hosts.get(self.host?)
    }

    pub(super) fn index(&self) -> RouteIndex {
        RouteIndex(self.route)
    }
}

impl Winner<'_> {
    fn finding(self, path: &NormalPath<'_>) -> Finding {
        let Self { entry, spans } = self;
        let index = entry.index();
        match entry.effect {
            Effect::Take => {
                spans.or_else(|| entry.pattern.capture_matching(path.as_str())).map_or(Finding::NotFound, |spans| {
                    Finding::Route(Found { index, params: Params::new(Arc::clone(&entry.pattern), spans) })
                })
            }
            Effect::Redirect => {
                path.toggle_trailing_slash().map_or(Finding::NotFound, |path| Finding::Redirect { index, path })
            }
        }
    }
}

impl Hosts {
    /// The tree of a host, planted if there is none.
    fn root(&mut self, host: Option<&HostPattern>, trie: &mut Trie) -> NodeId {
        let Some(host) = host else { return *self.any.get_or_insert_with(|| trie.plant()) };
        let map = if host.is_wildcard() { &mut self.wildcards } else { &mut self.exact };
        if let Some(root) = map.get(host.name()) {
            return *root;
        }
        let root = trie.plant();
        map.insert(host.name().into(), root);
        root
    }

    /// The trees of a host, the most specific first.
    fn each(&self, host: Option<&str>, mut visit: impl FnMut(NodeId)) {
        // A table without hosts need not look at them.
        if !(self.exact.is_empty() && self.wildcards.is_empty())
            && let Some(host) = host.and_then(normal_host)
        {
            self.exact.get(&*host).copied().into_iter().for_each(&mut visit);
            self.each_wildcard(&host, &mut visit);
        }
        self.any.into_iter().for_each(visit);
    }

    /// The trees of the wildcards that a name is below, the longest first.
    pub(super) fn each_wildcard(&self, host: &str, mut visit: impl FnMut(NodeId)) {
        if self.wildcards.is_empty() {
            return;
        }
        let mut rest = host;
        while let Some((label, above)) = rest.split_once('.') {
            // A wildcard stands for labels that are there: `.example.com` has none.
            if (!label.is_empty() || rest.len() < host.len())
                && let Some(root) = self.wildcards.get(above)
            {
                visit(*root);
            }
            rest = above;
        }
    }
}

fn add_entries(route: u32, matcher: &Matcher, entries: &mut Vec<Entry>) {
    let any = [PathPattern::any()];
    let paths = if matcher.paths.is_empty() { &any } else { matcher.paths.as_slice() };
    let hosts: Vec<Option<usize>> =
        if matcher.hosts.is_empty() { vec![None] } else { (0..matcher.hosts.len()).map(Some).collect() };
    for (path_index, path) in paths.iter().enumerate() {
        let written = Arc::new(path.clone());
        let other = match matcher.trailing_slash {
            TrailingSlash::Exact => None,
            TrailingSlash::Ignore => path.with_slash_toggled().map(|other| (other, Effect::Take)),
            TrailingSlash::Redirect => path.with_slash_toggled().map(|other| (other, Effect::Redirect)),
        };
        let other = other.map(|(pattern, effect)| (Arc::new(pattern), effect, Spelling::OtherSlash));
        for (pattern, effect, spelling) in std::iter::once((written, Effect::Take, Spelling::AsWritten)).chain(other) {
            for &host in &hosts {
                let standing = Box::new(Standing::new(
                    matcher,
                    host.and_then(|host| matcher.hosts.get(host)),
                    (pattern.steps(), spelling),
                    (route, host.unwrap_or(0), path_index),
                ));
                entries.push(Entry { route, host, pattern: Arc::clone(&pattern), effect, standing });
            }
        }
    }
}
