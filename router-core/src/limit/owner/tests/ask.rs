//! Questions and answers as numbers.

use super::*;

fn operations() -> impl Strategy<Value = Operation> {
    let settlement = || {
        (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(until_ms, granted, used)| Settlement {
            until_ms,
            granted,
            used,
        })
    };
    prop_oneof![
        (any::<u64>(), select(vec![OnOver::Refuse, OnOver::Meter]))
            .prop_map(|(cost, on_over)| Operation::Charge { cost, on_over }),
        (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>(), settlement())
            .prop_map(|(cost, want, ttl_ms, share, settle)| Operation::Lease { cost, want, ttl_ms, share, settle }),
        settlement().prop_map(Operation::Settle),
        (any::<u64>(), any::<u64>()).prop_map(|(units, taken_ms)| Operation::GiveBack { units, taken_ms }),
        any::<u64>().prop_map(|units| Operation::Take { units }),
        any::<u64>().prop_map(|slot| Operation::Release { slot }),
        Just(Operation::Look),
        Just(Operation::Reset),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let verdicts = prop_oneof![
        any::<u64>().prop_map(|delay_ms| Verdict::Admitted { delay_ms }),
        any::<u64>().prop_map(|units| Verdict::Over { units }),
        any::<Option<u64>>().prop_map(|retry_ms| Verdict::Refused { retry_ms }),
    ];
    (verdicts, any::<[u64; 6]>()).prop_map(|(verdict, [remaining, next_ms, full_ms, granted, until_ms, now_ms])| Said {
        verdict,
        standing: Standing { remaining, next_ms, full_ms },
        granted,
        until_ms,
        now_ms,
    })
}

proptest! {
    #[test]
    fn a_question_is_read_from_its_numbers(quota in quotas(&ALL), operation in operations(), now in 0..LARGEST / 2) {
        let ask = Ask { rule: quota.rule(now), operation };
        prop_assert_eq!(Ask::from_numbers(&ask.numbers()), Some(ask));
        prop_assert_eq!(Ask::from_numbers(&ask.numbers()[1..]), None);
    }

    #[test]
    fn an_answer_is_read_from_its_numbers(said in said()) {
        prop_assert_eq!(Said::from_numbers(&said.numbers()), Some(said));
        prop_assert_eq!(Said::from_numbers(&said.numbers()[1..]), None);
    }

    #[test]
    fn numbers_of_no_question_are_none_and_any_question_is_answered(
        rule in prop::collection::vec(prop_oneof![0..9_u64, any::<u64>()], RULE),
        operation in prop::collection::vec(prop_oneof![0..9_u64, any::<u64>()], ASK_NUMBERS - RULE),
        quota in quotas(&ALL), now in any::<u64>(), state in "[0-9 ]{0,40}",
    ) {
        let any_rule: Vec<u64> = rule.into_iter().chain(operation.iter().copied()).collect();
        let known_rule: Vec<u64> = quota.rule(now).numbers().into_iter().chain(operation).collect();
        for numbers in [any_rule, known_rule] {
            let Some(ask) = Ask::from_numbers(&numbers) else { continue };
            let state = State::read(&state, &ask.rule);
            let Decided { said, next } = alone(ask, &state, now);
            prop_assert_eq!(Said::from_numbers(&said.numbers()), Some(said));
            prop_assert!(said.now_ms <= LARGEST);
            if let Some(next) = next {
                let text = next.write(&ask.rule);
                prop_assert_eq!(State::read(&text, &ask.rule), next, "{}", text);
            }
        }
    }
}

const RULE: usize = crate::limit::rule::RULE_NUMBERS;
