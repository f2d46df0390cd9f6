//! Money in minor units: an integer and its currency. There is no float anywhere near it.

use std::fmt;

/// The number did not read as money of that currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// No decimal number, or more decimals than the currency has.
    #[error("not an amount of {0}")]
    NotAnAmount(&'static str),
    /// A currency that we do not know.
    #[error("not a currency that we know")]
    UnknownCurrency,
}

macro_rules! currencies {
    ($($variant:ident $code:literal $decimals:literal),* $(,)?) => {
        /// The currencies that we price in (BHD) and that PayPal charges, with PayPal's decimals:
        /// HUF, JPY and TWD have none there (developer.paypal.com/reference/currency-codes).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Currency { $(#[doc = $code] $variant),* }

        impl Currency {
            /// The ISO 4217 code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// How many digits stand after the point.
            pub const fn decimals(self) -> u32 {
                match self { $(Self::$variant => $decimals),* }
            }

            /// Reads an ISO 4217 code in capitals.
            ///
            /// # Errors
            /// [`MoneyError::UnknownCurrency`] for any other text.
            pub fn parse(code: &str) -> Result<Self, MoneyError> {
                match code { $($code => Ok(Self::$variant),)* _ => Err(MoneyError::UnknownCurrency) }
            }
        }
    };
}

currencies! {
    Bhd "BHD" 3, Aud "AUD" 2, Brl "BRL" 2, Cad "CAD" 2, Chf "CHF" 2, Cny "CNY" 2, Czk "CZK" 2, Dkk "DKK" 2,
    Eur "EUR" 2, Gbp "GBP" 2, Hkd "HKD" 2, Huf "HUF" 0, Ils "ILS" 2, Jpy "JPY" 0, Mxn "MXN" 2, Myr "MYR" 2,
    Nok "NOK" 2, Nzd "NZD" 2, Php "PHP" 2, Pln "PLN" 2, Sek "SEK" 2, Sgd "SGD" 2, Thb "THB" 2, Twd "TWD" 0, Usd "USD" 2,
}

/// An amount of one currency, in its minor units (fils, cents).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// The amount in minor units; negative for what went back.
    pub minor: i64,
    /// What it is an amount of.
    pub currency: Currency,
}

impl Money {
    /// That many minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a decimal number such as `12.500`, `12.5` or `-3`. Zeros past the currency's decimals are
    /// taken (providers print `10.0` and `10.00` alike), other digits there are not.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`] for anything else, or what does not fit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let error = MoneyError::NotAnAmount(currency.code());
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').map_or((digits, ""), |parts| parts);
        if whole.is_empty() || digits.ends_with('.') || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit()) {
            return Err(error);
        }
        let minor = minor_units(whole, fraction, currency.decimals() as usize).ok_or(error)?;
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// The amount as a decimal number with all the currency's digits, such as `12.500`.
    pub fn decimal(&self) -> String {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let (sign, size) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        if decimals == 0 {
            return format!("{sign}{size}");
        }
        format!("{sign}{}.{:0width$}", size / unit, size % unit, width = decimals as usize)
    }
}

fn minor_units(whole: &str, fraction: &str, decimals: usize) -> Option<i64> {
    let kept = fraction.get(..decimals.min(fraction.len()))?;
    let beyond = fraction.get(kept.len()..)?;
    if beyond.bytes().any(|digit| digit != b'0') {
        return None;
    }
    format!("{whole}{kept:0<decimals$}").parse().ok()
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dinars_have_three_decimals_and_yen_none() {
        assert_eq!(Money::parse("12.5", Currency::Bhd), Ok(Money::new(12_500, Currency::Bhd)));
        assert_eq!(Money::parse("10.0", Currency::Usd).map(|money| money.decimal()), Ok("10.00".to_owned()));
        assert_eq!(Money::parse("100.00", Currency::Jpy), Ok(Money::new(100, Currency::Jpy)));
        assert_eq!(Money::parse("-0.01", Currency::Usd), Ok(Money::new(-1, Currency::Usd)));
        for bad in ["", ".", "1.", ".5", "1e3", "1.005", "١٢", "1,5", "+1", "--1", "99999999999999999999"] {
            assert!(Money::parse(bad, Currency::Usd).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(minor in -1_000_000_000_i64..1_000_000_000) {
            for currency in [Currency::Bhd, Currency::Usd, Currency::Jpy] {
                let money = Money::new(minor, currency);
                prop_assert_eq!(Money::parse(&money.decimal(), currency), Ok(money));
            }
        }
    }
}
