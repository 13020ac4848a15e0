//! Counts in the objects: all or nothing also where they live in several.
//!
//! Within an object the charges and leases of a request are decided on in one go. Objects know nothing of each other, so where a request needs several
//! they are asked at once, and should one refuse, what the others took is given back. Until then another request sees less there than there is: it may be
//! refused for once without need, but never is more admitted than a limit allows. Nor is there where giving back fails: it is not tried again, as it may
//! have been done, and what was taken then counts until its time is over.
//!
//! The host lets all this go on should the client leave meanwhile. Else whoever asks and hangs up, refused by a limit of his own, could use up one that
//! he shares with others.

use std::time::Duration;

use edge::platform::{AtomicFailure, Clock};
use router_core::limit::owner::{Ask, Said};

use super::shares::{self, Share};
use super::{Asked, Objects, PATIENCE, wire};
use crate::platform::Workers;

impl Workers {
    /// Asks `objects` for counts.
    pub(super) async fn count_in(
        &self,
        objects: Objects,
        asked: &[(String, Ask)],
        patience: Duration,
    ) -> Result<Vec<Said>, AtomicFailure> {
        let shares = shares::part(asked);
        match shares.as_slice() {
            [share] => said(objects.count(share, patience), share).await,
            _ => {
                let counted = self.carry(count_apart(self.clone(), objects, shares, patience));
                counted.end().await.unwrap_or_else(|| Err(AtomicFailure::Failed("counting panicked".into())))
            }
        }
    }
}

impl Objects {
    fn count(&self, share: &Share, patience: Duration) -> Asked {
        self.ask(&share.object(), &share.question(), patience)
    }
}

async fn said(asked: Asked, share: &Share) -> Result<Vec<Said>, AtomicFailure> {
    let answer = asked.text().await?;
    wire::said(&answer, share.len()).ok_or(AtomicFailure::Failed(answer))
}

/// Asks several objects, and undoes it where not all could be had.
async fn count_apart(
    platform: Workers,
    objects: Objects,
    shares: Vec<Share>,
    patience: Duration,
) -> Result<Vec<Said>, AtomicFailure> {
    let began = platform.monotonic();
    let calls: Vec<Asked> = shares.iter().map(|share| objects.count(share, patience)).collect();
    let mut all: Vec<Option<Said>> = vec![None; shares.iter().map(Share::len).sum()];
    let (mut undoing, mut failure) = (Vec::new(), None);
    for (share, call) in shares.iter().zip(calls) {
        match said(call, share).await {
            Ok(said) => {
                undoing.extend(share.undoing(&said));
                each(&mut all, share, said, |known, said| *known = Some(said));
            }
            Err(why) => failure = failure.or(Some(why)),
        }
    }
    if failure.is_none() && all.iter().flatten().all(|said| said.verdict.admits()) {
        return Ok(all.into_iter().flatten().collect());
    }
    for place in undoing.iter().flat_map(Share::places) {
        if let Some(Some(said)) = all.get_mut(place) {
            (said.granted, said.until_ms) = (0, 0);
        }
    }
    let undone = platform.carry(undo(objects, undoing));
    if let Some(failure) = failure {
        return Err(failure);
    }
    let left = patience.saturating_sub(platform.monotonic().saturating_sub(began));
    for (share, said) in undone.within(left).await.unwrap_or_default() {
        each(&mut all, &share, said, |known, undone| {
            if let Some(known) = known {
                (known.standing, known.now_ms) = (undone.standing, undone.now_ms);
            }
        });
    }
    Ok(all.into_iter().flatten().collect())
}

/// Gives back. Who asked may not wait for it, so it has a patience of its own.
async fn undo(objects: Objects, undoing: Vec<Share>) -> Vec<(Share, Vec<Said>)> {
    let calls: Vec<Asked> = undoing.iter().map(|share| objects.count(share, PATIENCE)).collect();
    let mut undone = Vec::new();
    for (share, call) in undoing.into_iter().zip(calls) {
        if let Ok(said) = said(call, &share).await {
            undone.push((share, said));
        }
    }
    undone
}

/// Notes each answer of an object at its place.
fn each(all: &mut [Option<Said>], share: &Share, said: Vec<Said>, note: impl Fn(&mut Option<Said>, Said)) {
    for (place, said) in share.places().zip(said) {
        if let Some(known) = all.get_mut(place) {
            note(known, said);
        }
    }
}
