//! The signatures of a request, judged as far as it goes without the host (RFC 9421 section 3.2).

use http::HeaderName;
use serde_json::{Map, Value};
use sfv::{BareItem, Dictionary, FieldType, InnerList, ListEntry, Parser};

use super::{Component, KnownKey, Message, Rules, SIGNATURE, SIGNATURE_INPUT, content_digest};
use crate::atomic::Transition;
use crate::authenticate::jose::{Digest, base64};
use crate::authenticate::{Consumer, Refusal};
use crate::head::joined;

/// More signatures on one request than any chain of proxies adds.
const MAX_SIGNATURES: usize = 8;
/// More components than the signatures of a request of ordinary size cover together. A member of a dictionary costs a look at all of it, and anyone can
/// write a signature that turns out to be none.
const MAX_COMPONENTS: usize = 64;
/// The longest nonce, in bytes.
const MAX_NONCE: usize = 256;
/// How far `created` may be ahead of the gateway's clock. A signer has no reason to write a time that has not come.
const SKEW_MS: u64 = 30_000;
/// The store's clock may be behind the gateway's: a claim outlives its signature by this.
const MARGIN_MS: u64 = 5_000;

/// A signature in which everything is right, if it is one.
#[derive(Clone, Debug)]
pub struct Candidate<'r> {
    /// The key that it must be of.
    pub known: &'r KnownKey,
    /// What must be signed: the signature base.
    pub base: String,
    /// The signature.
    pub signature: Vec<u8>,
    /// The hashes that the body must have, where they are covered.
    pub digests: Vec<(Digest, Vec<u8>)>,
    /// What has to be claimed in the replay store once the rest is good, with its key.
    pub claim: Option<(String, Transition)>,
    /// Whose it is.
    pub consumer: Consumer,
}

/// The parameters of a signature (section 2.3).
struct Parameters<'p> {
    created: Option<u64>,
    expires: Option<u64>,
    nonce: Option<&'p str>,
    alg: Option<&'p str>,
    keyid: Option<&'p str>,
    tag: Option<&'p str>,
}

impl Rules {
    /// The signatures by known keys in `message`, each of which may be the good one; never an empty list. `None`: the request is not signed. `name` is
    /// the authenticator's.
    ///
    /// # Errors
    /// Why none of them can be good: [`Refusal::Malformed`], [`Refusal::Expired`], [`Refusal::NotYetValid`] or [`Refusal::Invalid`].
    pub fn find<'r>(
        &'r self,
        name: &str,
        message: &Message<'_>,
        has_body: bool,
        now_ms: u64,
    ) -> Result<Option<Vec<Candidate<'r>>>, Refusal> {
        let (inputs, signatures) = match (dictionary(message, &SIGNATURE_INPUT)?, dictionary(message, &SIGNATURE)?) {
            (None, None) => return Ok(None),
            (Some(inputs), Some(signatures)) => (inputs, signatures),
            (Some(_), None) | (None, Some(_)) => return Err(Refusal::Malformed),
        };
        let components = |input: &ListEntry| match input {
            ListEntry::InnerList(list) => list.items.len(),
            ListEntry::Item(_) => 0,
        };
        if inputs.len() > MAX_SIGNATURES || inputs.values().map(components).sum::<usize>() > MAX_COMPONENTS {
            return Err(Refusal::Malformed);
        }
        let mut candidates = Vec::new();
        let mut refusal = None;
        for (label, input) in &inputs {
            let signature = match signatures.get(label) {
                Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
                _ => None,
            };
            let (ListEntry::InnerList(input), Some(signature)) = (input, signature) else {
                return Err(Refusal::Malformed);
            };
            match self.candidate(name, message, has_body, input, signature, now_ms) {
                Ok(candidate) => candidates.extend(candidate),
                Err(why) => drop(refusal.get_or_insert(why)),
            }
        }
        if candidates.is_empty() { Err(refusal.unwrap_or(Refusal::Invalid)) } else { Ok(Some(candidates)) }
    }

    /// Nothing for a signature that is for somebody else.
    fn candidate<'r>(
        &'r self,
        name: &str,
        message: &Message<'_>,
        has_body: bool,
        input: &InnerList,
        signature: &[u8],
        now_ms: u64,
    ) -> Result<Option<Candidate<'r>>, Refusal> {
        let parameters = Parameters::read(input)?;
        let known = parameters.keyid.and_then(|keyid| Some((keyid, self.keys.get(keyid)?)));
        let Some((keyid, known)) = known else { return Ok(None) };
        if self.tag.is_some() && self.tag.as_deref() != parameters.tag {
            return Ok(None);
        }
        if parameters.alg.is_some_and(|alg| alg != known.algorithm.as_str()) {
            return Err(Refusal::Invalid);
        }
        let ends_ms = self.ends_ms(&parameters, now_ms)?;
        let covered = covered(input)?;
        let is_covered = |wanted: &Component| covered.iter().any(|component| component.covers(wanted));
        let digest = covered.iter().any(Component::covers_body);
        if !self.components.iter().all(is_covered) || (self.digest && has_body && !digest) {
            return Err(Refusal::Invalid);
        }
        let digests = if digest { content_digest::expected(message).ok_or(Refusal::Malformed)? } else { Vec::new() };
        let base = base(&covered, message, input).ok_or(Refusal::Malformed)?;
        let claim = match parameters.nonce {
            Some(nonce) if (1..=MAX_NONCE).contains(&nonce.len()) => {
                let lifetime_ms = ends_ms.saturating_sub(now_ms).saturating_add(MARGIN_MS);
                Some((claim_key(known, nonce), Transition::Claim { lifetime_ms }))
            }
            Some(_) => return Err(Refusal::Malformed),
            None if self.nonce => return Err(Refusal::Invalid),
            None => None,
        };
        let consumer = Consumer {
            id: known.consumer.clone(),
            authenticator: name.to_owned(),
            scopes: known.scopes.clone(),
            roles: known.roles.clone(),
            claims: parameters.claims(keyid),
            expires_ms: Some(ends_ms),
            ..Consumer::default()
        };
        Ok(Some(Candidate { known, base, signature: signature.to_vec(), digests, claim, consumer }))
    }

    /// Until when the signature is taken.
    fn ends_ms(&self, parameters: &Parameters<'_>, now_ms: u64) -> Result<u64, Refusal> {
        let window_ms = u64::try_from(self.window.as_millis()).unwrap_or(u64::MAX);
        let created_ms = parameters.created.ok_or(Refusal::Malformed)?.saturating_mul(1000);
        if created_ms > now_ms.saturating_add(SKEW_MS) {
            return Err(Refusal::NotYetValid);
        }
        let ends_ms = created_ms.saturating_add(window_ms);
        let ends_ms = parameters.expires.map_or(ends_ms, |expires| ends_ms.min(expires.saturating_mul(1000)));
        if ends_ms < now_ms { Err(Refusal::Expired) } else { Ok(ends_ms) }
    }
}

