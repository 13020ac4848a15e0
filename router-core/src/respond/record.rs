//! The access log: one JSON object a request.

use http::StatusCode;
use serde::Serialize;

/// Which requests get a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessLog {
    /// All.
    #[default]
    All,
    /// Those that ended with 500 or more, or that a policy refused.
    Errors,
    /// None.
    Off,
}

/// What is known of a request at its end. A field that is not known is left out of the line.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Record {
    /// When the request came, as milliseconds since 1970.
    pub time_ms: u64,
    /// The request id.
    pub request_id: String,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The method.
    pub method: String,
    /// The host that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The path as it was sent. The query is left out: it often carries secrets.
    pub path: String,
    /// Who asked, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer: Option<String>,
    /// The authenticator that found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticator: Option<String>,
    /// The route's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The stage that answered.
    pub stage: &'static str,
    /// The answer's status.
    pub status: u16,
    /// The code of the problem, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<&'static str>,
    /// The limit that refused, be it in shadow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// How many units were let through beyond a quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_over: Option<u64>,
    /// The limit that is nearly used up, and to how many percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_warning: Option<String>,
    /// What the cache did, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<&'static str>,
    /// The upstream's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// The target that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Why the upstream failed, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<&'static str>,
    /// What the platform said about the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_detail: Option<String>,
    /// Rules in shadow mode that would have refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shadow: Vec<&'static str>,
    /// From the request's head to the upstream's head, in microseconds. On Workers the clock stands still while no I/O happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_us: Option<u64>,
    /// From the request's head to the answer's head, in microseconds.
    pub duration_us: u64,
}

impl Record {
    /// The line, if `which` wants one. `None` also for a record that cannot be written, which no field of it can cause.
    #[must_use]
    pub fn line(&self, which: AccessLog) -> Option<String> {
        let wanted = match which {
            AccessLog::All => true,
            AccessLog::Errors => self.status >= StatusCode::INTERNAL_SERVER_ERROR.as_u16() || self.problem.is_some(),
            AccessLog::Off => false,
        };
        if wanted { serde_json::to_string(self).ok() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object_whatever_a_client_sends() {
        let record =
            Record { path: "/\"\n\u{7f}é".into(), status: 404, problem: Some("route-not-found"), ..Record::default() };
        let line = record.line(AccessLog::Errors).unwrap();
        assert!(!line.contains('\n'));
        let back: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(back["path"], "/\"\n\u{7f}é");
    }

    #[test]
    fn only_wanted_lines_are_written() {
        let fine = Record { status: 200, ..Record::default() };
        assert!(fine.line(AccessLog::All).is_some());
        assert!(fine.line(AccessLog::Errors).is_none());
        assert!(Record { status: 502, ..fine.clone() }.line(AccessLog::Errors).is_some());
        assert!(Record { status: 502, ..fine }.line(AccessLog::Off).is_none());
    }
}
