//! Every way in which the gateway itself says no, and its one mapping to the wire (RFC 9457).
//!
//! The set is closed and the mapping has no wildcard arm: a new rejection does not compile until it has a code, a status and a sentence.
//! What a client is told never contains internal detail; that goes to the log.

use std::time::Duration;

use http::{HeaderValue, Method, StatusCode};

use crate::authenticate::Refusal;
use crate::filter::path::InvalidPath;

/// Why a request is refused, with what its sender may know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The client's address may not use this (filter).
    AddressDenied,
    /// The request body is larger than allowed (receive, or dispatch when its length was not declared).
    BodyTooLarge {
        /// In bytes.
        limit: u64,
    },
    /// The client stopped sending its body (dispatch).
    BodyIncomplete,
    /// It is known who asks, and they may not (authenticate).
    Forbidden(Box<Forbidden>),
    /// The header fields are too many or too large (receive).
    HeadersTooLarge {
        /// What is exceeded, and by which limit.
        limit: HeaderLimit,
    },
    /// Who asks cannot be told now: keys cannot be had, a store or an issuer is down (authenticate).
    IdentityUnavailable {
        /// When it may be worth trying again.
        retry_after: Option<Duration>,
    },
    /// Something in the gateway failed that should not have: a bug (any stage).
    Internal,
    /// A quota is used up, or cannot be asked (limit).
    LimitExceeded(Box<Exceeded>),
    /// The request lacks something by which it must be counted (limit).
    LimitKeyMissing {
        /// What it lacks, such as `header:x-tenant`.
        part: String,
    },
    /// The request has passed this gateway too often (receive).
    LoopDetected,
    /// The request is not well-formed (receive, filter).
    Malformed(Malformed),
    /// A route has this path, but not with this method (route).
    MethodNotAllowed {
        /// What `Allow` says.
        allow: Vec<Method>,
    },
    /// The gateway does not do this method at all (receive).
    MethodNotImplemented,
    /// Nothing is stored for it, and the client wants nothing else (cache).
    NotCached,
    /// The preflight's origin, method or headers are not allowed (filter).
    OriginNotAllowed,
    /// No target can be asked (balance).
    NoTarget,
    /// A purge that names nothing, too much, or what is no name (cache).
    PurgeMalformed {
        /// What is wrong with it.
        why: String,
    },
    /// The purge cannot be written down now (cache).
    PurgeUnavailable,
    /// No route takes this request (route).
    RouteNotFound,
    /// It is not known who asks (authenticate).
    Unauthenticated(Box<Unauthenticated>),
    /// The upstream could not be asked or gave no usable answer (dispatch).
    UpstreamFailed(UpstreamFault),
    /// The upstream did not answer in time (dispatch).
    UpstreamTimeout,
    /// The request target is too long (receive).
    UrlTooLong {
        /// In bytes.
        limit: u64,
    },
}

/// Why it is not known who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unauthenticated {
    /// What is wrong with the credential; `None` if there is none.
    pub refusal: Option<Refusal>,
    /// The lines of `WWW-Authenticate`: at least one (RFC 9110 section 15.5.2).
    pub challenges: Vec<HeaderValue>,
}

/// Why somebody who is known may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forbidden {
    /// What is missing.
    pub missing: Missing,
    /// The lines of `WWW-Authenticate`, where asking for more may help (RFC 6750 section 3.1).
    pub challenges: Vec<HeaderValue>,
}

/// Which limits refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// Their names: at least one.
    pub violated: Vec<String>,
    /// After which time the request would be admitted, if that is known and will ever be.
    pub retry_after: Option<Duration>,
    /// Whether it is the service that has less to give than usual, rather than the client that took its share.
    pub reduced_capacity: bool,
}

/// What is missing. The consumer can know it; a policy's text is never told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// These scopes.
    Scopes(Vec<String>),
    /// A role.
    Role,
    /// The condition does not hold.
    Permission,
    /// A claim that the upstream must be told.
    Claim,
}

