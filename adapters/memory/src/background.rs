//! Work after the answer waits here until the test runs it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;

use edge::platform::Background;

use crate::Memory;

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// The work, in the order in which it was left.
#[derive(Default)]
pub(crate) struct Queue(RefCell<VecDeque<Work>>);

impl Queue {
    pub(crate) fn next(&self) -> Option<Work> {
        self.0.borrow_mut().pop_front()
    }
}

impl Background for Memory {
    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        self.state.background.0.borrow_mut().push_back(Box::pin(work));
    }
}

#[cfg(test)]
mod tests {
    use edge::platform::Log;

    use super::*;
    use crate::executor::run;

    #[test]
    fn runs_only_when_told_in_order_and_with_what_it_leaves_in_turn() {
        let memory = Memory::default();
        for name in ["a", "b"] {
            let inner = memory.clone();
            memory.defer(async move {
                inner.log(name.to_owned());
                let last = inner.clone();
                inner.defer(async move { last.log(format!("{name}2")) });
            });
        }
        assert!(memory.lines().take().is_empty());
        run(memory.run_background()).unwrap();
        assert_eq!(memory.lines().take(), ["a", "b", "a2", "b2"]);
    }
}
