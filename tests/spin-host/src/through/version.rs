//! Which Spin can run the component. This file is the one rule: the case runner and xtask include it as well.

/// Whether what `spin --version` says, such as `spin 4.1.0-pre0 (94a8fc8 2026-07-01)`, is a Spin that knows the interfaces
/// which the component speaks. Spin 4.0 does not.
pub(crate) fn runs_the_component(said: &str) -> bool {
    let mut words = said.split_whitespace();
    let (Some("spin"), Some(version)) = (words.next(), words.next()) else { return false };
    let mut numbers = version.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= (4, 1))
}

#[cfg(test)]
mod tests {
    use super::runs_the_component;

    #[test]
    fn takes_spin_from_4_1_on() {
        for good in ["spin 4.1.0-pre0 (94a8fc8 2026-07-01)", "spin 4.1.0 (abc 2026-09-01)\n", "spin 4.10.0", "spin 5.0"]
        {
            assert!(runs_the_component(good), "{good}");
        }
    }

    #[test]
    fn takes_neither_an_older_spin_nor_another_program_of_this_name() {
        for bad in ["spin 4.0.2 (abc)", "spin 3.10.0", "Spin Version 6.5.2", "SPIN model checker", "spin", ""] {
            assert!(!runs_the_component(bad), "{bad}");
        }
    }
}
