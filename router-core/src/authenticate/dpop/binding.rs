//! To whom a token is bound: `cnf` (RFC 7800).

use serde_json::Value;

use super::ProofRules;
use crate::authenticate::Refusal;
use crate::authenticate::jose::base64;

/// What the sender of a token must prove. Both may be asked for at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// The thumbprint of the key that must have signed a DPoP proof (`jkt`, RFC 9449 section 6.1).
    pub key: Option<[u8; 32]>,
    /// The SHA-256 fingerprint of the certificate that the connection must have (`x5t#S256`, RFC 8705 section 3.1).
    pub certificate: Option<[u8; 32]>,
}

impl Binding {
    /// Reads `cnf` of a token that came with the scheme `DPoP` or not.
    ///
    /// # Errors
    /// * [`Refusal::ProofMissing`]: bound to a key and sent as `Bearer`, which would make a bearer token of it (RFC 9449 section 7.2); or bound to
    ///   nobody where a proof is always needed.
    /// * [`Refusal::Invalid`]: sent as `DPoP` without being bound to a key, or bound in a way that is not known here. A method of confirmation that
    ///   cannot be checked must not be skipped.
    pub fn of(rules: &ProofRules, dpop_scheme: bool, cnf: Option<&Value>) -> Result<Self, Refusal> {
        let binding = match cnf {
            None => Self::default(),
            Some(cnf) => Self::read(cnf).ok_or(Refusal::Invalid)?,
        };
        match (binding.key, dpop_scheme) {
            (Some(_), false) => Err(Refusal::ProofMissing),
            (None, true) => Err(Refusal::Invalid),
            (None, false) if binding.certificate.is_none() && rules.always => Err(Refusal::ProofMissing),
            (Some(_), true) | (None, false) => Ok(binding),
        }
    }

    fn read(cnf: &Value) -> Option<Self> {
        let mut binding = Self::default();
        for (name, value) in cnf.as_object().filter(|members| !members.is_empty())? {
            let hash =
                value.as_str().and_then(base64::decode_url).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())?;
            match name.as_str() {
                "jkt" => binding.key = Some(hash),
                "x5t#S256" => binding.certificate = Some(hash),
                _ => return None,
            }
        }
        Some(binding)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::authenticate::dpop::Rules;
    use crate::authenticate::jose::Algorithm;

    const HASH: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

    fn of(always: bool, dpop_scheme: bool, cnf: Option<Value>) -> Result<Binding, Refusal> {
        let dpop = Rules { algorithms: vec![Algorithm::Es256], window: Duration::from_secs(60), nonce: None };
        Binding::of(&ProofRules { always, dpop }, dpop_scheme, cnf.as_ref())
    }

    #[test]
    fn a_token_bound_to_a_key_is_never_a_bearer_token_and_the_other_way_round() {
        let key = Binding { key: Some([1; 32]), certificate: None };
        assert_eq!(of(false, true, Some(json!({"jkt": HASH}))), Ok(key));
        assert_eq!(of(false, false, Some(json!({"jkt": HASH}))), Err(Refusal::ProofMissing));
        assert_eq!(of(false, true, None), Err(Refusal::Invalid));
        assert_eq!(of(false, true, Some(json!({"x5t#S256": HASH}))), Err(Refusal::Invalid));
        let both = Binding { key: Some([1; 32]), certificate: Some([1; 32]) };
        assert_eq!(of(true, true, Some(json!({"jkt": HASH, "x5t#S256": HASH}))), Ok(both));
    }

    #[test]
    fn a_token_bound_to_nobody_is_taken_unless_a_proof_is_always_needed() {
        assert_eq!(of(false, false, None), Ok(Binding::default()));
        assert_eq!(of(true, false, None), Err(Refusal::ProofMissing));
        let certificate = Binding { key: None, certificate: Some([1; 32]) };
        assert_eq!(of(true, false, Some(json!({"x5t#S256": HASH}))), Ok(certificate));
    }

    #[test]
    fn a_confirmation_that_cannot_be_checked_is_refused() {
        for cnf in [
            json!({}),
            json!(null),
            json!("jkt"),
            json!({"kid": "a"}),
            json!({"jwk": {"kty": "OKP"}}),
            json!({"jkt": HASH, "x5u": "https://a"}),
            json!({"jkt": 1}),
            json!({"jkt": ""}),
            json!({"jkt": format!("{HASH}=")}),
            json!({"jkt": "AQEB"}),
            json!({"x5t#s256": HASH}),
        ] {
            for (always, dpop_scheme) in [(false, false), (false, true), (true, true)] {
                assert_eq!(of(always, dpop_scheme, Some(cnf.clone())), Err(Refusal::Invalid), "{cnf}");
            }
        }
    }
}
