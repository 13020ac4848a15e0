//! What is simulated: limits, crowds and loads.

use router_core::config::variables::NoVariables;
use router_core::config::{Gateway, Purpose, compile_value};
use serde_json::{Value, json};

/// How long instances live on average where nothing else is said.
pub(crate) const LIFE_S: u64 = 300;

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) load: &'static str,
    /// As it is configured.
    pub(crate) limit: Value,
    pub(crate) instances: usize,
    /// How long one lives on average.
    pub(crate) life_s: u64,
    pub(crate) keys: usize,
    /// How much more often the first key comes than the others, see [`crate::crowd::Crowd`].
    pub(crate) key_skew: f64,
    /// Requests in a second, of all keys.
    pub(crate) rate: f64,
    pub(crate) shape: Shape,
    pub(crate) seconds: u64,
    /// Each request takes 1 to so many units.
    pub(crate) most_cost: u64,
    /// Whether more is wanted of every key than there is, at all times.
    pub(crate) is_full: bool,
}

/// How requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Even,
    /// Of 20 s, 4 s have five times as many, and the others next to none.
    Surges,
}

impl Shape {
    /// By how much the rate is higher or lower at a time.
    pub(crate) fn factor(self, at_us: u64) -> f64 {
        match self {
            Self::Even => 1.0,
            Self::Surges if at_us / 1_000_000 % 20 < 4 => 4.8,
            Self::Surges => 0.05,
        }
    }
}

impl Scenario {
    /// A gateway with this limit.
    ///
    /// # Errors
    /// What is wrong with the limit.
    pub(crate) fn gateway(&self) -> Result<Gateway, String> {
        let document = json!({
            "limit": {"limits": {"l": self.limit}, "default": ["l"]},
            "routes": [{"name": "a", "to": {"respond": {"body": "in"}}}],
        });
        let compiled = compile_value(&document, &NoVariables, Purpose::Run);
        compiled.gateway.ok_or_else(|| format!("{}: {:?}", self.limit, compiled.diagnostics))
    }

    /// For readers.
    pub(crate) fn describe(&self) -> String {
        let Self { instances, keys, rate, seconds, most_cost, .. } = self;
        let word =
            |name: &str| self.limit.get(name).map(|value| value.to_string().replace('"', "")).unwrap_or_default();
        let (quota, window) = (word("quota"), word("window"));
        let cost = if *most_cost > 1 { format!(" of 1 to {most_cost} units") } else { String::new() };
        let shape = match self.shape {
            Shape::Even => "",
            Shape::Surges => ", nearly all of them in 4 s of 20",
        };
        let life = if self.life_s == LIFE_S { "" } else { ", which hardly ever die" };
        format!(
            "{instances} instances{life}, {keys} keys, {rate} requests a second{cost}{shape}, for {seconds} s; a quota of {quota} in {window}"
        )
    }
}
