//! Amounts as PayPal prints them: `{currency_code, value}` in the newer APIs, `{currency, total}` in the
//! older ones, and `10.0` as well as `10.00`.

use domain::{Currency, Money};

use crate::json::Node;

/// An amount as it was printed; compare it as [`Money`], never as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// The decimal number.
    pub value: String,
    /// The currency's code.
    pub currency: String,
}

impl Amount {
    /// The amount in minor units; `None` for a currency or a number that we cannot read, which a person
    /// has to look at.
    pub fn money(&self) -> Option<Money> {
        Money::parse(&self.value, Currency::parse(&self.currency).ok()?).ok()
    }

    /// The same without a sign: refunds are printed with and without one.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        if let Some(bare) = self.value.strip_prefix('-') {
            self.value = bare.to_owned();
        }
        self
    }

    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        Some(Self { value: node.any(&["value", "total"]).text()?, currency: node.any(&["currency_code", "currency"]).text()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn money(document: serde_json::Value) -> Option<Money> {
        Amount::read(Node(&document)).and_then(|amount| amount.unsigned().money())
    }

    #[test]
    fn both_shapes_and_all_spellings_are_the_same_money() {
        let ten = Some(Money::new(1_000, Currency::Usd));
        assert_eq!(money(json!({"currency_code": "USD", "value": "10.0"})), ten);
        assert_eq!(money(json!({"currency": "USD", "total": "10.00"})), ten);
        assert_eq!(money(json!({"currency": "USD", "total": "-10"})), ten);
        assert_eq!(money(json!({"currency": "JPY", "value": "500.0"})), Some(Money::new(500, Currency::Jpy)));
        assert_eq!(money(json!({"currency": "XAU", "value": "1"})), None);
        assert_eq!(money(json!({"currency": "USD", "value": "1.005"})), None);
    }
}
