//! The authority of a request: host and port (RFC 3986 section 3.2).

/// Text that is not a host and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAuthority;

/// Splits an authority into host and port and checks both: a registered name of letters, digits, `-`, `_` and `.` or an IP literal, and a port of
/// digits. Anything else, userinfo included, is refused: what may be forwarded or matched must mean one thing only.
///
/// # Errors
/// [`InvalidAuthority`].
pub fn split_authority(authority: &str) -> Result<(&str, Option<u16>), InvalidAuthority> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (literal, after) = rest.split_once(']').ok_or(InvalidAuthority)?;
            literal.parse::<std::net::Ipv6Addr>().map_err(|_| InvalidAuthority)?;
            let host = authority.get(..literal.len() + 2).ok_or(InvalidAuthority)?;
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':').ok_or(InvalidAuthority)?) })
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if host.is_empty() || host.len() > 255 || !(host.starts_with('[') || host.bytes().all(is_name)) {
        return Err(InvalidAuthority);
    }
    let port = match port {
        // `host:` is a valid way to write no port (RFC 3986 section 3.2.3).
        None | Some("") => None,
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(port.parse().map_err(|_| InvalidAuthority)?)
        }
        Some(_) => return Err(InvalidAuthority),
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_a_host_and_perhaps_a_port() {
        assert_eq!(split_authority("example.com"), Ok(("example.com", None)));
        assert_eq!(split_authority("example.com:8080"), Ok(("example.com", Some(8080))));
        assert_eq!(split_authority("example.com:"), Ok(("example.com", None)));
        assert_eq!(split_authority("[::1]:80"), Ok(("[::1]", Some(80))));
        assert_eq!(split_authority("[::1]"), Ok(("[::1]", None)));
        for bad in
            ["", ":80", "a b", "a/b", "user@host", "a:99999", "a:8x", "[::1", "[::1]80", "[zz]", "é", "a,b", "a:+8"]
        {
            assert_eq!(split_authority(bad), Err(InvalidAuthority), "{bad}");
        }
    }
}
