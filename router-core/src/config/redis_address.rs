//! Where a Redis server is.

use std::fmt;

use crate::filter::path::form_bytes;
use crate::receive::split_authority;

/// The port of Redis.
const PORT: u16 = 6379;

/// Where a Redis server is, and who asks it. What is shown of it has no password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress {
    /// What is spoken with it.
    pub transport: RedisTransport,
    /// Name or address, without the brackets of an IPv6 literal.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The user, where it is not the default one.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The number of the database.
    pub database: u32,
}

/// What is spoken with a Redis server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedisTransport {
    /// `redis://`.
    Clear,
    /// `rediss://`.
    Tls,
}

/// Why text is no address of a Redis server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidRedisAddress {
    /// Neither `redis://` nor `rediss://`.
    Scheme,
    /// The host or port is not valid.
    Authority,
    /// The user or password is not text.
    Credentials,
    /// What follows the port is no number of a database.
    Database,
}

impl fmt::Display for InvalidRedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "expected a URL that starts with `redis://`, or with `rediss://` for TLS",
            Self::Authority => {
                "expected a host name or address and perhaps a port, as in `redis://user:password@host:6379/0`; what means something in a URL, \
                 such as `@` or `/`, is escaped in a password"
            }
            Self::Credentials => "the user name and the password must be UTF-8 where their escapes are read",
            Self::Database => "expected the number of a database behind the port, as in `redis://host:6379/0`, or nothing",
        })
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.transport {
            RedisTransport::Clear => "redis",
            RedisTransport::Tls => "rediss",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}/{}", self.host, self.port, self.database)
        } else {
            write!(f, "{scheme}://{}:{}/{}", self.host, self.port, self.database)
        }
    }
}

impl RedisAddress {
    /// Parses `redis://user:password@host:6379/0`, of which only the scheme and the host must be there.
    ///
    /// # Errors
    /// Says what is no address, without showing any of it: there may be a password in it.
    pub fn parse(url: &str) -> Result<Self, InvalidRedisAddress> {
        let (transport, rest) = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("redis") => (RedisTransport::Clear, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("rediss") => (RedisTransport::Tls, rest),
            _ => return Err(InvalidRedisAddress::Scheme),
        };
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, place) = match authority.rsplit_once('@') {
            Some((credentials, place)) => (Some(credentials), place),
            None => (None, authority),
        };
        let (host, port) = split_authority(place).map_err(|_| InvalidRedisAddress::Authority)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let (user, password) = match credentials {
            None => (None, None),
            Some(credentials) => match credentials.split_once(':') {
                Some((user, password)) => (part(user)?, part(password)?),
                None => (part(credentials)?, None),
            },
        };
        let database = match database {
            "" => 0,
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| InvalidRedisAddress::Database)?
            }
            _ => return Err(InvalidRedisAddress::Database),
        };
        Ok(Self { transport, host: host.to_owned(), port: port.unwrap_or(PORT), user, password, database })
    }
}

/// A user name or password with its escapes read; `None` for an empty one.
fn part(text: &str) -> Result<Option<String>, InvalidRedisAddress> {
    // Unlike in a form `+` stands for itself.
    let bytes: Vec<u8> = form_bytes(&text.replace('+', "%2B")).collect();
    let part = String::from_utf8(bytes).map_err(|_| InvalidRedisAddress::Credentials)?;
    Ok(Some(part).filter(|part| !part.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_perhaps_more() {
        let plain = RedisAddress::parse("redis://cache.example.com").unwrap();
        assert_eq!(plain.to_string(), "redis://cache.example.com:6379/0");
        assert_eq!((plain.user, plain.password), (None, None));
        let full = RedisAddress::parse("REDISS://gate+way:p%40ss%2Fw:rd+@[::1]:6380/15").unwrap();
        assert_eq!(
            (full.transport, full.host.as_str(), full.port, full.database),
            (RedisTransport::Tls, "::1", 6380, 15)
        );
        assert_eq!((full.user.as_deref(), full.password.as_deref()), (Some("gate+way"), Some("p@ss/w:rd+")));
        let password_only = RedisAddress::parse("redis://:secret@10.0.0.1/").unwrap();
        assert_eq!((password_only.user, password_only.password.as_deref()), (None, Some("secret")));
    }

    #[test]
    fn what_is_shown_of_an_address_has_neither_user_nor_password() {
        let address = RedisAddress::parse("rediss://gateway:secret@[::1]/2").unwrap();
        assert_eq!(address.to_string(), "rediss://[::1]:6379/2");
        assert_eq!(format!("{address:?}"), "rediss://[::1]:6379/2");
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, why) in [
            ("", InvalidRedisAddress::Scheme),
            ("cache:6379", InvalidRedisAddress::Scheme),
            ("http://cache", InvalidRedisAddress::Scheme),
            ("redis://", InvalidRedisAddress::Authority),
            ("redis://:secret@", InvalidRedisAddress::Authority),
            ("redis://cache:x", InvalidRedisAddress::Authority),
            ("redis://cache:65536", InvalidRedisAddress::Authority),
            ("redis://a b", InvalidRedisAddress::Authority),
            ("redis://:pass/word@cache", InvalidRedisAddress::Authority),
            ("redis://:%ff@cache", InvalidRedisAddress::Credentials),
            ("redis://cache/first", InvalidRedisAddress::Database),
            ("redis://cache/+1", InvalidRedisAddress::Database),
            ("redis://cache/0/1", InvalidRedisAddress::Database),
            ("redis://cache/0?protocol=resp3", InvalidRedisAddress::Database),
            ("redis://cache/99999999999", InvalidRedisAddress::Database),
        ] {
            assert_eq!(RedisAddress::parse(text), Err(why), "{text}");
        }
    }
}
