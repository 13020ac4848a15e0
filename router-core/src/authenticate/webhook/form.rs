//! How the forms write their signatures.

use http::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

use super::content::{Content, Part, Piece};
use crate::authenticate::Refusal;
use crate::authenticate::jose::base64;

/// The most signatures in one field that are looked at: one for each secret that is in use, and room.
const MAX_SIGNATURES: usize = 16;
/// The longest `webhook-id`, in bytes.
const MAX_ID: usize = 256;

const STRIPE_SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");
const HUB_SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
const SLACK_SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");
const SLACK_TIME: HeaderName = HeaderName::from_static("x-slack-request-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
const WEBHOOK_TIME: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");

/// How a webhook is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `Stripe-Signature: t=TIME,v1=HEX[,v1=HEX]` over `TIME.BODY`.
    Stripe,
    /// `X-Hub-Signature-256: sha256=HEX` over the body.
    Github,
    /// `X-Slack-Signature: v0=HEX` over `v0:TIME:BODY`, the time in `X-Slack-Request-Timestamp`.
    Slack,
    /// Standard Webhooks: `webhook-signature: v1,BASE64[ v1,BASE64]` over `ID.TIME.BODY`, with `webhook-id` and `webhook-timestamp`.
    Standard,
    /// Any other.
    Custom(Custom),
}

impl Form {
    /// The field with the signature.
    #[must_use]
    pub fn header(&self) -> HeaderName {
        match self {
            Self::Stripe => STRIPE_SIGNATURE,
            Self::Github => HUB_SIGNATURE,
            Self::Slack => SLACK_SIGNATURE,
            Self::Standard => WEBHOOK_SIGNATURE,
            Self::Custom(custom) => custom.header.clone(),
        }
    }
}

/// A form of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custom {
    /// The field with the signature.
    pub header: HeaderName,
    /// What stands before the signature in it.
    pub prefix: String,
    /// How the signature is written.
    pub encoding: Encoding,
    /// The field with the time. There if, and only if, the content has it.
    pub time: Option<HeaderName>,
    /// What is signed.
    pub content: Content,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal, in either case.
    Hex,
    /// Base64.
    Base64,
}

/// What a request says about its signature.
pub(super) struct Told<'r> {
    pub(super) signatures: Vec<Vec<u8>>,
    pub(super) time: Option<Time<'r>>,
    id: Option<&'r str>,
    order: Order<'r>,
}

/// A time as it was sent.
#[derive(Clone, Copy)]
pub(super) struct Time<'r> {
    pub(super) seconds: u64,
    text: &'r str,
}

/// What is signed, in which order.
enum Order<'r> {
    Body,
    TimeBody,
    SlackTimeBody,
    IdTimeBody,
    Custom(&'r Content),
}

impl<'r> Told<'r> {
    /// What was signed, if the signature is good.
    pub(super) fn pieces(&self, body: &'r [u8]) -> Vec<Piece<'r>> {
        let time = self.time.map(|time| time.text.as_bytes()).unwrap_or_default();
        match self.order {
            Order::Body => vec![body],
            Order::TimeBody => vec![time, b".", body],
            Order::SlackTimeBody => vec![b"v0:", time, b":", body],
            Order::IdTimeBody => vec![self.id.unwrap_or_default().as_bytes(), b".", time, b".", body],
            Order::Custom(content) => {
                let piece = |part: &'r Part| match part {
                    Part::Text(text) => text.as_bytes(),
                    Part::Time => time,
                    Part::Body => body,
                };
                content.0.iter().map(piece).collect()
            }
        }
    }

    /// What was signed beside the body.
    pub(super) fn claims(&self) -> Map<String, Value> {
        let mut claims = Map::new();
        if let Some(id) = self.id {
            claims.insert("id".to_owned(), Value::from(id));
        }
        if let Some(time) = self.time {
            claims.insert("time".to_owned(), Value::from(time.seconds));
        }
        claims
    }
}