/// A limit of header fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderLimit {
    /// So many bytes in all.
    Bytes(u64),
    /// So many fields.
    Count(u32),
}

/// What is not well-formed. The client can see it in its own request, so it may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// `Content-Length` is not a number, or there are two that differ.
    ContentLength,
    /// The path has a percent sign that is not followed by two hexadecimal digits.
    Escape,
    /// The path contains an encoded slash or backslash where it is not accepted.
    EncodedSeparator,
    /// The head could not be read: a field name or value with forbidden bytes.
    Head,
    /// `Host` is not a host and port.
    Host,
    /// HTTP/1.1 wants one `Host`, and there is none, or more than one.
    HostMissing,
    /// The path contains a character that is not allowed there, or a null byte.
    PathCharacter,
    /// The rewritten path would leave what its route stands for.
    PathEscape,
    /// The request target is not a path.
    Target,
}

/// Whose fault a failed exchange with an upstream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamFault {
    /// It could not be reached: refused, name not found, TLS not agreed.
    Unreachable,
    /// The connection broke before the answer.
    Reset,
    /// The answer was not HTTP.
    Protocol,
    /// The platform does not allow to ask it.
    Denied,
    /// The platform does not say.
    Unknown,
}

/// A rejection as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code: last part of the problem's `type`, and the `code` of the log.
    pub code: &'static str,
    /// The problem's `title`.
    pub title: &'static str,
    /// The problem's `detail`: what was found and what to do.
    pub detail: String,
    /// `Retry-After`, where a time is known.
    pub retry_after: Option<Duration>,
}

/// What problem types start with; the code follows.
pub const TYPE_PREFIX: &str = "urn:tidegate:problem:";

/// What the problem types of limits start with (draft-ietf-httpapi-ratelimit-headers-11 section 5).
pub const IANA_TYPE_PREFIX: &str = "https://iana.org/assignments/http-problem-types#";

