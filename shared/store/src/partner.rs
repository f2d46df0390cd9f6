//! What is kept for the whole business and not for one customer: our account at WHAPI, the catalogue,
//! findings. None of it is written on a hot path.

use domain::Timestamp;
use domain::creations::Creations;
use domain::id::{FindingId, NoticeId, PlanId};
use domain::notice::{Finding, PartnerBalanceNotice};
use domain::plan::Plan;

use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use crate::store::Store;

/// What is known of our own account at WHAPI. A figure that could not be read is `None`, never zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartnerState {
    /// Whether WHAPI refused the partner token when it was last used.
    pub token_invalid: bool,
    /// The days that are left, by WHAPI's latest notice.
    pub current_days: Option<i64>,
    /// The limit that set the notice off.
    pub days_limit: Option<i64>,
    /// When that notice came.
    pub received_at: Option<Timestamp>,
    /// The days that are left, as last read.
    pub live_days: Option<i64>,
    /// When that was read.
    pub read_at: Option<Timestamp>,
    /// The latest answer, cut at a few kilobytes, for people.
    pub raw: Option<String>,
    /// Counts the changes; 0 is not yet stored.
    pub version: u64,
}

impl Store {
    /// The catalogue.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plans(&self) -> Result<Vec<Plan>, StoreError> {
        todo!()
    }

    /// A plan.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan(&self, id: &PlanId) -> Result<Option<Plan>, StoreError> {
        todo!()
    }

    /// The queue of creations; empty before the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn creations(&self) -> Result<Creations, StoreError> {
        todo!()
    }

    /// Saves it as it was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_creations(&self, creations: &Creations) -> Result<(), StoreError> {
        todo!()
    }

    /// Our account at WHAPI; empty before the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partner_state(&self) -> Result<PartnerState, StoreError> {
        todo!()
    }

    /// Saves it as it was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_partner_state(&self, state: &PartnerState) -> Result<(), StoreError> {
        todo!()
    }

    /// Keeps a notice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_notice(&self, notice: &PartnerBalanceNotice) -> Result<(), StoreError> {
        todo!()
    }

    /// The latest notice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_notice(&self) -> Result<Option<PartnerBalanceNotice>, StoreError> {
        todo!()
    }

    /// Notices, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notices(&self, page: PageRequest) -> Result<Page<PartnerBalanceNotice>, StoreError> {
        todo!()
    }

    /// Open findings, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn findings(&self, page: PageRequest) -> Result<Page<Finding>, StoreError> {
        todo!()
    }

    /// Keeps a finding; the same key again is the same finding.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_finding(&self, finding: &Finding) -> Result<(), StoreError> {
        todo!()
    }

    /// A finding, open or settled.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finding(&self, id: &FindingId) -> Result<Option<Finding>, StoreError> {
        todo!()
    }

    /// Settles a finding.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn resolve_finding(&self, id: &FindingId, at: Timestamp) -> Result<Finding, StoreError> {
        todo!()
    }
}
