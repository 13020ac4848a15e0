//! Hosts: exact names, `*.example.com`, and IP literals.
//!
//! Names of hosts are compared without regard to case, without a dot at their end and without a port (RFC 9110 §4.2.3, RFC 3986 §3.2.2).

use std::{borrow::Cow, fmt, net::Ipv6Addr};

/// Longest name in text form (RFC 1035 §2.3.4).
const MAX_NAME: usize = 253;
/// Longest label (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// The hosts a route answers for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostPattern {
    /// The name, or for a wildcard what follows `*.`.
    name: Box<str>,
    is_wildcard: bool,
}

/// A host pattern that no request could match, or that does not say what was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidHost {
    /// Nothing.
    Empty,
    /// `*` alone.
    OnlyWildcard,
    /// `*` elsewhere than as the whole first label.
    MisplacedWildcard,
    /// A port; holds the host without it.
    Port(String),
    /// `http://` or a path.
    NotOnlyAHost,
    /// Letters beyond ASCII.
    NotAscii,
    /// A label that is empty; names the two dots.
    EmptyLabel,
    /// A label or name that is too long; holds the length and the limit.
    TooLong(usize, usize),
    /// A character that no host name has.
    Character(char),
    /// Brackets without an IPv6 address in them.
    Address(String),
}

impl HostPattern {
    /// Reads `example.com`, `*.example.com`, `192.0.2.1` or `[2001:db8::1]`.
    pub fn parse(text: &str) -> Result<Self, InvalidHost> {
        if text.is_empty() {
            return Err(InvalidHost::Empty);
        }
        if text == "*" {
            return Err(InvalidHost::OnlyWildcard);
        }
        if text.contains('/') {
            return Err(InvalidHost::NotOnlyAHost);
        }
        if text.starts_with('[') {
            return address(text);
        }
        if let Some((host, _)) = text.split_once(':') {
            return Err(match text.parse::<Ipv6Addr>() {
                Ok(_) => InvalidHost::Address(text.to_owned()),
                Err(_) => InvalidHost::Port(host.to_owned()),
            });
        }
        let (name, is_wildcard) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        checked(&name)?;
        Ok(Self { name: name.into(), is_wildcard })
    }

    /// Whether this is `*.…`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.is_wildcard
    }

    /// The name, or what follows `*.`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How many labels the name has, the wildcard not counted.
    pub(super) fn labels(&self) -> usize {
        self.name.split('.').count()
    }

    /// Whether a host in normal form matches.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        if !self.is_wildcard {
            return host == &*self.name;
        }
        host.strip_suffix(&*self.name)
            .and_then(|labels| labels.strip_suffix('.'))
            .is_some_and(|labels| !labels.is_empty())
    }
}

fn checked(name: &str) -> Result<(), InvalidHost> {
    if !name.is_ascii() {
        return Err(InvalidHost::NotAscii);
    }
    if name.len() > MAX_NAME {
        return Err(InvalidHost::TooLong(name.len(), MAX_NAME));
    }
    if name.contains('*') {
        return Err(InvalidHost::MisplacedWildcard);
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err(InvalidHost::EmptyLabel);
        }
        if label.len() > MAX_LABEL {
            return Err(InvalidHost::TooLong(label.len(), MAX_LABEL));
        }
        // The underscore is in no host name of the RFCs, and in many of real life.
        if let Some(odd) = label.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
            return Err(InvalidHost::Character(odd));
        }
    }
    Ok(())
}

fn address(text: &str) -> Result<HostPattern, InvalidHost> {
    if let Some((host, port)) = text.rsplit_once("]:")
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(InvalidHost::Port(format!("{host}]")));
    }
    let address = text
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .and_then(|inner| inner.parse::<Ipv6Addr>().ok())
        .ok_or_else(|| InvalidHost::Address(text.to_owned()))?;
    Ok(HostPattern { name: format!("[{address}]").into(), is_wildcard: false })
}

/// The name that hosts are compared by: lower case, without a port and without a dot at its end; IPv6 addresses in their shortest form.
/// `None` where there is no name in it. Borrows what is normal already.
#[must_use]
pub fn normal_host(authority: &str) -> Option<Cow<'_, str>> {
    if authority.starts_with('[') {
        let (inner, after) = authority.strip_prefix('[')?.split_once(']')?;
        if !(after.is_empty() || after.starts_with(':')) {
            return None;
        }
        let shortest = format!("[{}]", inner.parse::<Ipv6Addr>().ok()?);
        let as_sent = authority.get(..inner.len() + 2)?;
        return Some(if as_sent == shortest { Cow::Borrowed(as_sent) } else { Cow::Owned(shortest) });
    }
    let host = match authority.split_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) => return None,
        None => authority,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    // No name of DNS is longer. Not looking at longer ones bounds the work for hosts made of dots.
    if host.is_empty() || host.len() > MAX_NAME {
        return None;
    }
    Some(if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    })
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_wildcard { "*." } else { "" }, self.name)
    }
}

impl fmt::Display for InvalidHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a host cannot be empty"),
            Self::OnlyWildcard => f.write_str("`*` alone is not a host; leave `hosts` out to match every host"),
            Self::MisplacedWildcard => {
                f.write_str("`*` can only be the whole first label, as in `*.example.com`; it stands for one or more labels")
            }
            Self::Port(host) => {
                write!(f, "routes match hosts without ports; write `{host}`, which matches on every port")
            }
            Self::NotOnlyAHost => f.write_str("a host has no scheme and no path; write `example.com`"),
            Self::NotAscii => f.write_str(
                "international names arrive in their ASCII form; write the A-labels, for example `xn--bcher-kva.example` for `bücher.example`",
            ),
            Self::EmptyLabel => f.write_str("a host cannot have two dots in a row or a dot at its start"),
            Self::TooLong(found, limit) => write!(f, "{found} characters are too many; the limit of DNS is {limit}"),
            Self::Character(odd) => write!(f, "`{odd}` cannot stand in a host name"),
            Self::Address(text) => {
                write!(f, "`{text}` is not an IPv6 address in brackets, such as `[2001:db8::1]`")
            }
        }
    }
}

impl std::error::Error for InvalidHost {}