impl Rejection {
    /// The one mapping to the wire.
    #[must_use]
    pub fn wire(&self) -> Wire {
        let (status, code, title, detail) = match self {
            Self::AddressDenied => (
                StatusCode::FORBIDDEN,
                "address-denied",
                "Address not allowed",
                "This address may not use this service.".into(),
            ),
            Self::BodyTooLarge { limit } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body-too-large",
                "Body too large",
                format!("The request body is larger than the {limit} bytes that are accepted here."),
            ),
            Self::BodyIncomplete => (
                StatusCode::BAD_REQUEST,
                "body-incomplete",
                "Body incomplete",
                "The request body ended before its announced end.".into(),
            ),
            Self::Forbidden(forbidden) => {
                let (code, detail) = forbidden.missing.wire();
                (StatusCode::FORBIDDEN, code, "Forbidden", detail)
            }
            Self::HeadersTooLarge { limit: HeaderLimit::Bytes(limit) } => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "headers-too-large",
                "Header fields too large",
                format!("The header fields are larger than the {limit} bytes that are accepted."),
            ),
            Self::HeadersTooLarge { limit: HeaderLimit::Count(limit) } => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "headers-too-many",
                "Too many header fields",
                format!("There are more header fields than the {limit} that are accepted."),
            ),
            Self::IdentityUnavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "identity-unavailable",
                "Identity unavailable",
                "It cannot be checked now who asks.".into(),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Internal error",
                "The gateway failed. The request id finds the reason in its log.".into(),
            ),
            Self::LimitExceeded(exceeded) if exceeded.reduced_capacity => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporary-reduced-capacity",
                "Temporarily reduced capacity",
                "The service can take fewer requests than usual for a while.".into(),
            ),
            Self::LimitExceeded(exceeded) => {
                (StatusCode::TOO_MANY_REQUESTS, "quota-exceeded", "Quota exceeded", exceeded.sentence())
            }
            Self::LimitKeyMissing { part } => (
                StatusCode::BAD_REQUEST,
                "limit-key-missing",
                "Something to count by is missing",
                format!("Requests are counted here by `{part}`, and this one has none."),
            ),
            Self::LoopDetected => (
                StatusCode::LOOP_DETECTED,
                "loop-detected",
                "Loop detected",
                "The request has passed this gateway before: an upstream leads back to it.".into(),
            ),
            Self::Malformed(what) => {
                let (code, detail) = what.wire();
                (StatusCode::BAD_REQUEST, code, "Malformed request", detail.into())
            }
            Self::MethodNotAllowed { allow } => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
                format!("This path takes {}.", allow_list(allow)),
            ),
            Self::MethodNotImplemented => (
                StatusCode::NOT_IMPLEMENTED,
                "method-not-implemented",
                "Method not implemented",
                "The gateway does not pass this method on.".into(),
            ),
            Self::NotCached => (
                StatusCode::GATEWAY_TIMEOUT,
                "not-cached",
                "Not cached",
                "Nothing is stored for this request, and it asks for nothing else (only-if-cached).".into(),
            ),
            Self::PurgeMalformed { why } => {
                (StatusCode::BAD_REQUEST, "purge-malformed", "Malformed purge", format!("This is no purge: {why}."))
            }
            Self::PurgeUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "purge-unavailable",
                "Purge unavailable",
                "The purge could not be written down, and nothing is purged. It is safe to try again.".into(),
            ),
            Self::OriginNotAllowed => (
                StatusCode::FORBIDDEN,
                "origin-not-allowed",
                "Cross-origin request not allowed",
                "The origin, method or headers that the preflight asks for are not allowed here.".into(),
            ),
            Self::NoTarget => (
                StatusCode::SERVICE_UNAVAILABLE,
                "no-target",
                "No target available",
                "No target of the upstream can be asked now.".into(),
            ),
            Self::RouteNotFound => {
                (StatusCode::NOT_FOUND, "route-not-found", "Not found", "No route takes this request.".into())
            }
            Self::Unauthenticated(unauthenticated) => {
                let (code, detail) = refusal_wire(unauthenticated.refusal.as_ref());
                match unauthenticated.refusal {
                    // The request itself is wrong, and no other credential would help (RFC 6750 section 3.1, `invalid_request`).
                    Some(Refusal::Ambiguous) => (StatusCode::BAD_REQUEST, code, "Several credentials", detail.into()),
                    _ => (StatusCode::UNAUTHORIZED, code, "Unauthorized", detail.into()),
                }
            }
            Self::UpstreamFailed(fault) => {
                let (code, detail) = fault.wire();
                (StatusCode::BAD_GATEWAY, code, "Bad gateway", detail.into())
            }
            Self::UpstreamTimeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "upstream-timeout",
                "Gateway timeout",
                "The upstream did not answer in time.".into(),
            ),
            Self::UrlTooLong { limit } => (
                StatusCode::URI_TOO_LONG,
                "url-too-long",
                "URL too long",
                format!("The request target is longer than the {limit} bytes that are accepted."),
            ),
        };
        let retry_after = match self {
            Self::IdentityUnavailable { retry_after } => *retry_after,
            Self::LimitExceeded(exceeded) => exceeded.retry_after,
            _ => None,
        };
        Wire { status, code, title, detail, retry_after }
    }

    /// The URI of the problem's type.
    #[must_use]
    pub fn type_uri(&self) -> String {
        let prefix = if matches!(self, Self::LimitExceeded(_)) { IANA_TYPE_PREFIX } else { TYPE_PREFIX };
        format!("{prefix}{}", self.code())
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.wire().code
    }
}

/// The sentence for a refusal, as a challenge says it too.
pub(crate) fn refusal_sentence(refusal: &Refusal) -> &'static str {
    refusal_wire(Some(refusal)).1
}

impl Exceeded {
    fn sentence(&self) -> String {
        match self.retry_after {
            Some(_) => "No more requests are taken for now. Retry-After says when there are.".into(),
            None => "This costs more than the whole quota.".into(),
        }
    }
}

