//! "Did you mean": the nearest of the names that would have been right.

use strsim::damerau_levenshtein;

/// A longer name is no typing slip, and comparing costs the product of both lengths.
const LONGEST: usize = 64;

/// The nearest of `candidates`, if it is near enough that somebody may have meant it.
///
/// Case does not count. Near enough is one edit for up to five letters and one more for each three letters beyond, or a
/// name that is the beginning of the other (`auth`, `authenticate`). On a tie the earlier candidate wins.
pub fn nearest<'a>(found: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = found.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let folded = fold(found);
    let allowed = allowed_edits(length);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates.into_iter().filter(|c| c.len() <= 4 * LONGEST) {
        let other = fold(candidate);
        let edits = if length >= 3 && other.len() >= 3 && (other.starts_with(&folded) || folded.starts_with(&other)) {
            // A clear abbreviation, but an equally near spelling is better.
            damerau_levenshtein(&folded, &other).min(allowed)
        } else {
            damerau_levenshtein(&folded, &other)
        };
        if edits <= allowed && best.is_none_or(|(fewest, _)| edits < fewest) {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `max-age`, `maxAge` and `max_age` are the same name to somebody who types from memory.
fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

fn allowed_edits(length: usize) -> usize {
    match length {
        0..=5 => 1,
        longer => 1 + (longer - 3) / 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 6] = ["name", "match", "upstream", "priority", "timeouts", "authenticate"];

    #[test]
    fn finds_a_swapped_a_missing_and_a_wrong_letter() {
        for (found, meant) in [("mathc", "match"), ("math", "match"), ("upstraem", "upstream"), ("priorty", "priority")]
        {
            assert_eq!(nearest(found, KEYS), Some(meant), "{found}");
        }
    }

    #[test]
    fn case_and_word_separators_do_not_count() {
        assert_eq!(nearest("UPSTREAM", KEYS), Some("upstream"));
        assert_eq!(nearest("maxAge", ["max_age", "max"]), Some("max_age"));
    }

    #[test]
    fn takes_an_abbreviation_for_the_whole_word() {
        assert_eq!(nearest("auth", KEYS), Some("authenticate"));
    }

    #[test]
    fn offers_nothing_for_another_word() {
        for found in ["", "xyz", "cache", "ab"] {
            assert_eq!(nearest(found, KEYS), None, "{found}");
        }
        assert_eq!(nearest(&"match".repeat(1000), KEYS), None);
    }

    #[test]
    fn the_first_of_two_equally_near_wins() {
        assert_eq!(nearest("mate", ["mats", "matt"]), Some("mats"));
    }
}
