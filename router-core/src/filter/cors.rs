//! Cross-origin resource sharing, as the Fetch standard (section 3.3) defines it.

use std::time::Duration;

use crate::route::WholeRegex;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::Mode;
use crate::edits::HeaderEdits;
use crate::head::members;

/// Compiled cross-origin rules.
#[derive(Clone, Debug)]
pub struct Cors {
    /// The origins that may read answers.
    pub origins: Vec<OriginMatch>,
    /// What a preflight may ask for.
    pub methods: Vec<Method>,
    /// The request headers a preflight may ask for; `None`: any.
    pub headers: Option<Vec<HeaderName>>,
    /// `Access-Control-Expose-Headers`, if any.
    pub expose: Option<HeaderValue>,
    /// Whether credentials may be sent.
    pub credentials: bool,
    /// How long a browser may remember a preflight.
    pub max_age: Duration,
    /// What to do with the verdict.
    pub mode: Mode,
}

/// An origin that may read answers.
#[derive(Clone, Debug)]
pub enum OriginMatch {
    /// Any.
    Any,
    /// This one, lower-case.
    Exact(String),
    /// Those that the expression matches as a whole.
    Regex(WholeRegex),
}

/// The verdict on a preflight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsVerdict {
    /// Allowed: the answer's fields.
    Allow(HeaderMap),
    /// Not allowed: the browser is told no.
    Deny,
}

/// The status of an allowed preflight: no content, and an "ok status" as Fetch wants it.
pub const PREFLIGHT_STATUS: StatusCode = StatusCode::NO_CONTENT;

/// The method that a preflight asks for; `None` if the request is not a preflight.
#[must_use]
pub fn preflight_method(method: &Method, headers: &HeaderMap) -> Option<Method> {
    if method != Method::OPTIONS || !headers.contains_key(header::ORIGIN) {
        return None;
    }
    Method::from_bytes(headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?.as_bytes()).ok()
}

impl Cors {
    fn allows_origin(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        let lower = origin.to_ascii_lowercase();
        self.origins.iter().any(|allowed| match allowed {
            OriginMatch::Any => true,
            OriginMatch::Exact(exact) => *exact == lower,
            OriginMatch::Regex(regex) => regex.matches(&lower),
        })
    }

    /// Whether every origin gets the same answer, so that `Vary: Origin` is not needed.
    fn same_for_all(&self) -> bool {
        !self.credentials && self.origins.iter().any(|origin| matches!(origin, OriginMatch::Any))
    }

    /// The verdict on a preflight for `asked`.
    #[must_use]
    pub fn preflight(&self, asked: &Method, headers: &HeaderMap) -> CorsVerdict {
        let Some(origin) = headers.get(header::ORIGIN) else { return CorsVerdict::Deny };
        // Fetch allows the three simple methods without asking; a preflight for them comes because of headers.
        let simple = [Method::GET, Method::HEAD, Method::POST].contains(asked);
        if !self.allows_origin(origin) || !(simple || self.methods.contains(asked)) {
            return CorsVerdict::Deny;
        }
        let wanted: Vec<&str> = members(headers, &header::ACCESS_CONTROL_REQUEST_HEADERS).collect();
        if let Some(allowed) = &self.headers
            && !wanted.iter().all(|name| allowed.iter().any(|allowed| allowed.as_str().eq_ignore_ascii_case(name)))
        {
            return CorsVerdict::Deny;
        }
        let mut answer = HeaderMap::new();
        let mut edits = self.origin_edits(origin);
        edits.set(header::ACCESS_CONTROL_ALLOW_METHODS, self.allowed_methods(asked));
        if let Ok(names) = HeaderValue::from_str(&wanted.join(", "))
            && !wanted.is_empty()
        {
            edits.set(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
        }
        edits.set(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(self.max_age.as_secs()));
        edits.append(
            header::VARY,
            HeaderValue::from_static("Access-Control-Request-Method, Access-Control-Request-Headers"),
        );
        edits.apply(&mut answer);
        CorsVerdict::Allow(answer)
    }

    /// The configured methods and the one asked for.
    fn allowed_methods(&self, asked: &Method) -> HeaderValue {
        let mut methods = self.methods.clone();
        if !methods.contains(asked) {
            methods.push(asked.clone());
        }
        let text = crate::rejection::allow_list(&methods);
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("GET"))
    }

