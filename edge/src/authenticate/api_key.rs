//! API keys: what the core cannot tell by itself is asked of the key-value store.

use router_core::authenticate::api_key::{Asker, Look, Rules};
use router_core::authenticate::{Attempt, presented};
use serde_json::json;

use super::Asking;
use crate::platform::{KvFailure, Platform};

pub(super) async fn attempt<P: Platform>(asking: &Asking<'_, P>, name: &str, rules: &Rules) -> Attempt {
    let presented = presented(&rules.places, asking.head);
    let asker = Asker { name, scope: &asking.gateway.memory_scope, now_ms: asking.now_ms };
    let instance = asking.platform.instance();
    let look = rules.look(&asker, &presented, &mut instance.api_keys.borrow_mut());
    let question = match look {
        Look::Decided(attempt) => return attempt,
        Look::Ask(question) => question,
    };
    let found = match asking.platform.get(&question.store_key).await {
        Ok(found) => found,
        // Keys of the document alone: whatever is not there is unknown.
        Err(KvFailure::Absent) => None,
        Err(KvFailure::Failed(why)) => {
            return Attempt::Undecided { reason: format!("the store of API keys failed: {why}"), retry_after: None };
        }
    };
    let answered = rules.answered(&asker, &question, found.as_deref(), &mut instance.api_keys.borrow_mut());
    if let Some(reason) = answered.broken {
        let line = json!({"event": "api_key_record_refused", "key": question.store_key, "reason": reason});
        asking.platform.log(line.to_string());
    }
    answered.attempt
}
