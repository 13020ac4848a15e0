//! Which target should answer?

/// Picks one of `targets` with equal chance. `random` is any 64 random bits; without targets there is nothing to pick.
///
/// The multiplication maps the bits to an index without the bias of a remainder (Lemire, "Fast Random Integer Generation in an Interval",
/// 2019): for any realistic number of targets the shares differ by less than one in 2^32.
#[must_use]
pub fn pick<T>(targets: &[T], random: u64) -> Option<&T> {
    let index = (u128::from(random) * targets.len() as u128) >> 64;
    targets.get(usize::try_from(index).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_each_target_as_often() {
        let targets = [0usize, 1, 2];
        let mut counts = [0u32; 3];
        for i in 0..3000u64 {
            counts[*pick(&targets, i.wrapping_mul(u64::MAX / 3000)).unwrap()] += 1;
        }
        // The grid of 3000 points does not meet the borders exactly, so a border point may fall to either side.
        assert!(counts.iter().all(|count| count.abs_diff(1000) <= 1), "{counts:?}");
    }

    #[test]
    fn picks_nothing_from_nothing() {
        assert_eq!(pick::<u8>(&[], 7), None);
    }
}
