//! The variables of conditions: what they are called, and where their values come from.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Asked;
use super::cel::{Inputs, List, Map, Type, Value};
use crate::authenticate::{Consumer, Identity};
use crate::config::nearest;
use crate::filter::path::form_bytes;

/// A variable. Each is a leaf, such as `request.method`, so that only what an expression names is ever looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// `consumer.…`, `claims` and `identities.NAME.…`.
    Of(Who, About),
    /// `request.…`.
    Request(Part),
    /// `route.name`.
    RouteName,
    /// `route.params`.
    RouteParams,
}

/// Of several identities, which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The consumer.
    First,
    /// The one that this authenticator found.
    By(String),
}

/// A fact about an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Id,
    Authenticator,
    Issuer,
    Scopes,
    Roles,
    Plan,
    Claims,
}

/// A fact about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Method,
    Scheme,
    Host,
    Path,
    Query,
    Headers,
    Address,
    Time,
}

/// What names mean in the condition of a policy.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'n> {
    /// The authenticators that the policy needs.
    pub authenticators: &'n [&'n str],
}

/// What a name stands for.
pub(super) struct Named {
    pub(super) variable: Variable,
    pub(super) kind: Type,
}

// A fact that may be missing is null then, so that its type is not known before.
const CONSUMER: [(&str, About, Type); 6] = [
    ("id", About::Id, Type::Dyn),
    ("authenticator", About::Authenticator, Type::Dyn),
    ("issuer", About::Issuer, Type::Dyn),
    ("scopes", About::Scopes, Type::List),
    ("roles", About::Roles, Type::List),
    ("plan", About::Plan, Type::Dyn),
];
const IDENTITY: [(&str, About, Type); 7] = [
    ("id", About::Id, Type::Dyn),
    ("authenticator", About::Authenticator, Type::Dyn),
    ("issuer", About::Issuer, Type::Dyn),
    ("scopes", About::Scopes, Type::List),
    ("roles", About::Roles, Type::List),
    ("plan", About::Plan, Type::Dyn),
    ("claims", About::Claims, Type::Map),
];
const REQUEST: [(&str, Part, Type); 8] = [
    ("method", Part::Method, Type::Text),
    ("scheme", Part::Scheme, Type::Text),
    ("host", Part::Host, Type::Dyn),
    ("path", Part::Path, Type::Text),
    ("query", Part::Query, Type::Map),
    ("headers", Part::Headers, Type::Headers),
    ("address", Part::Address, Type::Dyn),
    ("time", Part::Time, Type::Timestamp),
];
const ROUTE: [(&str, Variable, Type); 2] =
    [("name", Variable::RouteName, Type::Text), ("params", Variable::RouteParams, Type::Map)];

type Unknown = (String, Option<String>);

impl Scope<'_> {
    /// The names that everything starts with.
    pub(super) const ROOTS: [&'static str; 5] = ["claims", "consumer", "identities", "request", "route"];

    /// The variable that `root` with `steps` behind it is; `None` where it is none by itself.
    pub(super) fn variable(&self, root: &str, steps: &[&str]) -> Result<Option<Named>, Unknown> {
        let named = |variable, kind| Ok(Some(Named { variable, kind }));
        match (root, steps) {
            ("claims", []) => named(Variable::Of(Who::First, About::Claims), Type::Map),
            ("consumer", [field]) => {
                // Whoever writes this means the claims.
                if *field == "claims" {
                    return Err(("`consumer` has no field `claims`".into(), Some("write `claims`".into())));
                }
                let (about, kind) = pick(&CONSUMER, "consumer", field)?;
                named(Variable::Of(Who::First, about), kind)
            }
            ("request", [field]) => {
                let (part, kind) = pick(&REQUEST, "request", field)?;
                named(Variable::Request(part), kind)
            }
            ("route", [field]) => {
                let (variable, kind) = pick(&ROUTE, "route", field)?;
                named(variable, kind)
            }
            ("identities", [name]) => {
                self.known(name)?;
                let fields = IDENTITY.map(|(field, ..)| field).join("`, `");
                Err((format!("`identities.{name}` is no value by itself"), Some(format!("it has `{fields}`"))))
            }
            ("identities", [name, field]) => {
                self.known(name)?;
                let (about, kind) = pick(&IDENTITY, &format!("identities.{name}"), field)?;
                named(Variable::Of(Who::By((*name).to_owned()), about), kind)
            }
            _ => Ok(None),
        }
    }

    fn known(&self, name: &str) -> Result<(), Unknown> {
        if self.authenticators.contains(&name) {
            return Ok(());
        }
        let near = nearest(name, self.authenticators.iter().copied());
        Err((
            format!("this policy does not use an authenticator named `{name}`"),
            near.map(|near| format!("did you mean `{near}`?")),
        ))
    }

    /// What stands behind a root that is no value by itself.
    pub(super) fn fields(&self, root: &str) -> Option<Vec<&str>> {
        match root {
            "consumer" => Some(CONSUMER.iter().map(|(name, ..)| *name).collect()),
            "request" => Some(REQUEST.iter().map(|(name, ..)| *name).collect()),
            "route" => Some(ROUTE.iter().map(|(name, ..)| *name).collect()),
            "identities" => Some(self.authenticators.to_vec()),
            _ => None,
        }
    }
}

