//! A DPoP proof, judged (RFC 9449 section 4.3).

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

use super::nonce::Known;
use super::{DPOP, DPOP_NONCE, Rules, uri};
use crate::atomic::Transition;
use crate::authenticate::Refusal;
use crate::authenticate::jose::{Algorithm, Digest, Jws, Key, base64, equal, strict_json};
use crate::head::Scheme;

/// The longest proof, in bytes. One with an RSA key of 8192 bits has about four thousand.
const MAX_PROOF: usize = 8 * 1024;
/// The longest `jti`, in bytes. A UUID has 36.
const MAX_JTI: usize = 256;
/// The store's clock may be behind the gateway's: a claim outlives its proof by this.
const MARGIN_MS: u64 = 5_000;
/// Members of JWKs that no public key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1). Whoever sends them has told everyone the private key.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The request that a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Its method.
    pub method: &'a Method,
    /// The scheme that the client used.
    pub scheme: Scheme,
    /// The authority that the client asked for, if it told one.
    pub authority: Option<&'a str>,
    /// The path that the client sent, before the gateway normalised it.
    pub path: &'a str,
    /// The access token that came with it.
    pub token: &'a str,
    /// The thumbprint of the key that the token is bound to (RFC 7638).
    pub thumbprint: &'a [u8; 32],
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// A proof in which everything is right as far as it can be told without its signature and without knowing what was used before.
#[derive(Clone, Debug)]
pub struct Proof<'h> {
    /// The algorithm, one of the rules'.
    pub algorithm: Algorithm,
    /// The key that must have signed; the token's.
    pub key: Key,
    /// What must be signed.
    pub signed: &'h str,
    /// The signature.
    pub signature: Vec<u8>,
    /// The nonce that the client shall use from now on, if it is not the one it used.
    pub tell: Option<(HeaderName, HeaderValue)>,
    claim: String,
    lifetime_ms: u64,
}

impl<'h> Proof<'h> {
    /// Reads and judges the proof in `headers`.
    ///
    /// # Errors
    /// * [`Refusal::ProofMissing`]: there is none.
    /// * [`Refusal::Invalid`]: it is by another key than the token is bound to.
    /// * [`Refusal::NonceNeeded`]: it has no nonce, or one that is not taken; any other mistake is told first.
    /// * [`Refusal::ProofInvalid`]: anything else.
    pub fn read(rules: &Rules, headers: &'h HeaderMap, expected: &Expected<'_>) -> Result<Self, Refusal> {
        let jws = Jws::parse(only(headers)?, MAX_PROOF).map_err(|_| Refusal::ProofInvalid)?;
        let typed = jws.token_type() == Some("dpop+jwt");
        if !typed || jws.algorithm.is_symmetric() || !rules.algorithms.contains(&jws.algorithm) {
            return Err(Refusal::ProofInvalid);
        }
        let key = public_key(&jws.header).filter(|key| key.fits(jws.algorithm)).ok_or(Refusal::ProofInvalid)?;
        let claims = strict_json::object(&jws.payload).ok_or(Refusal::ProofInvalid)?;
        let (claim, lifetime_ms) = judge(rules, &claims, expected).ok_or(Refusal::ProofInvalid)?;
        if !equal(&key.thumbprint(), expected.thumbprint) {
            return Err(Refusal::Invalid);
        }
        let tell = nonce(rules, &claims, expected.now_ms)?;
        let Jws { algorithm, signed, signature, .. } = jws;
        Ok(Self { algorithm, key, signed, signature, tell, claim, lifetime_ms })
    }

    /// The key under which the replay store knows this proof, and the claim to make once its signature has been found good. It lasts as long as the
    /// proof would be taken.
    #[must_use]
    pub fn claim(&self) -> (&str, Transition) {
        (&self.claim, Transition::Claim { lifetime_ms: self.lifetime_ms })
    }
}

