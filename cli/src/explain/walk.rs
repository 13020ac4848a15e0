//! The stages, asked one after the other as `edge` does, with what each of them says written down.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use router_core::authenticate::forward::{Telling, claimed};
use router_core::config::{Action, Gateway, Route};
use router_core::dispatch::compose::X_REQUEST_ID;
use router_core::dispatch::{Asking, Target, UpstreamHost, compose, upstream_path};
use router_core::filter::cors::{PREFLIGHT_STATUS, preflight_method};
use router_core::filter::path::{NormalPath, Normalised};
use router_core::filter::{Access, AccessLists, Cors, CorsVerdict, Mode};
use router_core::receive::{BodyLength, Facts, keep_or_make, receive};
use router_core::rejection::Malformed;
use router_core::respond::{Shaping, passed_edits};
use router_core::route::{Asked, Finding, Found, Params, well_known};
use router_core::{HeaderEdits, Rejection};

use super::account::{Account, Chosen, EditLine, Ending, Rewritten, lines, shown};
use super::asking::Question;
use super::authenticate::demands;
use super::cache::caches;
use super::candidates::candidates;
use super::limit::limits;

type Step<T> = Result<T, Ending>;

/// What would become of the request.
pub(crate) fn walk(gateway: &Gateway, question: &Question) -> Account {
    let mut walk = Walk::new(gateway, question);
    let ending = walk.travel().unwrap_or_else(|early| early);
    walk.respond(ending)
}

struct Walk<'a> {
    gateway: &'a Gateway,
    question: &'a Question,
    account: Account,
    route: Option<&'a Route>,
    request_id: HeaderValue,
}

fn rejected(stage: &'static str, rejection: Rejection) -> Ending {
    Ending::Rejected { stage, rejection }
}

impl<'a> Walk<'a> {
    fn new(gateway: &'a Gateway, question: &'a Question) -> Self {
        let method = question.head.method.as_str().to_owned();
        let mut notes = Vec::new();
        let upper = method.to_ascii_uppercase();
        if upper != method {
            notes.push(format!("Methods are case-sensitive (RFC 9110 section 9.1): `{method}` is not `{upper}`."));
        }
        let account = Account {
            method,
            url: question.url.clone(),
            stages: Vec::new(),
            notes,
            path: None,
            candidates: Vec::new(),
            route: None,
            rewrite: None,
            request_edits: Vec::new(),
            response_edits: Vec::new(),
            // Replaced at the end of the walk.
            ending: rejected("receive", Rejection::Internal),
        };
        Self { gateway, question, account, route: None, request_id: HeaderValue::from_static("") }
    }

    fn travel(&mut self) -> Step<Ending> {
        let facts = self.receive()?;
        let path = self.filter(&facts)?;
        let (route, params) = self.route(&facts, &path)?;
        self.authenticate(route);
        for limit in limits(self.gateway, route) {
            self.tell("limit", limit);
        }
        for cache in caches(self.gateway, route, &self.question.head.method, &path) {
            self.tell("cache", cache);
        }
        self.dispatch(&facts, &path, route, &params)
    }

    fn tell(&mut self, stage: &'static str, what: impl Into<String>) {
        self.account.stages.push((stage, what.into()));
    }

    fn receive(&mut self) -> Step<Facts> {
        let Question { head, transport, .. } = self.question;
        let checked = receive(&self.gateway.receive, head, transport.clone());
        let trusted = checked.as_ref().is_ok_and(|facts| facts.client.through_trusted_proxy);
        self.request_id =
            keep_or_make(self.gateway.receive.request_id, trusted, head.headers.get(X_REQUEST_ID), 0, [0; 10]);
        let facts = checked.map_err(|rejection| rejected("receive", rejection))?;
        let client = facts.client.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
        let through = if trusted { " (through a trusted proxy)" } else { "" };
        let host = facts.host.as_deref().unwrap_or("none");
        self.tell("receive", format!("client {client}{through}, host {host}, {}", facts.scheme.as_str()));
        Ok(facts)
    }