/// Reads the fields of a form. `None`: there is no signature of this form.
pub(super) fn read<'r>(form: &'r Form, headers: &'r HeaderMap) -> Result<Option<Told<'r>>, Refusal> {
    let Some(line) = only(headers, &form.header())? else { return Ok(None) };
    let told = match form {
        Form::Stripe => stripe(line)?,
        Form::Github => simple(line, "sha256=", Encoding::Hex, None, Order::Body)?,
        Form::Slack => {
            let time = Some(needed_time(headers, &SLACK_TIME)?);
            simple(line, "v0=", Encoding::Hex, time, Order::SlackTimeBody)?
        }
        Form::Standard => standard(line, headers)?,
        Form::Custom(custom) => {
            let time = custom.time.as_ref().map(|name| needed_time(headers, name)).transpose()?;
            simple(line, &custom.prefix, custom.encoding, time, Order::Custom(&custom.content))?
        }
    };
    Ok(Some(told))
}

/// One signature behind a prefix.
fn simple<'r>(
    line: &str,
    prefix: &str,
    encoding: Encoding,
    time: Option<Time<'r>>,
    order: Order<'r>,
) -> Result<Told<'r>, Refusal> {
    let text = line.strip_prefix(prefix).ok_or(Refusal::Malformed)?;
    let decoded = match encoding {
        Encoding::Hex => hex(text),
        Encoding::Base64 => base64::decode_standard(text),
    };
    Ok(Told { signatures: vec![decoded.ok_or(Refusal::Malformed)?], time, id: None, order })
}

/// `t=…,v1=…,v1=…`. Other schemes are passed over, as Stripe asks: `v0` is there to be ignored.
fn stripe(line: &str) -> Result<Told<'_>, Refusal> {
    let mut time = None;
    let mut signatures = Vec::new();
    for item in line.split(',') {
        let (key, value) = item.trim().split_once('=').ok_or(Refusal::Malformed)?;
        match key {
            "t" if time.is_some() => return Err(Refusal::Ambiguous),
            "t" => time = Some(self::time(value)?),
            "v1" if signatures.len() >= MAX_SIGNATURES => return Err(Refusal::Malformed),
            "v1" => signatures.push(hex(value).ok_or(Refusal::Malformed)?),
            _ => {}
        }
    }
    if time.is_none() || signatures.is_empty() {
        return Err(Refusal::Malformed);
    }
    Ok(Told { signatures, time, id: None, order: Order::TimeBody })
}

/// `v1,… v1,…`. Other versions are passed over, as the specification asks: `v1a` is by a key that is not shared.
fn standard<'r>(line: &str, headers: &'r HeaderMap) -> Result<Told<'r>, Refusal> {
    let mut signatures = Vec::new();
    for item in line.split(' ').filter(|item| !item.is_empty()) {
        match item.split_once(',').ok_or(Refusal::Malformed)? {
            ("v1", _) if signatures.len() >= MAX_SIGNATURES => return Err(Refusal::Malformed),
            ("v1", signature) => signatures.push(base64::decode_standard(signature).ok_or(Refusal::Malformed)?),
            _ => {}
        }
    }
    if signatures.is_empty() {
        return Err(Refusal::Malformed);
    }
    let id = only(headers, &WEBHOOK_ID)?.ok_or(Refusal::Malformed)?;
    // The parts are joined by dots, so that a dot in an id could move the border between id and time.
    if id.is_empty() || id.len() > MAX_ID || id.contains('.') {
        return Err(Refusal::Malformed);
    }
    let time = Some(needed_time(headers, &WEBHOOK_TIME)?);
    Ok(Told { signatures, time, id: Some(id), order: Order::IdTimeBody })
}

/// A field that stands at most once.
fn only<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Result<Option<&'r str>, Refusal> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(line), None) => line.to_str().map(|line| Some(line.trim())).map_err(|_| Refusal::Malformed),
        (Some(_), Some(_)) => Err(Refusal::Ambiguous),
    }
}

fn needed_time<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Result<Time<'r>, Refusal> {
    time(only(headers, name)?.ok_or(Refusal::Malformed)?)
}

/// Seconds since 1970: digits only, without zeros in front. Where a body stands right before the time, the zeros at its end could else be made a part of
/// the time, and the signature would be that of the shorter body too.
fn time(text: &str) -> Result<Time<'_>, Refusal> {
    let shortest = text == "0" || !text.starts_with('0');
    let digits = shortest && (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits).ok_or(Refusal::Malformed)?;
    Ok(Time { seconds, text })
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || pairs.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}
