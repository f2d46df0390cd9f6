//! One customer's data.

#![allow(unused_variables, reason = "bodies follow")]

use domain::account::Account;
use domain::channel::Channel;
use domain::extension::Extension;
use domain::id::{ChannelId, EntryId, ExtensionId, KeyId, NotificationId, SubscriptionId, UserId};
use domain::ledger::Entry;
use domain::notice::{HistoryEvent, Notification};
use domain::subscription::Subscription;
use jiff::Timestamp;

use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use crate::store::Store;
use crate::who::ApiKey;

/// One customer's data.
#[derive(Clone)]
pub struct Tenant {
    store: Store,
    user: UserId,
}

impl Tenant {
    pub(crate) const fn new(store: Store, user: UserId) -> Self {
        Self { store, user }
    }

    /// Whose it is.
    pub const fn user_id(&self) -> &UserId {
        &self.user
    }
}

impl Tenant {
    /// The account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self) -> Result<Account, StoreError> {
        todo!()
    }

    /// The account and a channel, in one call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_and_channel(&self, channel: &ChannelId) -> Result<(Account, Option<Channel>), StoreError> {
        todo!()
    }

    /// A channel; tombstones too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn channel(&self, id: &ChannelId) -> Result<Option<Channel>, StoreError> {
        todo!()
    }

    /// Channels, newest first, without tombstones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn channels(&self, page: PageRequest) -> Result<Page<Channel>, StoreError> {
        todo!()
    }

    /// All channels, oldest first, without tombstones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_channels(&self) -> Result<Vec<Channel>, StoreError> {
        todo!()
    }

    /// A subscription.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        todo!()
    }

    /// Subscriptions, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn subscriptions(&self, page: PageRequest) -> Result<Page<Subscription>, StoreError> {
        todo!()
    }

    /// An extension.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn extension(&self, channel: &ChannelId, id: &ExtensionId) -> Result<Option<Extension>, StoreError> {
        todo!()
    }

    /// A channel's extensions, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn extensions(&self, channel: &ChannelId, page: PageRequest) -> Result<Page<Extension>, StoreError> {
        todo!()
    }

    /// A channel's unsettled extensions, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_extensions(&self, channel: &ChannelId) -> Result<Vec<Extension>, StoreError> {
        todo!()
    }

    /// An entry.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entry(&self, id: &EntryId) -> Result<Option<Entry>, StoreError> {
        todo!()
    }

    /// Entries, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entries(&self, page: PageRequest) -> Result<Page<Entry>, StoreError> {
        todo!()
    }

    /// All entries, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_entries(&self) -> Result<Vec<Entry>, StoreError> {
        todo!()
    }

    /// A channel's history, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(&self, channel: &ChannelId, page: PageRequest) -> Result<Page<HistoryEvent>, StoreError> {
        todo!()
    }

    /// Notifications, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notifications(&self, page: PageRequest) -> Result<Page<Notification>, StoreError> {
        todo!()
    }

    /// Marks notifications as read; unknown ones are passed over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_read(&self, ids: &[NotificationId], at: Timestamp) -> Result<(), StoreError> {
        todo!()
    }

    /// API keys, oldest first, revoked ones too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        todo!()
    }

    /// An API key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
        todo!()
    }

    /// Notes that an API key was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_key(&self, id: &KeyId, at: Timestamp) -> Result<(), StoreError> {
        todo!()
    }
}
