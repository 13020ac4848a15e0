//! Rules and questions by chance, the same ones every time.

use router_core::limit::Rule;
use router_core::limit::algorithm::{
    Concurrency, FixedWindow, LARGEST, LARGEST_LISTED, LONGEST_WINDOW_MS, LeakyBucket, Meter, SlidingLog, SlidingWindow,
};
use router_core::limit::owner::{OnOver, Operation, Said, Settlement};

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(super) struct Dice(pub(super) u64);

/// What was handed out, and when something was taken: it is told back later.
#[derive(Default)]
pub(super) struct Known {
    leases: Vec<(u64, u64)>,
    slots: Vec<u64>,
    moments: Vec<u64>,
    lends: bool,
}

impl Known {
    /// Nothing yet. `lends`: whether most questions are for leases, so that there are many.
    pub(super) fn of(lends: bool) -> Self {
        Self { lends, ..Self::default() }
    }

    pub(super) fn learn(&mut self, said: &Said) {
        self.moments.push(said.now_ms);
        match (said.granted, said.until_ms) {
            (0, _) => {}
            (slot, 0) => self.slots.push(slot),
            (granted, until_ms) => self.leases.push((until_ms, granted)),
        }
    }
}

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    pub(super) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }

    /// Of any size up to `most`, and often at the ends.
    pub(super) fn sized(&mut self, most: u64) -> u64 {
        match self.below(8) {
            0 => most,
            1 => most.saturating_sub(1),
            2 => self.below(3).min(most),
            _ => {
                let bits = self.below(54);
                self.below(1 << bits).min(most)
            }
        }
    }

    /// A rule of any kind.
    pub(super) fn rule(&mut self, now_ms: u64) -> Rule {
        let kind = self.below(6);
        self.rule_of(kind, now_ms)
    }

    /// Mostly the same rule at another moment, at times another of the same kind or of another.
    pub(super) fn rule_after(&mut self, rule: Rule, now_ms: u64) -> Rule {
        match (self.below(24), rule) {
            (0, _) => self.rule(now_ms),
            (1, _) => {
                let [tag, ..] = rule.numbers();
                self.rule_of(tag - 1, now_ms)
            }
            (_, Rule::FixedWindow(window)) => {
                let (start, end) = window.window(now_ms);
                let bounds = FixedWindow::bounds_every(end - start, now_ms);
                FixedWindow::new(window.quota(), bounds).map_or(rule, Rule::FixedWindow)
            }
            (_, rule) => rule,
        }
    }

    fn rule_of(&mut self, kind: u64, now_ms: u64) -> Rule {
        loop {
            let window = match self.below(3) {
                0 => self.of(&[1, 7, 1000, 60_000, LONGEST_WINDOW_MS]),
                _ => 1 + self.sized(LONGEST_WINDOW_MS - 1),
            };
            let few = 1 + self.below(12);
            let quota = if self.below(4) == 0 { 1 + self.sized((1 << 40) - 1) } else { few };
            let listed = if self.below(8) == 0 { 4096 } else { few };
            let burst = if self.below(2) == 0 { quota } else { few };
            let wait = self.sized(60_000);
            let found = match kind {
                0 => Meter::new(quota, window, burst).map(Rule::Meter),
                1 => LeakyBucket::new(quota, window, wait).map(Rule::LeakyBucket),
                2 => FixedWindow::new(quota, FixedWindow::bounds_every(window, now_ms)).map(Rule::FixedWindow),
                3 => SlidingWindow::new(quota, window).map(Rule::SlidingWindow),
                4 => SlidingLog::new(listed, window).map(Rule::SlidingLog),
                _ => Concurrency::new(listed, window).map(Rule::Concurrency),
            };
            if let Ok(rule) = found {
                return rule;
            }
        }
    }

    pub(super) fn operation(&mut self, known: &Known) -> Operation {
        let lends = known.lends && self.below(4) > 0;
        match if lends { 12 } else { self.below(32) } {
            0..12 => Operation::Charge {
                cost: self.units(),
                on_over: self.of(&[OnOver::Refuse, OnOver::Refuse, OnOver::Meter]),
            },
            12..18 => Operation::Lease {
                cost: self.units(),
                want: self.units(),
                ttl_ms: match self.below(64) {
                    0 => self.sized(LARGEST),
                    1..32 => self.below(100_000),
                    _ => self.of(&[0, 1, 3, 1000, 10_000]),
                },
                share: self.of(&[0, 1, 2, 8]),
                settle: self.settlement(known),
            },
            18..22 => Operation::Settle(self.settlement(known)),
            22..24 => Operation::GiveBack { units: self.units(), taken_ms: self.known(&known.moments) },
            24..26 => Operation::Take { units: self.units() },
            26..29 => Operation::Release { slot: self.known(&known.slots) },
            29..31 => Operation::Look,
            _ => Operation::Reset,
        }
    }

    fn units(&mut self) -> u64 {
        if self.below(8) == 0 { self.sized(LARGEST) } else { self.below(6) }
    }

    fn settlement(&mut self, known: &Known) -> Settlement {
        if self.below(3) == 0 || known.leases.is_empty() {
            return Settlement::default();
        }
        let (until_ms, granted) = self.of(&known.leases);
        let granted = if self.below(8) == 0 { self.sized(LARGEST) } else { granted };
        let used = if self.below(8) == 0 { self.sized(LARGEST) } else { self.below(granted + 1) };
        Settlement { until_ms, granted, used }
    }

    fn known(&mut self, known: &[u64]) -> u64 {
        if self.below(8) == 0 || known.is_empty() { self.sized(LARGEST) } else { self.of(known) }
    }

    /// A log that is about as long as they get.
    pub(super) fn long_log(&mut self, now_ms: u64) -> String {
        let entries = LARGEST_LISTED + 2 - self.below(4);
        let ago = |index| now_ms.saturating_sub(entries - index);
        let entries: Vec<String> = (0..entries).map(|index| format!("{} {}", ago(index), self.below(3))).collect();
        format!("5 0 0 {}", entries.join(" "))
    }

    /// What nobody wrote, made of what somebody did.
    pub(super) fn spoilt(&mut self, text: &str) -> String {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let at = usize::try_from(self.below(words.len() as u64)).unwrap();
        match self.below(4) {
            0 => _ = words.remove(at),
            1 => words.insert(at, self.below(5).to_string()),
            2 => words[at] = self.sized(LARGEST).to_string(),
            _ => {
                let others =
                    ["", "-1", "x", "1.5", "1e3", " ", "0x10", "9007199254740992", "18446744073709551616", "007"];
                words[at] = self.of(&others).to_owned();
            }
        }
        words.join(" ")
    }
}