fn pick<T: Clone>(fields: &[(&'static str, T, Type)], of: &str, name: &str) -> Result<(T, Type), Unknown> {
    match fields.iter().find(|(known, ..)| *known == name) {
        Some((_, what, kind)) => Ok((what.clone(), *kind)),
        None => {
            let names = fields.iter().map(|(known, ..)| *known);
            let help = match nearest(name, names.clone()) {
                Some(near) => format!("did you mean `{of}.{near}`?"),
                None => format!("it has `{}`", names.collect::<Vec<_>>().join("`, `")),
            };
            Err((format!("`{of}` has no field `{name}`"), Some(help)))
        }
    }
}

/// Named texts. A name that is there more than once, or whose value is no text, has no value that could be relied on: which of them the upstream
/// takes cannot be known.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, Option<String>>);

impl Parameters {
    /// The parameters of a query, decoded as forms are.
    pub(super) fn of_query(query: &str) -> Self {
        let mut parameters = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = String::from_utf8_lossy(&form_bytes(name).collect::<Vec<_>>()).into_owned();
            let value = String::from_utf8(form_bytes(value).collect()).ok();
            parameters.entry(name).and_modify(|known| *known = None).or_insert(value);
        }
        Self(parameters)
    }

    fn of_route(asked: &Asked<'_>) -> Self {
        let texts = asked.params.iter(asked.path);
        Self(texts.map(|(name, value)| (name.to_owned(), Some(value.to_owned()))).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// `None`: it is not there; `Some(None)`: it cannot be relied on.
    pub(super) fn get(&self, name: &str) -> Option<Option<&str>> {
        self.0.get(name).map(Option::as_deref)
    }
}

/// The values of one request.
pub(super) struct Values<'a> {
    asked: Asked<'a>,
    query: OnceCell<Rc<Parameters>>,
    params: OnceCell<Rc<Parameters>>,
}

impl<'a> Values<'a> {
    pub(super) fn new(asked: Asked<'a>) -> Self {
        Self { asked, query: OnceCell::new(), params: OnceCell::new() }
    }

    fn consumer(&self, who: &Who) -> Option<&'a Consumer> {
        match (who, self.asked.identity) {
            (Who::First, identity) => identity.consumer(),
            (Who::By(_), Identity::Anonymous) => None,
            (Who::By(name), Identity::Known(consumers)) => {
                consumers.iter().map(AsRef::as_ref).find(|consumer: &&Consumer| consumer.authenticator == *name)
            }
        }
    }

    fn of(&self, who: &Who, about: About) -> Value<'a> {
        let consumer = self.consumer(who);
        let text = |text: fn(&'a Consumer) -> Option<&'a str>| Value::text_or_null(consumer.and_then(text));
        match about {
            About::Id => text(|consumer| Some(&consumer.id)),
            About::Authenticator => text(|consumer| Some(&consumer.authenticator)),
            About::Issuer => text(|consumer| consumer.issuer.as_deref()),
            About::Plan => text(|consumer| consumer.plan.as_deref()),
            About::Scopes => Value::List(List::Texts(consumer.map_or(&[], |consumer| &consumer.scopes))),
            About::Roles => Value::List(List::Texts(consumer.map_or(&[], |consumer| &consumer.roles))),
            About::Claims => Value::Map(match consumer {
                Some(consumer) => Map::Json(&consumer.claims),
                None => Map::Made(Rc::new([])),
            }),
        }
    }
}

impl<'a> Inputs<'a> for Values<'a> {
    fn value(&self, variable: &'a Variable) -> Value<'a> {
        let Asked { head, facts, path, route, now_ms, .. } = self.asked;
        match variable {
            Variable::Of(who, about) => self.of(who, *about),
            Variable::Request(Part::Method) => Value::text(head.method.as_str()),
            Variable::Request(Part::Scheme) => Value::text(facts.scheme.as_str()),
            Variable::Request(Part::Host) => Value::text_or_null(facts.host.as_deref()),
            Variable::Request(Part::Path) => Value::text(path.as_str()),
            Variable::Request(Part::Query) => {
                let query = || Rc::new(Parameters::of_query(head.query.as_deref().unwrap_or_default()));
                Value::Map(Map::Parameters(Rc::clone(self.query.get_or_init(query))))
            }
            Variable::Request(Part::Headers) => Value::Map(Map::Headers(&head.headers)),
            Variable::Request(Part::Address) => match facts.client.address {
                Some(address) => Value::made(address.to_string()),
                None => Value::Null,
            },
            Variable::Request(Part::Time) => Value::Timestamp(i64::try_from(now_ms).unwrap_or(i64::MAX)),
            Variable::RouteName => Value::text(&route.name),
            Variable::RouteParams => {
                let params = || Rc::new(Parameters::of_route(&self.asked));
                Value::Map(Map::Parameters(Rc::clone(self.params.get_or_init(params))))
            }
        }
    }
}
