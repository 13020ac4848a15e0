//! The table against the model, on small alphabets so that routes overlap.

use proptest::{prelude::*, sample::select};

use super::{
    model::{Ask, Plain},
    *,
};

const PATHS: &[(char, &str)] = &[
    ('=', "/"),
    ('=', "/a"),
    ('=', "/a/"),
    ('=', "/a/b"),
    ('=', "/ab"),
    ('^', "/"),
    ('^', "/a"),
    ('^', "/a/b"),
    ('^', "/b"),
    ('{', "/{x}"),
    ('{', "/{x}/"),
    ('{', "/a/{x}"),
    ('{', "/{x}/b"),
    ('{', "/a{x}"),
    ('{', "/{x}b"),
    ('{', "/{x}.{y}"),
    ('{', "/a{x}.{y}b/{z}"),
    ('{', "/{*r}"),
    ('{', "/a/{*r}"),
    ('{', "/{x}/{y}"),
    ('{', "/{x}/{*r}"),
    ('{', "/a{x}/{*r}"),
    ('~', "/a.*"),
    ('~', "/[ab]/.*"),
    ('~', "/a/b|/b"),
    ('~', "(?i)/A"),
    ('~', "/a/(?<n>.*)"),
    ('~', "/a/b/.+"),
];

fn plain() -> impl Strategy<Value = Plain> {
    let values = || {
        prop::collection::vec((select(vec!["x", "y"]), select(vec![None, Some("1"), Some("2")])), 0..=2).prop_map(
            |mut list| {
                list.sort_unstable();
                list.dedup_by_key(|(name, _)| *name);
                list
            },
        )
    };
    (
        prop::collection::vec(select(vec!["a.test", "b.a.test", "*.test", "*.a.test"]), 0..=2),
        prop::collection::vec(select(PATHS), 0..=2),
        prop::collection::vec(select(vec!["GET", "POST", "HEAD", "QUERY"]), 0..=2),
        values(),
        values(),
        prop_oneof![4 => Just(0), 1 => -1..=1],
        select(vec!['=', '=', 'i', 'r']),
    )
        .prop_map(|(hosts, paths, methods, headers, query, priority, slash)| Plain {
            hosts,
            paths,
            methods,
            headers,
            query,
            priority,
            slash,
        })
}

fn ask() -> impl Strategy<Value = Ask> {
    let segments = prop::collection::vec(select(vec!["a", "b", "ab", "a.b", "aab", "aa.bb", "c"]), 0..=3);
    let values = || prop::collection::vec((select(vec!["x", "y"]), select(vec!["1", "2"])), 0..=2);
    (
        select(vec![None, Some("a.test"), Some("b.a.test"), Some("c.test"), Some("other.example"), Some("test")]),
        segments,
        any::<bool>(),
        select(vec!["GET", "HEAD", "POST", "DELETE"]),
        values().prop_map(|mut list| {
            // The list of a repeated header is one value, which the model does not know.
            list.sort_unstable();
            list.dedup_by_key(|(name, _)| *name);
            list
        }),
        values(),
    )
        .prop_map(|(host, segments, slash, method, headers, query)| Ask {
            host: host.map(str::to_owned),
            path: format!("/{}{}", segments.join("/"), if slash && !segments.is_empty() { "/" } else { "" }),
            method,
            headers,
            query,
        })
}

fn matcher(plain: &Plain) -> Matcher {
    let value = |value: &Option<&str>| value.map_or(ValueMatch::Present, |value| ValueMatch::Exact(value.to_owned()));
    Matcher {
        hosts: plain.hosts.iter().map(|host| HostPattern::parse(host).unwrap()).collect(),
        paths: plain
            .paths
            .iter()
            .map(|(kind, text)| match kind {
                '=' => PathPattern::exact(text).unwrap(),
                '^' => PathPattern::prefix(text).unwrap(),
                '{' => PathPattern::template(text).unwrap(),
                _ => PathPattern::regex(text).unwrap(),
            })
            .collect(),
        methods: if plain.methods.is_empty() {
            Methods::Any
        } else {
            Methods::Only(plain.methods.iter().map(|method| Method::from_bytes(method.as_bytes()).unwrap()).collect())
        },
        headers: plain.headers.iter().map(|(name, v)| (HeaderName::from_static(name), value(v))).collect(),
        query: plain.query.iter().map(|(name, v)| ((*name).to_owned(), value(v))).collect(),
        priority: plain.priority,
        trailing_slash: match plain.slash {
            'i' => TrailingSlash::Ignore,
            'r' => TrailingSlash::Redirect,
            _ => TrailingSlash::Exact,
        },
    }
}

