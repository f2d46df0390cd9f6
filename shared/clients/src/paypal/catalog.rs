//! Products and plans. A price is never changed at PayPal: a new plan takes the old one's place, so that
//! whoever bought keeps the terms.

use domain::{Days, Money};
use serde_json::{Value, json};

use super::amount::Amount;
use super::client::{Call, PayPal};
use crate::json::Node;
use crate::outcome::CallError;

/// After how many failed periods PayPal suspends (each with its own two further tries).
const FAILED_PERIODS: u32 = 1;
/// PayPal's longest name and description, in characters.
const LONGEST_TEXT: usize = 127;

/// What is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProduct {
    /// The same for the same product: with it the call may be repeated.
    pub request_id: String,
    /// Its name.
    pub name: String,
}

/// A price and its period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    /// The same for the same plan: with it the call may be repeated.
    pub request_id: String,
    /// PayPal's id of the product.
    pub product_id: String,
    /// Its name.
    pub name: String,
    /// The period, from 1 to 365 days.
    pub days: Days,
    /// What is charged for each period.
    pub price: Money,
}

/// Whether a plan can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanState {
    /// Made, not yet for sale.
    Created,
    /// For sale.
    Active,
    /// Not for sale any more.
    Inactive,
    /// A word that we do not know.
    Unknown(String),
}

/// A plan as PayPal tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanInfo {
    /// PayPal's id (`P-…`).
    pub id: String,
    /// PayPal's id of the product.
    pub product_id: Option<String>,
    /// Whether it can be bought.
    pub state: PlanState,
    /// What its regular period costs now.
    pub price: Option<Amount>,
    /// The version of that price.
    pub scheme_version: Option<i64>,
    /// The unit of its regular period, such as `DAY`.
    pub interval_unit: Option<String>,
    /// How many of them.
    pub interval_count: Option<i64>,
}

impl PayPal {
    /// Makes a product and gives its id; may be repeated with the same `request_id`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn create_product(&self, new: &NewProduct) -> Result<String, CallError> {
        let body = json!({"name": cut(&new.name), "type": "SERVICE", "category": "SOFTWARE"});
        let call = Call::post(&["v1", "catalogs", "products"], &body).idempotent(&new.request_id);
        let answer = self.call(call).await?;
        Node(&answer.json()?).at("id").text().ok_or_else(|| answer.unreadable("no product in the answer"))
    }

    /// Makes a plan, for sale at once, and gives its id; may be repeated with the same `request_id`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn create_plan(&self, new: &NewPlan) -> Result<String, CallError> {
        let call = Call::post(&["v1", "billing", "plans"], &new.body()).idempotent(&new.request_id);
        let answer = self.call(call).await?;
        Node(&answer.json()?).at("id").text().ok_or_else(|| answer.unreadable("no plan in the answer"))
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn plan(&self, id: &str) -> Result<PlanInfo, CallError> {
        let answer = self.call(Call::get(&["v1", "billing", "plans", id])).await?;
        PlanInfo::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no plan in the answer"))
    }

    /// Puts a plan on sale.
    ///
    /// # Errors
    /// [`CallError`]; 422 when it is on sale already.
    pub async fn activate_plan(&self, id: &str) -> Result<(), CallError> {
        self.call(Call::post(&["v1", "billing", "plans", id, "activate"], &json!({}))).await.map(drop)
    }

    /// Takes a plan off sale; who bought it keeps it.
    ///
    /// # Errors
    /// [`CallError`]; 422 when it is not on sale.
    pub async fn deactivate_plan(&self, id: &str) -> Result<(), CallError> {
        self.call(Call::post(&["v1", "billing", "plans", id, "deactivate"], &json!({}))).await.map(drop)
    }
}

impl NewPlan {
    /// Periods are days, so that twelve of thirty days are 360 days; nothing outstanding is billed along,
    /// so that a sale is always one period.
    fn body(&self) -> Value {
        let price = json!({"value": self.price.decimal(), "currency_code": self.price.currency.code()});
        json!({
            "product_id": self.product_id, "name": cut(&self.name), "status": "ACTIVE",
            "billing_cycles": [{
                "frequency": {"interval_unit": "DAY", "interval_count": self.days.count()},
                "tenure_type": "REGULAR", "sequence": 1, "total_cycles": 0, "pricing_scheme": {"fixed_price": price},
            }],
            "payment_preferences": {"auto_bill_outstanding": false, "payment_failure_threshold": FAILED_PERIODS},
        })
    }
}

impl PlanInfo {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let cycles = node.at("billing_cycles").list();
        let regular = cycles.iter().find(|cycle| cycle.at("tenure_type").text().as_deref() == Some("REGULAR"));
        let scheme = regular.map(|cycle| cycle.at("pricing_scheme"));
        let frequency = regular.map(|cycle| cycle.at("frequency"));
        Some(Self {
            id: node.at("id").text()?,
            product_id: node.at("product_id").text(),
            state: PlanState::read(node.at("status").text()),
            price: scheme.and_then(|scheme| Amount::read(scheme.at("fixed_price"))),
            scheme_version: scheme.and_then(|scheme| scheme.at("version").integer()),
            interval_unit: frequency.and_then(|frequency| frequency.at("interval_unit").text()),
            interval_count: frequency.and_then(|frequency| frequency.at("interval_count").integer()),
        })
    }
}

impl PlanState {
    fn read(word: Option<String>) -> Self {
        match word.as_deref() {
            Some("CREATED") => Self::Created,
            Some("ACTIVE") => Self::Active,
            Some("INACTIVE") => Self::Inactive,
            other => Self::Unknown(other.unwrap_or_default().to_owned()),
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}
