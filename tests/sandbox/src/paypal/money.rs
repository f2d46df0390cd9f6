//! Amounts in the smallest unit of their currency, read from and printed as decimal text.
//! The vendor prints the same sum as `10.00` in one place and `10.0` in another; both printers live here. No floats.

use serde::{Deserialize, Serialize};

/// Currencies without decimals at the vendor, which is not ISO 4217's own list.
const WITHOUT_DECIMALS: [&str; 3] = ["HUF", "JPY", "TWD"];
/// Currencies a business may be paid in here; those for domestic accounts only are missing.
const RECEIVABLE: [&str; 21] = [
    "AUD", "CAD", "CZK", "DKK", "EUR", "HKD", "HUF", "ILS", "JPY", "MXN", "TWD", "NZD", "NOK", "PHP", "PLN", "GBP", "SGD", "SEK", "CHF",
    "THB", "USD",
];
/// The largest sum taken, in the smallest unit.
const LARGEST: i64 = 1_000_000_000_000;
/// Quantities are counted in millionths.
const QUANTITY_SCALE: u32 = 6;
const LARGEST_QUANTITY: i128 = 1_000_000_000_000_000;

/// A sum of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub(super) struct Money {
    pub(super) currency: String,
    pub(super) minor: i64,
}

/// Money as it stands in requests and answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wire {
    pub(super) currency_code: String,
    pub(super) value: String,
}

/// Why a text is no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a sum of money in this currency")]
pub(super) struct NotMoney;

impl TryFrom<Wire> for Money {
    type Error = NotMoney;
    fn try_from(wire: Wire) -> Result<Self, NotMoney> {
        Self::parse(&wire.currency_code, &wire.value)
    }
}

impl From<Money> for Wire {
    fn from(money: Money) -> Self {
        money.wire()
    }
}

impl Money {
    /// Nothing, in a currency.
    pub(super) fn zero(currency: &str) -> Self {
        Self::of(currency, 0)
    }

    /// A sum in the smallest unit, kept within what the vendor handles.
    pub(super) fn of(currency: &str, minor: i64) -> Self {
        Self { currency: currency.to_owned(), minor: minor.clamp(-LARGEST, LARGEST) }
    }

    /// A decimal text; more decimals than the currency has are refused.
    pub(super) fn parse(currency: &str, value: &str) -> Result<Self, NotMoney> {
        let scaled = decimal(value, decimals(currency)).ok_or(NotMoney)?;
        let minor = i64::try_from(scaled).map_err(|_| NotMoney)?;
        if minor.abs() > LARGEST { Err(NotMoney) } else { Ok(Self { currency: currency.to_owned(), minor }) }
    }

    /// `10.00`.
    pub(super) fn plain(&self) -> String {
        print(self.minor, decimals(&self.currency))
    }

    /// `10.0`: without trailing zeros but one.
    pub(super) fn short(&self) -> String {
        let mut text = self.plain();
        while text.contains('.') && text.ends_with('0') && !text.ends_with(".0") {
            text.pop();
        }
        text
    }

    /// With two decimals.
    pub(super) fn wire(&self) -> Wire {
        Wire { currency_code: self.currency.clone(), value: self.plain() }
    }

    /// With as few decimals as the vendor's billing service prints.
    pub(super) fn short_wire(&self) -> Wire {
        Wire { currency_code: self.currency.clone(), value: self.short() }
    }

    /// The sum of both, in this one's currency.
    pub(super) fn plus(&self, minor: i64) -> Self {
        Self::of(&self.currency, self.minor.saturating_add(minor))
    }

    /// So many millionths of it, rounded to the nearest smallest unit.
    pub(super) fn times(&self, millionths: i128) -> Self {
        let scale = 10_i128.pow(QUANTITY_SCALE);
        let product = i128::from(self.minor).saturating_mul(millionths).saturating_add(scale / 2) / scale;
        Self::of(&self.currency, i64::try_from(product).unwrap_or(LARGEST))
    }

    /// What the vendor keeps of it: 3.49 % and 49 hundredths, never more than the sum.
    pub(super) fn fee(&self) -> Self {
        let share = self.minor.saturating_mul(349).saturating_add(5_000) / 10_000;
        Self::of(&self.currency, share.saturating_add(49).min(self.minor))
    }
}

/// Whether the business account takes this currency.
pub(super) fn receivable(currency: &str) -> bool {
    RECEIVABLE.contains(&currency)
}

/// A quantity in millionths.
pub(super) fn quantity(text: &str) -> Option<i128> {
    decimal(text, QUANTITY_SCALE).filter(|millionths| (0..=LARGEST_QUANTITY).contains(millionths))
}

fn decimals(currency: &str) -> u32 {
    if WITHOUT_DECIMALS.contains(&currency) { 0 } else { 2 }
}

fn decimal(text: &str, places: u32) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let used = fraction.trim_end_matches('0');
    let filler = (places as usize).checked_sub(used.len())?;
    let all_digits = [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !all_digits || digits.is_empty() || digits.ends_with('.') {
        return None;
    }
    let magnitude: i128 = format!("0{whole}{used}{}", "0".repeat(filler)).parse().ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

fn print(minor: i64, places: u32) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let scale = 10_u64.pow(places);
    let magnitude = minor.unsigned_abs();
    let (whole, rest) = (magnitude / scale, magnitude % scale);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:0width$}", width = places as usize) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_sum_prints_two_ways() {
        let ten = Money::parse("USD", "10").unwrap();
        assert_eq!((ten.plain().as_str(), ten.short().as_str()), ("10.00", "10.0"));
        let odd = Money::parse("USD", "-.05").unwrap();
        assert_eq!((odd.plain().as_str(), odd.short().as_str()), ("-0.05", "-0.05"));
        let yen = Money::parse("JPY", "1200.00").unwrap();
        assert_eq!((yen.plain().as_str(), yen.short().as_str()), ("1200", "1200"));
    }

    #[test]
    fn too_many_decimals_and_nonsense_are_refused() {
        for (currency, value) in
            [("USD", "1.005"), ("JPY", "1.5"), ("USD", "ten"), ("USD", ""), ("USD", "1."), ("USD", "99999999999999999999")]
        {
            assert_eq!(Money::parse(currency, value), Err(NotMoney), "{currency} {value}");
        }
    }

    #[test]
    fn a_quantity_multiplies_and_rounds() {
        let price = Money::parse("USD", "3.33").unwrap();
        assert_eq!(price.times(quantity("3").unwrap()).plain(), "9.99");
        assert_eq!(price.times(quantity("0.5").unwrap()).plain(), "1.67");
    }
}