fn request_of(ask: &Ask) -> Request {
    let query: Vec<String> = ask.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let line = format!("{} {}{}?{}", ask.method, ask.host.as_deref().unwrap_or(""), ask.path, query.join("&"));
    request(&line, &ask.headers)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn finds_what_trying_every_route_finds(
        routes in prop::collection::vec(plain(), 0..14),
        asks in prop::collection::vec(ask(), 12),
    ) {
        let (table, _) = Table::build(routes.iter().map(matcher).collect());
        for ask in &asks {
            let request = request_of(ask);
            prop_assert_eq!(short(&table.find(&request.asked())), model::find(&routes, ask).0, "{:?}", ask);
        }
    }

    #[test]
    fn never_warns_of_a_route_that_wins(
        routes in prop::collection::vec(plain(), 2..14),
        asks in prop::collection::vec(ask(), 24),
    ) {
        let (_, overlaps) = Table::build(routes.iter().map(matcher).collect());
        for ask in &asks {
            let (_, Some(winner)) = model::find(&routes, ask) else { continue };
            for overlap in overlaps.iter().filter(|overlap| overlap.route.as_usize() == winner.route) {
                prop_assert_eq!(overlap.extent, Extent::Part, "{:?} {}", ask, overlap);
                let is_path = overlap.path == winner.path && overlap.form == winner.form;
                let is_it = overlap.host.as_deref() == winner.host && is_path && !winner.other_slash;
                prop_assert!(!is_it, "{:?} {}", ask, overlap);
            }
        }
    }

    #[test]
    fn explains_what_it_finds(routes in prop::collection::vec(plain(), 0..14), ask in ask()) {
        let (table, _) = Table::build(routes.iter().map(matcher).collect());
        let request = request_of(&ask);
        let explained = table.explain(&request.asked());
        prop_assert_eq!(explained.len(), routes.len());
        let winners: Vec<_> = explained.iter().filter(|candidate| !matches!(candidate.verdict, Verdict::Lost(_))).collect();
        match table.find(&request.asked()) {
            Finding::Route(found) => {
                prop_assert_eq!(winners.len(), 1);
                prop_assert_eq!((winners[0].index, &winners[0].verdict), (found.index, &Verdict::Won));
            }
            Finding::Redirect { index, .. } => {
                prop_assert_eq!(winners.len(), 1);
                prop_assert_eq!((winners[0].index, &winners[0].verdict), (index, &Verdict::Redirects));
            }
            Finding::MethodNotAllowed { .. } | Finding::NotFound => prop_assert!(winners.is_empty()),
        }
        // A route by itself wins exactly if it was not lost for a reason of its own.
        for candidate in &explained {
            let (alone, _) = Table::build(vec![matcher(&routes[candidate.index.as_usize()])]);
            let wins = matches!(alone.find(&request.asked()), Finding::Route(_) | Finding::Redirect { .. });
            let own_fault = matches!(&candidate.verdict, Verdict::Lost(reason) if !matches!(reason, Reason::Outranked { .. }));
            prop_assert_eq!(wins, !own_fault);
        }
    }

    #[test]
    fn any_path_is_answered(path in "/[a-z/.%{}A-F0-9]{0,24}", method in "[A-Z]{1,8}") {
        let table = table(&["/{a}-{b}/{*c}", "~/[a-z]+/.*", "GET /a/** x=1", "/{x}.{y}.{z} slash:redirect"]);
        if let Ok(Normalised::Path(path)) = NormalPath::parse(&path, &PathRules::default()) {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let headers = HeaderMap::new();
            let finding = table.find(&Asked { host: Some("a..b.:1:"), path: &path, query: Some("%&=&+"), method: &method, headers: &headers });
            if let Finding::Route(found) = finding {
                prop_assert!(found.params.iter(&path).all(|(_, value)| !value.is_empty()));
            }
        }
    }
}
