//! One customer's data. What is read here belongs to that customer: the partition comes from the scope,
//! never from an id or a cursor that a caller gave, so that another customer's id is simply not there.
//!
//! Reads are consistent where a decision, or somebody who has just changed something, rests on them; what
//! only tells a story (history, notifications) is read for half the price.

use domain::account::Account;
use domain::channel::{Channel, Status};
use domain::extension::Extension;
use domain::id::{ChannelId, EntryId, ExtensionId, KeyId, NotificationId, SubscriptionId, UserId};
use domain::ledger::Entry;
use domain::notice::{HistoryEvent, Notification};
use domain::subscription::Subscription;
use jiff::Timestamp;

use crate::error::StoreError;
use crate::expression::Expression;
use crate::item::{Item, from_item};
use crate::key::{Key, partition};
use crate::page::{Page, PageRequest};
use crate::read::{List, text};
use crate::store::Store;
use crate::who::ApiKey;

/// The most notifications that are marked as read at once.
pub const MOST_MARKED: usize = 100;

/// One customer's data.
#[derive(Clone)]
pub struct Tenant {
    store: Store,
    user: UserId,
}

fn lives(channel: &Channel) -> bool {
    channel.status != Status::Deleted
}

impl Tenant {
    pub(crate) const fn new(store: Store, user: UserId) -> Self {
        Self { store, user }
    }

    /// Whose it is.
    pub const fn user_id(&self) -> &UserId {
        &self.user
    }

    fn list(&self, prefix: impl Into<String>, consistent: bool) -> List {
        List { pk: partition(&self.user), prefix: prefix.into(), consistent }
    }

