//! Who comes: of a crowd in which few come often and most come seldom (Zipf 1949).

use crate::random::Random;

/// Members, the one that comes most often first.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// How often one of the first so many comes, of all.
    upto: Vec<f64>,
}

impl Crowd {
    /// The n-th of `size` members comes 1 / n^`skew` times as often as the first; with a skew of 0 all come as often.
    pub(crate) fn new(size: usize, skew: f64) -> Self {
        let mut sum = 0.0;
        let sums: Vec<f64> = (1..=size)
            .map(|rank| {
                sum += (rank as f64).powf(-skew);
                sum
            })
            .collect();
        Self { upto: sums.into_iter().map(|upto| upto / sum).collect() }
    }

    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        let point = random.fraction();
        self.upto.partition_point(|upto| *upto <= point).min(self.upto.len() - 1)
    }
}
