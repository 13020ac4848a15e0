//! A key whose tokens are lent, its holders, and all that they truly use.

use super::*;

#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Somebody asks the owner for every unit.
    Charge { cost: u64 },
    /// A holder wants tokens, and may tell of a lease it had.
    Lend { cost: u64, want: u64, ttl_ms: u64, share: u64, tells: Option<usize> },
    /// A holder uses tokens it has.
    Use { which: usize, units: u64 },
    /// A holder tells of a lease, maybe when it is over.
    Tell { which: usize },
}

/// A lease as its holder knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    pub(super) until_ms: u64,
    pub(super) granted: u64,
    pub(super) used: u64,
    pub(super) told: bool,
    /// By a clock that only goes forward.
    pub(super) ends_ms: u64,
}

impl Lease {
    pub(super) fn settlement(&self) -> Settlement {
        Settlement { until_ms: self.until_ms, granted: self.granted, used: self.used }
    }

    pub(super) fn is_out(&self, true_ms: u64) -> bool {
        !self.told && true_ms < self.ends_ms
    }
}

/// A key, all that holders have of it, and all that was truly used.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) quota: Quota,
    /// The owner's clock, which may be set back.
    pub(super) now_ms: u64,
    /// One that only goes forward.
    pub(super) true_ms: u64,
    /// Whether holders tell of leases that are over.
    pub(super) tells_late: bool,
    /// How far the clock of who asks is off.
    pub(super) off_ms: i64,
    pub(super) state: State,
    pub(super) leases: Vec<Lease>,
    pub(super) used: Vec<(u64, u64)>,
}

impl World {
    pub(super) fn new(quota: Quota, now_ms: u64) -> Self {
        let state = State::none(&quota.rule(now_ms));
        Self {
            quota,
            now_ms,
            true_ms: now_ms,
            tells_late: true,
            off_ms: 0,
            state,
            leases: Vec::new(),
            used: Vec::new(),
        }
    }

    pub(super) fn goes_on(&mut self, by_ms: i64) {
        let before = self.now_ms;
        self.now_ms = before.saturating_add_signed(by_ms);
        self.true_ms += self.now_ms.saturating_sub(before);
    }

    pub(super) fn ask(&mut self, operation: Operation) -> Said {
        let rule = self.quota.rule(self.now_ms.saturating_add_signed(self.off_ms));
        let Decided { said, next } = alone(Ask { rule, operation }, &self.state, self.now_ms);
        self.state = next.unwrap_or_else(|| self.state.clone());
        said
    }

    pub(super) fn charge(&mut self, cost: u64) -> Said {
        self.ask(Operation::Charge { cost, on_over: OnOver::Refuse })
    }

    pub(super) fn tell(&mut self, which: usize) -> Option<Settlement> {
        let (late, true_ms) = (self.tells_late, self.true_ms);
        let told = |lease: &&mut Lease| !lease.told && (late || true_ms < lease.ends_ms);
        let lease = self.leases.iter_mut().rev().filter(told).nth(which)?;
        lease.told = true;
        Some(lease.settlement())
    }

    /// Tokens that holders may still use.
    pub(super) fn out(&self) -> u64 {
        self.leases.iter().filter(|lease| lease.is_out(self.true_ms)).map(|lease| lease.granted).sum()
    }

    pub(super) fn acts(&mut self, act: Act) -> Option<(u64, Said)> {
        match act {
            Act::Charge { cost } => {
                let said = self.charge(cost);
                if said.verdict.admits() {
                    self.used.push((self.true_ms, cost));
                }
                Some((cost, said))
            }
            Act::Lend { cost, want, ttl_ms, share, tells } => {
                let settle = tells.and_then(|which| self.tell(which)).unwrap_or_default();
                let said = self.ask(Operation::Lease { cost, want, ttl_ms, share, settle });
                if said.granted > 0 {
                    let Said { until_ms, granted, now_ms, .. } = said;
                    let ends_ms = self.true_ms + until_ms - now_ms;
                    self.leases.push(Lease { until_ms, granted, used: 0, told: false, ends_ms });
                }
                Some((cost, said))
            }
            Act::Use { which, units } => {
                // Until the very end that the owner knows: no holder goes so far.
                let now = self.true_ms;
                let lease =
                    self.leases.iter_mut().rev().filter(|lease| !lease.told && now <= lease.ends_ms).nth(which)?;
                let units = units.min(lease.granted - lease.used);
                lease.used += units;
                self.used.push((now, units));
                None
            }
            Act::Tell { which } => {
                let settlement = self.tell(which)?;
                self.ask(Operation::Settle(settlement));
                None
            }
        }
    }

    /// Whether what was truly used is what the rule allows.
    pub(super) fn is_within_the_rule(&self) -> bool {
        let Quota { kind, units, window_ms } = self.quota;
        let sum = |from: u64, to: u64| -> u64 {
            self.used.iter().filter(|(at, _)| from <= *at && *at <= to).map(|(_, units)| units).sum()
        };
        self.used.iter().all(|(from, _)| match kind {
            Kind::Meter => {
                let mut ends = self.used.iter().filter(|(to, _)| from <= to);
                ends.all(|(to, _)| sum(*from, *to) * window_ms <= units * window_ms + (to - from) * units)
            }
            Kind::SlidingLog => sum(*from, from + window_ms - 1) <= units,
            _ => {
                let start = from / window_ms * window_ms;
                sum(start, start + window_ms - 1) <= units
            }
        })
    }
}
