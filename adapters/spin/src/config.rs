//! The configuration of this instance: the embedded document, or the one in the variable `tidegate_config`.

use std::cell::RefCell;
use std::rc::Rc;

use edge::Current;
use edge::platform::{Log, Settings};
use edge::reload::{refusal, settings_of};
use http::HeaderValue;
use router_core::Rejection;
use router_core::config::variables::Kind;
use router_core::config::{Checked, PlatformName, Purpose, compile_value};
use router_core::respond::problem::problem;
use spin_sdk::wasip3::http::types::Response;

use crate::{Spin, response};

/// Checked when the component was built.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/gateway.json"));

/// The variable whose JSON text replaces the embedded document.
const VARIABLE: &str = "tidegate_config";

thread_local! {
    static CURRENT: RefCell<Option<Rc<Current>>> = const { RefCell::new(None) };
}

/// What this instance serves with, compiled by its first request.
///
/// # Errors
/// The answer to every request as long as there is no usable configuration, such as a variable without a value.
pub(crate) async fn current() -> Result<Rc<Current>, Response> {
    if let Some(current) = CURRENT.with_borrow(Clone::clone) {
        return Ok(current);
    }
    let given = Spin.setting(Kind::Env, VARIABLE).await.filter(|text| !text.is_empty());
    let checked = check(given.as_deref().unwrap_or(EMBEDDED)).await;
    match checked.gateway {
        Some(gateway) => {
            // Two first requests may both get here; the first one stays, so that nobody's state is thrown away.
            let fresh = Current::new(gateway);
            Ok(CURRENT.with_borrow_mut(|current| Rc::clone(current.get_or_insert(fresh))))
        }
        None => {
            Spin.log(refusal(&checked, "none"));
            let (status, headers, body) = problem(&Rejection::Internal, &HeaderValue::from_static(""));
            Err(response::made(status, &headers, body.into()))
        }
    }
}

async fn check(text: &str) -> Checked {
    let document = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(why) => return Checked::unreadable(&why.to_string()),
    };
    let known = settings_of(&Spin, &document).await;
    let mut checked = compile_value(&document, &known, Purpose::Run);
    checked.require(PlatformName::Spin);
    checked
}
