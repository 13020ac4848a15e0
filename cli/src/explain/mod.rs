//! `tidegate explain`: what would become of a request.
//!
//! The stages of the running gateway are asked in their order, without a network and without a platform: `walk` makes an `Account` of what
//! each of them says, and [`text`] and [`json`] tell it.

mod account;
mod asking;
mod authenticate;
mod cache;
mod candidates;
mod json;
mod limit;
mod text;
mod walk;

pub(crate) use account::Ending;
pub(crate) use asking::{Question, Url};
pub(crate) use walk::walk;

use crate::arguments::{Explain, Format};
use crate::load;
use crate::report::{Failure, Report};

/// Asks the configuration and tells what it says.
pub(crate) fn explain(asked: &Explain) -> Result<Report, Failure> {
    let usable = load::usable(&asked.config, &[])?;
    let question = Question::new(asked, &usable.gateway);
    let account = walk(&usable.gateway, &question);
    let out = match asked.format {
        Format::Json => format!("{:#}\n", json::json(&account)),
        Format::Text => text::text(&account, asked.all),
    };
    // Warnings are for `check`; here they would bury what was asked.
    Ok(Report::good(out))
}
