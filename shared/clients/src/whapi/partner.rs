//! The partner's own account at WHAPI. Its answers are not documented: what cannot be read is unknown,
//! which is not the same as zero.

use crate::json::Node;

/// The partner's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// WHAPI's id of it.
    pub id: Option<String>,
    /// Its name, as the addresses of its settings want it.
    pub name: Option<String>,
    /// Days left to give to channels; may be below zero; `None` is unknown.
    pub balance_days: Option<i64>,
}

impl Partner {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let partner = if node.at("partner").is_object() { node.at("partner") } else { node };
        partner.is_object().then(|| Self {
            id: partner.at("id").text(),
            name: partner.any(&["name", "partnerName"]).text(),
            balance_days: partner.any(&["balance", "days", "currentDays", "current_days"]).integer(),
        })
    }
}

/// The partner's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerSettings {
    /// At how many days the low-balance webhook is sent.
    pub days_limit: Option<i64>,
    /// Where webhooks go.
    pub webhook_urls: Vec<String>,
}

impl PartnerSettings {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.is_object().then(|| Self {
            days_limit: node.any(&["days_limit", "daysLimit"]).integer(),
            webhook_urls: node.at("webhooks").list().iter().filter_map(|hook| hook.at("url").text()).collect(),
        })
    }
}