    /// The edits of an actual answer. What the upstream says about sharing is replaced: two voices would contradict each other. Caches are told
    /// that the answer differs by origin even where this one got nothing.
    #[must_use]
    pub fn answer_edits(&self, request: &HeaderMap) -> HeaderEdits {
        let mut edits = HeaderEdits::new();
        for name in [
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            header::ACCESS_CONTROL_ALLOW_METHODS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            header::ACCESS_CONTROL_MAX_AGE,
        ] {
            edits.remove(name);
        }
        match request.get(header::ORIGIN).filter(|origin| self.allows_origin(origin)) {
            Some(origin) => {
                edits.extend(&self.origin_edits(origin));
                if let Some(expose) = &self.expose {
                    edits.set(header::ACCESS_CONTROL_EXPOSE_HEADERS, expose.clone());
                }
            }
            None if self.same_for_all() => {}
            None => edits.append(header::VARY, HeaderValue::from_static("Origin")),
        }
        edits
    }

    fn origin_edits(&self, origin: &HeaderValue) -> HeaderEdits {
        let mut edits = HeaderEdits::new();
        if self.same_for_all() {
            edits.set(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        } else {
            edits.set(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            edits.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if self.credentials {
            edits.set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors() -> Cors {
        Cors {
            origins: vec![
                OriginMatch::Exact("https://a.test".into()),
                OriginMatch::Regex(WholeRegex::parse(r"https://[a-z]+\.b\.test").unwrap()),
            ],
            methods: vec![Method::GET, Method::PUT],
            headers: Some(vec![header::CONTENT_TYPE]),
            expose: None,
            credentials: true,
            max_age: Duration::from_secs(60),
            mode: Mode::Enforce,
        }
    }

    fn asks(origin: &str, method: &str, names: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_str(method).unwrap());
        if !names.is_empty() {
            headers.insert(header::ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_str(names).unwrap());
        }
        headers
    }

    fn verdict(origin: &str, method: &str, names: &str) -> CorsVerdict {
        let headers = asks(origin, method, names);
        cors().preflight(&preflight_method(&Method::OPTIONS, &headers).unwrap(), &headers)
    }

    #[test]
    fn a_preflight_is_allowed_what_is_listed() {
        let CorsVerdict::Allow(answer) = verdict("https://x.b.test", "PUT", "Content-Type") else { panic!("denied") };
        assert_eq!(answer.get("access-control-allow-origin").unwrap(), "https://x.b.test");
        assert_eq!(answer.get("access-control-allow-methods").unwrap(), "GET, PUT");
        assert_eq!(answer.get("access-control-allow-headers").unwrap(), "Content-Type");
        assert_eq!(answer.get("access-control-allow-credentials").unwrap(), "true");
        assert_eq!(answer.get("access-control-max-age").unwrap(), "60");
        assert_eq!(answer.get("vary").unwrap(), "Origin");
    }

    #[test]
    fn a_preflight_is_denied_anything_else() {
        assert_eq!(verdict("https://evil.test", "PUT", ""), CorsVerdict::Deny);
        assert_eq!(verdict("https://a.test.evil.test", "PUT", ""), CorsVerdict::Deny);
        assert_eq!(verdict("https://a.test", "DELETE", ""), CorsVerdict::Deny);
        assert_eq!(verdict("https://a.test", "PUT", "X-Secret"), CorsVerdict::Deny);
        assert_eq!(verdict("null", "PUT", ""), CorsVerdict::Deny);
    }

    #[test]
    fn options_without_a_requested_method_is_no_preflight() {
        let mut headers = asks("https://a.test", "PUT", "");
        assert!(preflight_method(&Method::GET, &headers).is_none());
        headers.remove(header::ACCESS_CONTROL_REQUEST_METHOD);
        assert!(preflight_method(&Method::OPTIONS, &headers).is_none());
    }

    #[test]
    fn an_answer_varies_by_origin_even_for_those_who_get_nothing() {
        let mut answer = HeaderMap::new();
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        cors().answer_edits(&asks("https://evil.test", "GET", "")).apply(&mut answer);
        assert!(!answer.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        assert_eq!(answer.get(header::VARY).unwrap(), "Origin");
    }

    #[test]
    fn any_origin_without_credentials_gets_a_star_and_no_vary() {
        let open = Cors { origins: vec![OriginMatch::Any], credentials: false, ..cors() };
        let mut answer = HeaderMap::new();
        open.answer_edits(&asks("https://evil.test", "GET", "")).apply(&mut answer);
        assert_eq!(answer.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "*");
        assert!(!answer.contains_key(header::VARY));
    }
}
