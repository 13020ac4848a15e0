//! `webhook:` a signature over the body with a shared secret.

use serde::{Deserialize, Serialize};

/// A signature over the body with a shared secret, as webhooks have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "webhook"))]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// How it is made.
    pub form: WebhookForm,
    /// The secrets, any of which may have signed, as `${secret:NAME}`: two while one is replaced. At least 16 bytes each, at most eight of them.
    /// Those of `standard` are base64 with or without `whsec_` before it; the others are taken as they stand.
    pub secrets: Vec<String>,
    /// How far a signed time may be from the gateway's clock, where there is one. Default `300s`, at most `3600s`.
    #[serde(default)]
    pub window: Option<String>,
    /// What becomes of a message that comes a second time within the window. Default `refuse`.
    #[serde(default)]
    pub replay: WebhookReplay,
    /// The largest body that is held. Default `1MiB`.
    #[serde(default)]
    pub max_body: Option<String>,
    /// What the consumer is called. Default: the name of the authenticator.
    #[serde(default)]
    pub consumer: Option<String>,
}

/// What becomes of a message that comes a second time: the same body with the same signed time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WebhookReplay {
    /// It is refused. Needs the atomic store. Forms that sign no time, such as `github`, cannot tell a replay from a redelivery: there every message
    /// is taken.
    #[default]
    Refuse,
    /// It is taken again until its window ends. Right where the upstream knows messages by their id.
    Accept,
}

/// How a webhook is signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WebhookForm {
    /// `Stripe-Signature: t=…,v1=…` over `time.body`.
    Stripe,
    /// `X-Hub-Signature-256: sha256=…` over the body. No time is signed.
    Github,
    /// `X-Slack-Signature: v0=…` over `v0:time:body`, the time in `X-Slack-Request-Timestamp`.
    Slack,
    /// Standard Webhooks: `webhook-signature: v1,…` over `id.time.body`.
    Standard,
    /// Any other.
    Custom(WebhookPreset),
}

/// A form of one's own. HMAC with SHA-256.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "custom"))]
#[serde(deny_unknown_fields)]
pub struct WebhookPreset {
    /// The field with the signature.
    pub header: String,
    /// What stands before the signature in it, such as `sha256=`.
    #[serde(default)]
    pub prefix: String,
    /// How the signature is written. Default `hex`.
    #[serde(default)]
    pub encoding: WebhookEncoding,
    /// The field with the time in seconds since 1970, if one is signed.
    #[serde(default)]
    pub timestamp_header: Option<String>,
    /// What is signed: `{body}` with perhaps `{timestamp}` and other text. Default `{body}`, or `{timestamp}.{body}` where there is a
    /// `timestamp_header`.
    #[serde(default)]
    pub content: Option<String>,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WebhookEncoding {
    /// Hexadecimal.
    #[default]
    Hex,
    /// Base64.
    Base64,
}