    /// The account, as it is now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn account(&self) -> Result<Account, StoreError> {
        self.store.get(&Key::Account(self.user.clone())).await?.ok_or(StoreError::NotFound)
    }

    /// The account and one of its channels (tombstones too), as they are now, in one call.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no account.
    pub async fn account_and_channel(&self, channel: &ChannelId) -> Result<(Account, Option<Channel>), StoreError> {
        self.account_and(Key::Channel(self.user.clone(), channel.clone())).await
    }

    /// The account and one of its subscriptions, as they are now, in one call.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no account.
    pub async fn account_and_subscription(&self, id: &SubscriptionId) -> Result<(Account, Option<Subscription>), StoreError> {
        self.account_and(Key::Subscription(self.user.clone(), id.clone())).await
    }

    async fn account_and<T: Item>(&self, other: Key) -> Result<(Account, Option<T>), StoreError> {
        let (mut account, mut found) = (None, None);
        for item in self.store.get_all(&[Key::Account(self.user.clone()), other]).await? {
            if text(&item, "sk")? == crate::key::ACCOUNT {
                account = Some(from_item(&item)?);
            } else {
                found = Some(from_item(&item)?);
            }
        }
        Ok((account.ok_or(StoreError::NotFound)?, found))
    }

    /// A channel, as it is now; tombstones too.
    ///
    /// # Errors
    /// What the store says.
    pub async fn channel(&self, id: &ChannelId) -> Result<Option<Channel>, StoreError> {
        self.store.get(&Key::Channel(self.user.clone(), id.clone())).await
    }

    /// The channels, newest first, without tombstones.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn channels(&self, page: PageRequest) -> Result<Page<Channel>, StoreError> {
        self.store.page(&self.list("CHN#", true), &page, lives).await
    }

    /// All channels, oldest first, without tombstones.
    ///
    /// # Errors
    /// What the store says.
    pub async fn all_channels(&self) -> Result<Vec<Channel>, StoreError> {
        self.store.whole(&self.list("CHN#", true), lives).await
    }

    /// A subscription, as it is now.
    ///
    /// # Errors
    /// What the store says.
    pub async fn subscription(&self, id: &SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        self.store.get(&Key::Subscription(self.user.clone(), id.clone())).await
    }

    /// The subscriptions, newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn subscriptions(&self, page: PageRequest) -> Result<Page<Subscription>, StoreError> {
        self.store.page(&self.list("SUB#", true), &page, |_| true).await
    }

    /// An extension, as it is now.
    ///
    /// # Errors
    /// What the store says.
    pub async fn extension(&self, channel: &ChannelId, id: &ExtensionId) -> Result<Option<Extension>, StoreError> {
        self.store.get(&Key::Extension(self.user.clone(), channel.clone(), id.clone())).await
    }

    /// A channel's extensions, newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn extensions(&self, channel: &ChannelId, page: PageRequest) -> Result<Page<Extension>, StoreError> {
        self.store.page(&self.list(format!("EXT#{channel}#"), true), &page, |_| true).await
    }

    /// A channel's extensions that are not settled, oldest first.
    ///
    /// # Errors
    /// What the store says.
    pub async fn open_extensions(&self, channel: &ChannelId) -> Result<Vec<Extension>, StoreError> {
        let open = |extension: &Extension| !extension.state.is_settled();
        self.store.whole(&self.list(format!("EXT#{channel}#"), true), open).await
    }

    /// An entry of the ledger.
    ///
    /// # Errors
    /// What the store says.
    pub async fn entry(&self, id: &EntryId) -> Result<Option<Entry>, StoreError> {
        self.store.get(&Key::Entry(self.user.clone(), id.clone())).await
    }

    /// The entries of the ledger, newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn entries(&self, page: PageRequest) -> Result<Page<Entry>, StoreError> {
        self.store.page(&self.list("LED#", true), &page, |_| true).await
    }

    /// All entries of the ledger, oldest first.
    ///
    /// # Errors
    /// What the store says.
    pub async fn all_entries(&self) -> Result<Vec<Entry>, StoreError> {
        self.store.whole(&self.list("LED#", true), |_| true).await
    }

    /// A channel's history, newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn history(&self, channel: &ChannelId, page: PageRequest) -> Result<Page<HistoryEvent>, StoreError> {
        self.store.page(&self.list(format!("HIS#{channel}#"), false), &page, |_| true).await
    }

    /// The notifications, newest first.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a cursor that is not of this list.
    pub async fn notifications(&self, page: PageRequest) -> Result<Page<Notification>, StoreError> {
        self.store.page(&self.list("NTF#", false), &page, |_| true).await
    }

    /// Marks notifications as read; unknown ones are passed over, those read before keep their time.
    ///
    /// # Errors
    /// What the store says. More than [`MOST_MARKED`] at once are refused.
    pub async fn mark_read(&self, ids: &[NotificationId], at: Timestamp) -> Result<(), StoreError> {
        if ids.len() > MOST_MARKED {
            return Err(StoreError::Corrupt(format!("{} notifications were to be marked at once", ids.len())));
        }
        for id in ids {
            let mut change = Expression::present();
            let read_at = change.name("read_at");
            change.require(format!("attribute_not_exists({read_at})"));
            change.set("read_at", &at);
            self.store.update(&Key::Notification(self.user.clone(), id.clone()), change).await?;
        }
        Ok(())
    }

    /// The API keys, newest first, revoked ones too.
    ///
    /// # Errors
    /// What the store says.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let mut keys = self.store.whole(&self.list("KEY#", true), |_| true).await?;
        keys.reverse();
        Ok(keys)
    }

    /// An API key.
    ///
    /// # Errors
    /// What the store says.
    pub async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>, StoreError> {
        self.store.get(&Key::ApiKey(self.user.clone(), id.clone())).await
    }

    /// Notes when an API key was last used, for its owner's list. It races with nothing: a revocation
    /// stands whatever becomes of this.
    ///
    /// # Errors
    /// What the store says.
    pub async fn touch_key(&self, id: &KeyId, at: Timestamp) -> Result<(), StoreError> {
        let mut change = Expression::present();
        change.set("last_used_at", &at);
        self.store.update(&Key::ApiKey(self.user.clone(), id.clone()), change).await.map(|_| ())
    }
}
