//! What is on sale: a plan, its price, its period in days and its limits.

use jiff::Timestamp;

use crate::days::Days;
use crate::id::PlanId;
use crate::money::Money;
use crate::refusal::Refusal;
use crate::subscription::Terms;

/// How long one payment lasts. PayPal bills in the same number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BillingPeriod {
    /// 30 days.
    Monthly,
    /// 90 days.
    Quarterly,
    /// 180 days.
    Semiannual,
    /// 365 days.
    Yearly,
}

impl BillingPeriod {
    /// The days that one payment gives.
    pub const fn days(self) -> Days {
        match self {
            Self::Monthly => Days::new(30),
            Self::Quarterly => Days::new(90),
            Self::Semiannual => Days::new(180),
            Self::Yearly => Days::new(365),
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Semiannual => "semiannual",
            Self::Yearly => "yearly",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Monthly, Self::Quarterly, Self::Semiannual, Self::Yearly].into_iter().find(|period| period.word() == word)
    }
}

/// How a plan is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestType {
    /// Bought online.
    Paid,
    /// A quote is asked for.
    RequestQuote,
    /// A demo is booked.
    BookDemo,
}

impl RequestType {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::RequestQuote => "request_quote",
            Self::BookDemo => "book_demo",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Paid, Self::RequestQuote, Self::BookDemo].into_iter().find(|kind| kind.word() == word)
    }

    /// The text on the plan's button.
    pub const fn action_label(self) -> &'static str {
        match self {
            Self::Paid => "Subscribe",
            Self::RequestQuote => "Request Quote",
            Self::BookDemo => "Book Demo",
        }
    }
}

/// What a plan allows; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Limits {
    /// Channels at the same time, official ones too.
    pub channels: Option<u32>,
    /// Outgoing messages in a day of the customer's.
    pub daily_messages: Option<u32>,
    /// Bulk sends begun in one paid period.
    pub bulk_messages: Option<u32>,
}

/// A plan in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Its name.
    pub name: String,
    /// The price, in Bahraini dinars.
    pub price: Money,
    /// What PayPal charges for it, in a currency that PayPal knows.
    pub charged: Option<Money>,
    /// How long one payment lasts.
    pub billing_period: BillingPeriod,
    /// What it allows.
    pub limits: Limits,
    /// How long days that it gave stay before what is left of them lapses; `None` is for ever, as is usual.
    pub lapse_after: Option<Days>,
    /// What else it has, in words.
    pub features: Vec<String>,
    /// PayPal's product.
    pub paypal_product_id: Option<String>,
    /// PayPal's plan.
    pub paypal_plan_id: Option<String>,
    /// How it is got.
    pub request_type: RequestType,
    /// Whether it is on sale; a retired plan keeps serving those who have it.
    pub is_active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes.
    pub version: u64,
}

impl Plan {
    /// The terms that a buyer of today gets through PayPal.
    ///
    /// # Errors
    /// [`Refusal::PlanNotForSale`] when it is retired, not sold online, or not known to PayPal yet.
    pub fn paypal_terms(&self) -> Result<Terms, Refusal> {
        let for_sale = self.is_active && self.request_type == RequestType::Paid;
        match (&self.paypal_plan_id, self.charged) {
            (Some(paypal_plan_id), Some(charged)) if for_sale => Ok(Terms {
                plan_id: self.id.clone(),
                plan_name: self.name.clone(),
                price: self.price,
                charged: Some(charged),
                days: self.billing_period.days(),
                limits: self.limits,
                lapse_after: self.lapse_after,
                paypal_plan_id: Some(paypal_plan_id.clone()),
            }),
            _ => Err(Refusal::PlanNotForSale),
        }
    }
}
