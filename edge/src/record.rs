//! The access-log line of a request.

use http::StatusCode;

use crate::exchange::Exchange;
use crate::platform::Platform;

/// Microseconds since the request came.
pub(crate) fn elapsed_us<P: Platform>(exchange: &Exchange<'_, P>) -> u64 {
    let elapsed = exchange.platform.monotonic().saturating_sub(exchange.started);
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

/// Completes the record and hands its line to the platform's log.
pub(crate) fn finish<P: Platform>(exchange: &mut Exchange<'_, P>, status: StatusCode, problem: Option<&'static str>) {
    let duration_us = elapsed_us(exchange);
    let record = &mut exchange.record;
    record.status = status.as_u16();
    record.problem = problem;
    record.duration_us = duration_us;
    if let Some(line) = record.line(exchange.gateway.access_log) {
        exchange.platform.log(line);
    }
}
