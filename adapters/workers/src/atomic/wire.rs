//! What is said between a request and an object: lines of words and whole numbers, whatever stands in a key.

use std::fmt::Write;

use router_core::atomic::{Outcome, Transition};
use router_core::limit::owner::{ASK_NUMBERS, Ask, SAID_NUMBERS, Said};

/// What an object is asked.
#[derive(Debug, PartialEq)]
pub(super) enum Question<'q> {
    /// To decide on a key.
    Decide(&'q str, Transition),
    /// To decide on counts, each with its key.
    Count(Vec<(&'q str, Ask)>),
}

/// A decision as it is asked for. The key is the last line and may hold more of them.
pub(super) fn question(key: &str, transition: &Transition) -> String {
    match transition {
        Transition::Claim { lifetime_ms } => format!("claim\n{lifetime_ms}\n{key}"),
    }
}

/// Counts as they are asked for. Each is a line of numbers, of which the first is the length of its key in bytes, and then its key.
pub(super) fn count<'a>(asked: impl IntoIterator<Item = (&'a str, Ask)>) -> String {
    let mut text = String::from("count\n");
    for (key, ask) in asked {
        number(&mut text, key.len() as u64);
        for told in ask.numbers() {
            text.push(' ');
            number(&mut text, told);
        }
        text.extend(["\n", key, "\n"]);
    }
    text
}

/// Reads a question; `None` for one that this version does not know.
pub(super) fn read(question: &str) -> Option<Question<'_>> {
    let (word, rest) = question.split_once('\n')?;
    match word {
        "claim" => {
            let (lifetime_ms, key) = rest.split_once('\n')?;
            Some(Question::Decide(key, Transition::Claim { lifetime_ms: lifetime_ms.parse().ok()? }))
        }
        "count" => read_count(rest).map(Question::Count),
        _ => None,
    }
}

fn read_count(mut rest: &str) -> Option<Vec<(&str, Ask)>> {
    let mut asked = Vec::new();
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n')?;
        let (length, told) = line.split_once(' ')?;
        let (key, after) = after.split_at_checked(length.parse().ok()?)?;
        asked.push((key, Ask::from_numbers(&numbers::<ASK_NUMBERS>(told)?)?));
        rest = after.strip_prefix('\n')?;
    }
    Some(asked)
}

/// The word for an outcome.
pub(super) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Claimed => "claimed",
        Outcome::Taken => "taken",
    }
}

/// The outcome of a word.
pub(super) fn outcome(answer: &str) -> Option<Outcome> {
    [Outcome::Claimed, Outcome::Taken].into_iter().find(|outcome| word(*outcome) == answer)
}

/// What is said of counts: a line of numbers for each.
pub(super) fn answer<'a>(said: impl IntoIterator<Item = &'a Said>) -> String {
    let mut text = String::new();
    for said in said {
        for (place, told) in said.numbers().into_iter().enumerate() {
            if place > 0 {
                text.push(' ');
            }
            number(&mut text, told);
        }
        text.push('\n');
    }
    text
}

/// Reads what is said of so many counts.
pub(super) fn said(answer: &str, asked: usize) -> Option<Vec<Said>> {
    let said: Option<Vec<Said>> =
        answer.lines().map(|line| Said::from_numbers(&numbers::<SAID_NUMBERS>(line)?)).collect();
    said.filter(|said| said.len() == asked)
}

/// Exactly `MANY` numbers.
fn numbers<const MANY: usize>(line: &str) -> Option<[u64; MANY]> {
    let mut words = line.split(' ');
    let mut numbers = [0; MANY];
    for number in &mut numbers {
        *number = words.next()?.parse().ok()?;
    }
    words.next().is_none().then_some(numbers)
}

fn number(text: &mut String, number: u64) {
    // A text takes whatever is written to it.
    write!(text, "{number}").ok();
}

#[cfg(test)]
mod tests {
    use router_core::limit::algorithm::{Concurrency, Meter};
    use router_core::limit::owner::{OnOver, Operation};
    use router_core::limit::rule::Rule;
    use router_core::limit::verdict::{Standing, Verdict};

    use super::*;

    const KEYS: [&str; 6] = ["", "a", "a\nb", "\n\n", "é?&#", "limit/per-day/00ff"];

    fn asks() -> [Ask; 2] {
        let meter = Rule::Meter(Meter::from_numbers([10, 1000, 10]).unwrap());
        let slots = Rule::Concurrency(Concurrency::new(3, 1000).unwrap());
        let charge = Operation::Charge { cost: u64::MAX, on_over: OnOver::Meter };
        [Ask { rule: meter, operation: charge }, Ask { rule: slots, operation: Operation::Release { slot: 7 } }]
    }

    #[test]
    fn a_question_is_read_as_it_was_put_whatever_its_key() {
        for key in KEYS {
            let claim = Transition::Claim { lifetime_ms: u64::MAX };
            assert_eq!(read(&question(key, &claim)), Some(Question::Decide(key, claim)));
        }
        assert_eq!(read("claim\nmany\nk"), None);
        assert_eq!(read("charge\n1\nk"), None);
    }

    #[test]
    fn counts_are_read_as_they_were_asked_for_whatever_their_keys() {
        let asked: Vec<_> = KEYS.into_iter().zip(asks().into_iter().cycle()).collect();
        assert_eq!(read(&count(asked.iter().copied())), Some(Question::Count(asked)));
        assert_eq!(read(&count([])), Some(Question::Count(Vec::new())));
    }

    #[test]
    fn a_question_that_was_cut_or_lengthened_is_none() {
        let whole = count([("k", asks()[0]), ("l", asks()[1])]);
        let first = count([("k", asks()[0])]).len();
        for end in (0..whole.len()).filter(|end| ![first, "count\n".len()].contains(end)) {
            assert_eq!(read(&whole[..end]), None, "{end}");
        }
        for broken in ["0 1", "99 1 1 1\nk\n", "1 1 1 1\nkk\n", "-1 1\nk\n", "1\nk\n"] {
            assert_eq!(read(&format!("count\n{broken}")), None, "{broken}");
        }
        assert_eq!(read(&whole.replace("\nk\n", " 1\nk\n")), None);
    }

    #[test]
    fn an_outcome_is_told_by_one_word() {
        for told in [Outcome::Claimed, Outcome::Taken] {
            assert_eq!(outcome(word(told)), Some(told));
        }
        assert_eq!(outcome(""), None);
    }

    #[test]
    fn an_answer_is_read_as_it_was_said_and_only_if_it_is_about_all() {
        let standing = Standing { remaining: 1, next_ms: 2, full_ms: 3 };
        let one =
            Said { verdict: Verdict::Refused { retry_ms: None }, standing, granted: 4, until_ms: u64::MAX, now_ms: 6 };
        let other = Said { verdict: Verdict::Over { units: 9 }, ..one };
        let text = answer([&one, &other]);
        assert_eq!(said(&text, 2), Some(vec![one, other]));
        assert_eq!((said(&text, 1), said(&text, 3), said("1 2\n", 1), said("overloaded", 1)), (None, None, None, None));
        assert_eq!(said("", 0), Some(Vec::new()));
    }
}