    fn filter(&mut self, facts: &Facts) -> Step<NormalPath<'static>> {
        let head = &self.question.head;
        self.admit("filter", self.gateway.addresses.as_ref(), facts)?;
        let path = match NormalPath::parse(&head.path, &self.gateway.path_rules) {
            Ok(Normalised::Path(path)) => path.into_owned(),
            Ok(Normalised::Redirect(path)) => {
                let location = path.reference(head.query.as_deref());
                return Err(Ending::Redirect { stage: "filter", status: StatusCode::PERMANENT_REDIRECT, location });
            }
            Err(invalid) => {
                self.tell("filter", format!("path {}: {invalid}", head.path.escape_debug()));
                return Err(rejected("filter", Rejection::Malformed(Malformed::from(invalid))));
            }
        };
        self.account.path = Some(path.to_string());
        let normalised = if path.as_str() == head.path { "" } else { " (normalised)" };
        self.tell("filter", format!("path {path}{normalised}"));
        self.preflight(facts, &path)?;
        Ok(path)
    }

    fn preflight(&mut self, facts: &Facts, path: &NormalPath<'_>) -> Step<()> {
        let head = &self.question.head;
        let Some(asked) = preflight_method(&head.method, &head.headers) else { return Ok(()) };
        let rules = self.gateway.preflight_cors(facts, path, head.query.as_deref(), &asked);
        let Some(rules) = rules.filter(|rules| rules.mode != Mode::Off) else {
            self.tell(
                "filter",
                format!("a preflight for {asked}, but no CORS rules hold: it goes on like any request"),
            );
            return Ok(());
        };
        self.tell("filter", format!("a preflight for {asked}, decided by the CORS rules {}", self.owner(rules)));
        match rules.preflight(&asked, &head.headers) {
            CorsVerdict::Allow(headers) => Err(Ending::Preflight { status: PREFLIGHT_STATUS, headers }),
            CorsVerdict::Deny if rules.mode == Mode::Shadow => {
                self.tell("filter", "the preflight would be refused (mode: shadow)");
                Ok(())
            }
            CorsVerdict::Deny => Err(rejected("filter", Rejection::OriginNotAllowed)),
        }
    }

    /// Whose rules they are.
    fn owner(&self, rules: &Cors) -> String {
        let has = |route: &&Route| route.cors.as_ref().is_some_and(|cors| std::ptr::eq(cors, rules));
        match self.gateway.routes.iter().find(has) {
            Some(route) => format!("of route `{}`", route.name),
            None => "for everyone".to_owned(),
        }
    }

    fn admit(&mut self, stage: &'static str, lists: Option<&AccessLists>, facts: &Facts) -> Step<()> {
        match lists.map(|lists| lists.decide(facts.client.address)) {
            None => Ok(()),
            Some(Access::Allow) => {
                self.tell(stage, "the address may pass");
                Ok(())
            }
            Some(Access::ShadowDeny) => {
                self.tell(stage, "the address would be refused (mode: shadow)");
                Ok(())
            }
            Some(Access::Deny) => Err(rejected(stage, Rejection::AddressDenied)),
        }
    }

    fn route(&mut self, facts: &Facts, path: &NormalPath<'static>) -> Step<(&'a Route, Params)> {
        let (gateway, head) = (self.gateway, &self.question.head);
        let asked = Asked {
            host: facts.host.as_deref(),
            path,
            query: head.query.as_deref(),
            method: &head.method,
            headers: &head.headers,
        };
        let own = well_known::find(&gateway.own_documents, &head.method, path);
        if let Some(document) = own.map_err(|rejection| rejected("route", rejection))? {
            self.tell("route", "a document of the gateway itself, in front of the routes");
            return Err(Ending::Respond { status: document.status, body_bytes: document.body.len() });
        }
        self.account.candidates = candidates(gateway, &asked);
        let Found { index, params } = match gateway.find(head, facts, path) {
            Finding::Route(found) => found,
            Finding::Redirect { index, path } => {
                self.route = gateway.route(index);
                let location = path.reference(head.query.as_deref());
                return Err(Ending::Redirect { stage: "route", status: StatusCode::PERMANENT_REDIRECT, location });
            }
            Finding::MethodNotAllowed { allow } => {
                return Err(rejected("route", Rejection::MethodNotAllowed { allow }));
            }
            Finding::NotFound => return Err(rejected("route", Rejection::RouteNotFound)),
        };
        let Some(route) = gateway.route(index) else { return Err(rejected("route", Rejection::Internal)) };
        self.route = Some(route);
        let pattern = params.pattern().as_str().to_owned();
        self.tell("route", format!("{} (by {pattern})", route.name));
        let parameters = params.iter(path).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.account.route = Some(Chosen { name: route.name.clone(), pattern, parameters });
        self.admit("route", route.addresses.as_ref(), facts)?;
        if gateway.refuses_separator(route, path) {
            return Err(rejected("route", Rejection::Malformed(Malformed::EncodedSeparator)));
        }
        let limit = route.max_body.unwrap_or(gateway.receive.max_body);
        if let BodyLength::Exactly(length) = facts.body
            && length > limit
        {
            return Err(rejected("route", Rejection::BodyTooLarge { limit }));
        }
        if let Action::Redirect(to) = &route.action {
            let location = to.location(head, facts, path, &params).map_err(|rejection| rejected("route", rejection))?;
            return Err(Ending::Redirect { stage: "route", status: to.status, location });
        }
        Ok((route, params))
    }

    fn authenticate(&mut self, route: &Route) {
        if let Some(policy) = &route.authenticate {
            for demand in demands(self.gateway, policy) {
                self.tell("authenticate", demand);
            }
        }
    }

    fn dispatch(
        &mut self,
        facts: &Facts,
        path: &NormalPath<'static>,
        route: &'a Route,
        params: &Params,
    ) -> Step<Ending> {
        let (gateway, head) = (self.gateway, &self.question.head);
        let request_id = self.request_id.clone();
        let asking = Asking {
            gateway,
            route,
            params,
            head,
            facts,
            path,
            request_id: &request_id,
            tell_upstream: &Telling::default(),
            claimed: &claimed(&gateway.identity_headers, &head.headers),
        };
        let composed =
            |target: Option<&Target>| compose(&asking, target).map_err(|rejection| rejected("dispatch", rejection));
        match &route.action {
            Action::Respond(answer) => Ok(Ending::Respond { status: answer.status, body_bytes: answer.body.len() }),
            // Answered by `route`.
            Action::Redirect(_) => Err(rejected("route", Rejection::Internal)),
            Action::Purge => Ok(Ending::Purge),
            Action::Echo { .. } => {
                let asked = composed(None)?;
                self.rewritten(&asking)?;
                self.account.request_edits = lines(asked.edits.iter(), self.new_id());
                Ok(Ending::Echo { path_and_query: asked.path_and_query })
            }
            Action::Upstream { upstream, .. } => {
                let Some(upstream) = gateway.upstreams.get(*upstream) else {
                    return Err(rejected("balance", Rejection::NoTarget));
                };
                let [first, ..] = upstream.targets.as_slice() else {
                    return Err(rejected("balance", Rejection::NoTarget));
                };
                let asked = composed(Some(first))?;
                self.rewritten(&asking)?;
                self.account.request_edits = lines(asked.edits.iter(), self.new_id());
                let url = |target: &Target| {
                    let path = composed(Some(target))?.path_and_query;
                    Ok(format!("{}://{}{path}", target.scheme().as_str(), target.authority()))
                };
                let host = match &upstream.host {
                    UpstreamHost::Target => None,
                    UpstreamHost::Client => facts.authority.clone(),
                    UpstreamHost::Name(name) => Some(shown(name)),
                };
                self.tell_host(host.as_deref(), &upstream.targets);
                Ok(Ending::Upstream {
                    name: upstream.name.clone(),
                    method: asked.method.as_str().to_owned(),
                    urls: upstream.targets.iter().map(url).collect::<Step<_>>()?,
                    host,
                    upgrade: asked.upgrade.map(router_core::config::Upgrade::token),
                })
            }
        }
    }

    fn rewritten(&mut self, asking: &Asking<'_>) -> Step<()> {
        let (to, _) = upstream_path(asking).map_err(|rejection| rejected("dispatch", rejection))?;
        if asking.route.rewrite.is_some() {
            self.account.rewrite = Some(Rewritten { from: asking.path.to_string(), to: to.to_string() });
        }
        Ok(())
    }

    /// The client's `Host` is taken out, because the platform writes the upstream's; what a reader wants to know is that one.
    fn tell_host(&mut self, host: Option<&str>, targets: &[Target]) {
        let told = match (host, targets) {
            (Some(host), _) => host.to_owned(),
            (None, [only]) => only.authority().to_string(),
            (None, _) => "(that of the target)".to_owned(),
        };
        if let Some(line) = self.account.request_edits.iter_mut().find(|line| line.name == header::HOST) {
            *line = EditLine { action: "set", name: header::HOST, value: Some(told) };
        }
    }

    /// The id that is made, if the request has not brought one that is kept.
    fn new_id(&self) -> Option<&HeaderValue> {
        let sent = self.question.head.headers.get(X_REQUEST_ID);
        Some(&self.request_id).filter(|id| sent != Some(id))
    }

    fn respond(mut self, ending: Ending) -> Account {
        let head = &self.question.head;
        let cors = self.route.and_then(|route| route.cors.as_ref()).or(self.gateway.cors.as_ref());
        let preflight = preflight_method(&head.method, &head.headers).is_some();
        let shaping = Shaping {
            gateway: self.gateway,
            route: self.route,
            cors: cors.filter(|_| !preflight),
            request: &head.headers,
            request_id: &self.request_id,
            told: &HeaderEdits::new(),
        };
        let edits = passed_edits(&shaping, &HeaderMap::new());
        self.account.response_edits = lines(edits.iter(), self.new_id());
        self.account.ending = ending;
        self.account
    }
}
