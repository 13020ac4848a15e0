//! Signing what goes to an upstream (RFC 9421 section 3.1).

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use sfv::{BareItem, Dictionary, FieldType, InnerList, Item, Key, ListEntry, Parameters, Parser};

use super::{Algorithm, Component, Message, SIGNATURE, SIGNATURE_INPUT, find};
use crate::authenticate::jose::SigningKey;

/// The label of the gateway's own signature.
const LABEL: &str = "tidegate";

/// How requests to an upstream are signed.
#[derive(Clone, Debug)]
pub struct Signing {
    algorithm: Algorithm,
    key: SigningKey,
    components: Vec<Component>,
    keyid: sfv::String,
    tag: Option<sfv::String>,
    lifetime: Duration,
}

impl PartialEq for Signing {
    fn eq(&self, other: &Self) -> bool {
        let of = |signing: &Self| (signing.algorithm, signing.key.public().thumbprint(), signing.lifetime);
        of(self) == of(other)
            && self.components == other.components
            && self.keyid == other.keyid
            && self.tag == other.tag
    }
}

impl Eq for Signing {}

impl Signing {
    /// `None` if the key is not of the algorithm, or `keyid` or `tag` is not visible ASCII.
    #[must_use]
    pub fn new(
        algorithm: Algorithm,
        key: SigningKey,
        components: Vec<Component>,
        keyid: &str,
        tag: Option<&str>,
        lifetime: Duration,
    ) -> Option<Self> {
        let keyid = sfv::String::from_string(keyid.to_owned()).ok()?;
        let tag = match tag {
            Some(tag) => Some(sfv::String::from_string(tag.to_owned()).ok()?),
            None => None,
        };
        (key.algorithm() == algorithm.jose()).then_some(Self { algorithm, key, components, keyid, tag, lifetime })
    }

    /// The two fields to set. They take the place of the client's own signatures, which were for this gateway. A field that the request has not is not
    /// covered: `content-digest` only where the client sent it, since a body passes through without being read.
    #[must_use]
    pub fn sign(&self, message: &Message<'_>, now_ms: u64) -> Option<[(HeaderName, HeaderValue); 2]> {
        let there = |component: &&Component| component.value(message).is_some();
        let covered: Vec<Component> = self.components.iter().filter(there).cloned().collect();
        let mut items = Vec::with_capacity(covered.len());
        for component in &covered {
            items.push(Parser::new(component.identifier()).parse::<Item>().ok()?);
        }
        let input = InnerList::with_params(items, self.parameters(now_ms / 1000)?);
        let base = find::base(&covered, message, &input)?;
        let signature = BareItem::ByteSequence(self.key.sign(base.as_bytes()));
        Some([(SIGNATURE_INPUT, labelled(input.into())?), (SIGNATURE, labelled(Item::new(signature).into())?)])
    }

    fn parameters(&self, created: u64) -> Option<Parameters> {
        let mut parameters = Parameters::new();
        let mut add =
            |name: &str, value: BareItem| Some(parameters.insert(Key::from_string(name.to_owned()).ok()?, value));
        let seconds = |seconds: u64| sfv::Integer::try_from(seconds).ok().map(BareItem::Integer);
        add("created", seconds(created)?)?;
        add("expires", seconds(created.saturating_add(self.lifetime.as_secs()))?)?;
        add("keyid", BareItem::String(self.keyid.clone()))?;
        add("alg", BareItem::String(sfv::String::from_string(self.algorithm.as_str().to_owned()).ok()?))?;
        if let Some(tag) = &self.tag {
            add("tag", BareItem::String(tag.clone()))?;
        }
        Some(parameters)
    }
}

fn labelled(value: ListEntry) -> Option<HeaderValue> {
    let dictionary: Dictionary = [(Key::from_string(LABEL.to_owned()).ok()?, value)].into_iter().collect();
    HeaderValue::from_str(&dictionary.serialize()?).ok()
}
