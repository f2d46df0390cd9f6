//! What AWS asks, and what an operation comes to: the list prices of us-east-1 on demand, free tiers left
//! out, and the units that were counted.

use crate::figures::milliseconds;
use crate::probe::Call;

/// When these prices were looked up last.
pub const AS_OF: &str = "2025-12";
/// Dollars for a million read request units of DynamoDB.
pub const MILLION_READS: f64 = 0.125;
/// Dollars for a million write request units of DynamoDB.
pub const MILLION_WRITES: f64 = 0.625;
/// Dollars for a million invocations of Lambda.
pub const MILLION_INVOCATIONS: f64 = 0.20;
/// Dollars for a gigabyte of memory during a second of Lambda (x86).
pub const GIGABYTE_SECOND: f64 = 0.000_016_666_7;
/// Dollars for a million requests through the HTTP API.
pub const MILLION_HTTP: f64 = 1.00;
/// Dollars for a million requests to SQS.
pub const MILLION_QUEUE: f64 = 0.40;
/// Dollars for a secret and a month.
pub const SECRET_MONTH: f64 = 0.40;
/// Dollars for ten thousand reads of secrets.
pub const TEN_THOUSAND_SECRETS: f64 = 0.05;

/// Requests to SQS for each batch of jobs: sent, received, deleted.
const QUEUE_REQUESTS: f64 = 3.0;
/// Memory of each function, in gigabytes, as the template has it.
const MEMORY_GB: f64 = 0.25;
/// A million.
const MILLION: f64 = 1_000_000.0;
/// Milliseconds of a second.
const SECOND_MS: f64 = 1_000.0;

/// Dollars for a million times these invocations; `is_http` when the gateway brought the first.
pub fn dollars_per_million<'a>(calls: impl IntoIterator<Item = &'a Call>, is_http: bool) -> f64 {
    let gateway = if is_http { MILLION_HTTP } else { 0.0 };
    gateway + calls.into_iter().map(invocation).sum::<f64>()
}

/// Dollars for a million invocations like that one.
fn invocation(call: &Call) -> f64 {
    // Lambda counts whole milliseconds.
    let seconds = milliseconds(call.took).ceil() / SECOND_MS;
    let queue = if call.function == "worker" { QUEUE_REQUESTS * MILLION_QUEUE } else { 0.0 };
    let table = call.usage.read_units * MILLION_READS + call.usage.write_units * MILLION_WRITES;
    MILLION_INVOCATIONS + seconds * MEMORY_GB * GIGABYTE_SECOND * MILLION + queue + table
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use store::Usage;

    use super::*;

    #[test]
    fn an_operation_costs_its_invocations_its_time_and_its_units() {
        let usage = Usage { requests: 1, read_units: 1.0, write_units: 2.0 };
        let call = |function| Call { function, what: String::new(), took: Duration::from_micros(1_500), usage, aws: Vec::new() };
        let qr = dollars_per_million(&[call("qr")], true);
        assert!((qr - (1.0 + 0.2 + 0.008_333 + 0.125 + 1.25)).abs() < 0.000_1, "{qr}");
        let worker = dollars_per_million(&[call("worker")], false);
        assert!((worker - (qr - 1.0 + 1.2)).abs() < 0.000_1, "{worker}");
    }
}