impl<'p> Parameters<'p> {
    /// Those that are not known are covered like the others and mean nothing here.
    fn read(input: &'p InnerList) -> Result<Self, Refusal> {
        let text = |name: &str| match input.params.get(name) {
            None => Ok(None),
            Some(BareItem::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Refusal::Malformed),
        };
        let time = |name: &str| match input.params.get(name) {
            None => Ok(None),
            Some(value) => {
                let seconds = value.as_integer().and_then(|seconds| u64::try_from(i64::from(seconds)).ok());
                seconds.map(Some).ok_or(Refusal::Malformed)
            }
        };
        Ok(Self {
            created: time("created")?,
            expires: time("expires")?,
            nonce: text("nonce")?,
            alg: text("alg")?,
            keyid: text("keyid")?,
            tag: text("tag")?,
        })
    }

    fn claims(&self, keyid: &str) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("keyid".to_owned(), Value::from(keyid));
        let mut add = |name: &str, value: Option<Value>| value.map(|value| claims.insert(name.to_owned(), value));
        add("created", self.created.map(Value::from));
        add("expires", self.expires.map(Value::from));
        add("tag", self.tag.map(Value::from));
        claims
    }
}

/// A field as a dictionary.
fn dictionary(message: &Message<'_>, name: &HeaderName) -> Result<Option<Dictionary>, Refusal> {
    let Some(field) = joined(message.headers, name) else { return Ok(None) };
    Parser::new(field.as_ref()).parse().map(Some).map_err(|_| Refusal::Malformed)
}

/// The covered components, none of them twice (section 2).
fn covered(input: &InnerList) -> Result<Vec<Component>, Refusal> {
    let mut covered: Vec<Component> = Vec::with_capacity(input.items.len());
    for item in &input.items {
        let component = Component::of(item).map_err(|_| Refusal::Malformed)?;
        if covered.iter().any(|earlier| earlier.names_the_same(&component)) {
            return Err(Refusal::Malformed);
        }
        covered.push(component);
    }
    Ok(covered)
}

/// The signature base (section 2.5); `None` if a component is not there.
pub(super) fn base(covered: &[Component], message: &Message<'_>, input: &InnerList) -> Option<String> {
    let mut base = String::new();
    for component in covered {
        base.push_str(component.identifier());
        base.push_str(": ");
        base.push_str(&component.value(message)?);
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(&vec![ListEntry::InnerList(input.clone())].serialize()?);
    Some(base)
}

/// A nonce is its key's own, whichever authenticator the key stands in.
fn claim_key(known: &KnownKey, nonce: &str) -> String {
    let mut parts = known.key.thumbprint().to_vec();
    parts.extend_from_slice(nonce.as_bytes());
    format!("signature/{}", base64::encode_url(&Digest::Sha256.of(&parts)))
}
