//! `proof:`.

use crate::authenticate::dpop::ProofRules;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::authenticate as raw;

pub(super) fn rules(raw: &raw::Proof, _path: &Place<'_>, _context: &mut Context) -> ProofRules {
    ProofRules { always: raw.rule == raw::ProofRule::Always }
}