/// Exactly one field with one value (item 1). A comma, with which some hosts join lines, stands in no proof.
fn only(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut lines = headers.get_all(DPOP).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Err(Refusal::ProofMissing),
        (Some(line), None) => line.to_str().map_err(|_| Refusal::ProofInvalid),
        (Some(_), Some(_)) => Err(Refusal::ProofInvalid),
    }
}

/// `jwk` of the header: a public key (item 7).
fn public_key(header: &Map<String, Value>) -> Option<Key> {
    let jwk = header.get("jwk")?.as_object()?;
    if PRIVATE.iter().any(|member| jwk.contains_key(*member)) {
        return None;
    }
    Key::from_jwk(jwk).ok().filter(|key| key.secret().is_none())
}

/// The claims (items 3 and 8 to 12): the replay store's key for them and for how long they would be taken, in milliseconds.
fn judge(rules: &Rules, claims: &Map<String, Value>, expected: &Expected<'_>) -> Option<(String, u64)> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let htu = uri::of_parts(expected.scheme, expected.authority?, expected.path)?;
    if text("htm")? != expected.method.as_str() || uri::normal(text("htu")?)? != htu {
        return None;
    }
    let ath = base64::encode_url(&Digest::Sha256.of(expected.token.as_bytes()));
    if !equal(text("ath")?.as_bytes(), ath.as_bytes()) {
        return None;
    }
    let jti = text("jti").filter(|jti| (1..=MAX_JTI).contains(&jti.len()))?;
    let window = u64::try_from(rules.window.as_millis()).ok()?;
    let iat = date_ms(claims.get("iat")?)?;
    if iat.abs_diff(expected.now_ms) > window {
        return None;
    }
    // Not asked for by RFC 9449, but with the meaning that every JWT gives them (RFC 7519 sections 4.1.4 and 4.1.5).
    if let Some(exp) = claims.get("exp")
        && date_ms(exp)? <= expected.now_ms
    {
        return None;
    }
    if let Some(nbf) = claims.get("nbf")
        && date_ms(nbf)? > expected.now_ms.saturating_add(window)
    {
        return None;
    }
    let lifetime_ms = iat.saturating_add(window).saturating_sub(expected.now_ms).saturating_add(MARGIN_MS);
    Some((claim_key(expected.thumbprint, jti, &htu), lifetime_ms))
}

/// A `NumericDate` in milliseconds (RFC 7519 section 2). Its fraction is cut off.
fn date_ms(date: &Value) -> Option<u64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to lie within u64")]
    let seconds = match date.as_u64() {
        Some(seconds) => seconds,
        None => date.as_f64().filter(|date| (0.0..1e15).contains(date)).map(|date| date as u64)?,
    };
    seconds.checked_mul(1000)
}

/// A hash, since a client chooses what is in it. Each part has a known length or its length before it, so that no two mean the same.
fn claim_key(thumbprint: &[u8; 32], jti: &str, htu: &str) -> String {
    let mut parts = thumbprint.to_vec();
    parts.extend_from_slice(&(jti.len() as u64).to_be_bytes());
    parts.extend_from_slice(jti.as_bytes());
    parts.extend_from_slice(htu.as_bytes());
    format!("dpop/{}", base64::encode_url(&Digest::Sha256.of(&parts)))
}

/// What becomes of the nonce: the one to tell, if there is a newer one (RFC 9449 section 8.2).
fn nonce(
    rules: &Rules,
    claims: &Map<String, Value>,
    now_ms: u64,
) -> Result<Option<(HeaderName, HeaderValue)>, Refusal> {
    let Some(nonces) = &rules.nonce else { return Ok(None) };
    match claims.get("nonce").and_then(Value::as_str).map_or(Known::No, |nonce| nonces.judge(nonce, now_ms)) {
        Known::Current => Ok(None),
        Known::Older => Ok(Some((DPOP_NONCE, nonces.current(now_ms)))),
        Known::No => Err(Refusal::NonceNeeded(nonces.current(now_ms))),
    }
}
