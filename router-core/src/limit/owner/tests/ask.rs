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

}
