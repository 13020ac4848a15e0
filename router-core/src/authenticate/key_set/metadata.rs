//! The metadata of an issuer (OpenID Connect Discovery section 3, RFC 8414 section 2), as far as it leads to the key set.

use serde_json::Value;

use super::Remote;
use crate::authenticate::endpoint::Endpoint;
use crate::authenticate::jose::strict_json;

/// The largest metadata that are read, in bytes. Real ones have 2 to 8 KiB.
pub const MAX_METADATA: usize = 64 * 1024;

impl Remote {
    /// Where the key set is, by the metadata that came from [`Remote::asked`].
    ///
    /// # Errors
    /// For the log: they are no metadata, not those of the issuer (RFC 8414 section 3.3: then nothing in them counts), or name no key set that could
    /// be trusted. Metadata that came by TLS may not lead to a key set without TLS, except on this machine.
    pub fn key_set_of(&self, metadata: &[u8]) -> Result<Endpoint, String> {
        let asked = self.asked();
        let members = strict_json::object(metadata).filter(|_| metadata.len() <= MAX_METADATA).ok_or_else(|| {
            format!("{asked} answered with something that is no JSON object without duplicate members")
        })?;
        if let Some(issuer) = self.issuer()
            && members.get("issuer").and_then(Value::as_str) != Some(issuer)
        {
            return Err(format!("the metadata at {asked} are not those of the issuer `{issuer}`"));
        }
        let Some(url) = members.get("jwks_uri").and_then(Value::as_str) else {
            return Err(format!("the metadata at {asked} name no `jwks_uri`"));
        };
        let endpoint = Endpoint::parse(url)
            .map_err(|invalid| format!("the `jwks_uri` in the metadata at {asked} cannot be asked: {invalid}"))?;
        if endpoint.is_plain() && !(asked.is_plain() || endpoint.is_loopback() && asked.is_loopback()) {
            return Err(format!("the `jwks_uri` in the metadata at {asked} is to be asked without TLS"));
        }
        Ok(endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str, metadata: &str) -> Result<String, String> {
        let remote = Remote::discovery(Endpoint::parse(url).unwrap(), "https://issuer.test/");
        remote.key_set_of(metadata.as_bytes()).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn leads_to_the_key_set_of_the_issuer() {
        let metadata = r#"{"issuer":"https://issuer.test/","jwks_uri":"https://keys.test/a?b=c","other":[1]}"#;
        assert_eq!(at("https://issuer.test/m", metadata).as_deref(), Ok("https://keys.test/a?b=c"));
        let plain = r#"{"issuer":"https://issuer.test/","jwks_uri":"http://keys.test/"}"#;
        assert_eq!(at("http://issuer.test/m", plain).as_deref(), Ok("http://keys.test/"));
    }

    #[test]
    fn metadata_that_lie_lead_nowhere() {
        for metadata in [
            r#"{"issuer":"https://issuer.test","jwks_uri":"https://keys.test/"}"#,
            r#"{"issuer":"https://evil.test/","jwks_uri":"https://keys.test/"}"#,
            r#"{"jwks_uri":"https://keys.test/"}"#,
            r#"{"issuer":"https://issuer.test/"}"#,
            r#"{"issuer":"https://issuer.test/","jwks_uri":7}"#,
            r#"{"issuer":"https://issuer.test/","jwks_uri":"file:///etc/passwd"}"#,
            r#"{"issuer":"https://issuer.test/","jwks_uri":"https://a:b@keys.test/"}"#,
            r#"{"issuer":"https://issuer.test/","jwks_uri":"http://keys.test/"}"#,
            r#"{"issuer":"https://issuer.test/","jwks_uri":"http://127.0.0.1/"}"#,
            r#"[]"#,
            "",
            "<html>",
        ] {
            assert!(at("https://issuer.test/m", metadata).is_err(), "{metadata}");
        }
    }
}