/// A sentence for each refusal. None says which part of a secret was wrong.
fn refusal_wire(refusal: Option<&Refusal>) -> (&'static str, &'static str) {
    match refusal {
        None => ("credentials-missing", "This needs credentials."),
        Some(Refusal::Ambiguous) => (
            "credentials-ambiguous",
            "There are several credentials, or one that cannot be read, where one is expected.",
        ),
        Some(Refusal::Malformed) => {
            ("credentials-malformed", "The credentials do not have the form that is expected here.")
        }
        Some(Refusal::Invalid) => ("credentials-invalid", "The credentials are not valid here."),
        Some(Refusal::Expired) => ("credentials-expired", "The credentials have expired."),
        Some(Refusal::NotYetValid) => ("credentials-not-yet-valid", "The credentials are not valid yet."),
        Some(Refusal::Replayed | Refusal::ProofReplayed) => {
            ("credentials-replayed", "The proof or nonce was used before.")
        }
        Some(Refusal::ProofMissing) => ("proof-missing", "The credentials need a proof that they are yours."),
        Some(Refusal::ProofInvalid) => ("proof-invalid", "The proof that the credentials are yours is not valid."),
        Some(Refusal::NonceNeeded(_)) => ("proof-nonce-needed", "The proof must hold the nonce in DPoP-Nonce."),
        Some(Refusal::DigestMismatch) => ("digest-mismatch", "The body is not the one that was signed."),
    }
}

impl Missing {
    fn wire(&self) -> (&'static str, String) {
        match self {
            Self::Scopes(scopes) => ("scope-missing", format!("The credentials lack the scope {}.", scopes.join(", "))),
            Self::Role => ("role-missing", "The credentials lack the role that is needed here.".into()),
            Self::Permission => ("permission-denied", "The credentials do not permit this.".into()),
            Self::Claim => ("claim-missing", "The credentials lack a claim that is needed here.".into()),
        }
    }
}

impl Malformed {
    fn wire(self) -> (&'static str, &'static str) {
        match self {
            Self::ContentLength => ("malformed-content-length", "Content-Length must be one number."),
            Self::Escape => {
                ("malformed-escape", "Each percent sign in the path must be followed by two hexadecimal digits.")
            }
            Self::EncodedSeparator => {
                ("encoded-separator", "The path contains %2F or %5C, which is not accepted here.")
            }
            Self::Head => ("malformed-head", "A header field has bytes that are not allowed."),
            Self::Host => ("malformed-host", "Host must be a host name or address, with a port if need be."),
            Self::HostMissing => ("host-missing", "The request must have exactly one Host."),
            Self::PathCharacter => {
                ("malformed-path", "The path contains a character that must be percent-encoded, or a null byte.")
            }
            Self::PathEscape => ("path-escape", "The path leads outside of what is served here."),
            Self::Target => ("malformed-target", "The request target must be a path."),
        }
    }
}

impl From<InvalidPath> for Malformed {
    fn from(invalid: InvalidPath) -> Self {
        match invalid {
            InvalidPath::BadPercent => Self::Escape,
            InvalidPath::EncodedSlash | InvalidPath::EncodedBackslash => Self::EncodedSeparator,
            InvalidPath::EncodedNul | InvalidPath::ControlCharacter | InvalidPath::ForbiddenCharacter => {
                Self::PathCharacter
            }
            InvalidPath::NotAbsolute => Self::Target,
        }
    }
}

impl UpstreamFault {
    fn wire(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreachable => ("upstream-unreachable", "The upstream could not be reached."),
            Self::Reset => ("upstream-reset", "The upstream closed the connection before it answered."),
            Self::Protocol => ("upstream-protocol", "The upstream's answer could not be understood."),
            Self::Denied => ("upstream-denied", "The platform does not allow the gateway to reach the upstream."),
            Self::Unknown => ("upstream-failed", "The upstream could not be asked."),
        }
    }
}

/// The methods as `Allow` lists them (RFC 9110 section 10.2.1).
#[must_use]
pub fn allow_list(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}
