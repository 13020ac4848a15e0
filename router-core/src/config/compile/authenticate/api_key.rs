//! `api_key:`.

use crate::authenticate::api_key::Rules;
use crate::config::compile::context::Context;
use crate::config::diagnostic::Place;
use crate::config::raw::authenticate as raw;

pub(super) fn rules(_raw: &raw::ApiKey, path: &Place<'_>, context: &mut Context) -> Option<Rules> {
    context.error("not-built", *path, "`api_key` cannot be configured yet");
    None
}
