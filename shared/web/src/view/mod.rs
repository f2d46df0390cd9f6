//! What things look like in JSON: the shapes of the public surface, where absent is null and never left out.

pub mod account;
pub mod channel;
pub mod plan;

use domain::{Money, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An amount of money.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MoneyView {
    /// A decimal number with all of the currency's digits.
    #[schema(example = "12.500")]
    pub amount: String,
    /// The ISO 4217 code.
    #[schema(example = "BHD")]
    pub currency: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { amount: money.decimal(), currency: money.currency.code().to_owned() }
    }
}

/// A time as RFC 3339 in UTC.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The same where there may be none.
pub fn maybe_time(at: Option<Timestamp>) -> Option<String> {
    at.map(time)
}
