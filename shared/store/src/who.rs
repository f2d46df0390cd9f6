//! Who calls: people by their issuer and subject, programs by the hash of their key; and the pointers
//! from a provider's id to the customer's record.

use domain::account::Role;
use domain::id::{EntryId, KeyId, UserId};
use domain::ledger::Cause;
use jiff::Timestamp;

use crate::error::StoreError;
use crate::expression::Expression;
use crate::item::{CauseRow, HashedKey, PointerRow};
use crate::key::{Key, hash};
use crate::store::Store;

/// The caller's record: all that is known about a person before anything is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who vouches for them.
    pub issuer: String,
    /// The issuer's name for them.
    pub subject: String,
    /// Whose.
    pub user_id: UserId,
    /// What they are.
    pub role: Role,
    /// Whether staff has suspended them.
    pub suspended: bool,
    /// The e-mail, where it was verified.
    pub email: Option<String>,
    /// When they first signed in.
    pub created_at: Timestamp,
    /// Counts the changes; 0 is not yet stored.
    pub version: u64,
}

impl Identity {
    /// The hash that stands for an issuer and its subject.
    pub fn hash(issuer: &str, subject: &str) -> String {
        hash(&["identity", issuer, subject])
    }
}

/// An API key; the key itself is never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// The account that it acts on.
    pub user_id: UserId,
    /// What the customer calls it.
    pub name: String,
    /// Its first characters, by which people know it.
    pub prefix: String,
    /// The SHA-256 of the key, in hex.
    pub hash: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Counts the changes; 0 is not yet stored.
    pub version: u64,
}

/// Whose id a pointer starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PointerKind {
    /// A channel's id at WHAPI.
    WhapiChannel,
    /// A subscription's id at PayPal.
    PaypalSubscription,
    /// Our id of a subscription.
    Subscription,
    /// Our id of a channel.
    Channel,
}

impl PointerKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::WhapiChannel, Self::PaypalSubscription, Self::Subscription, Self::Channel];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::WhapiChannel => "whapi_channel",
            Self::PaypalSubscription => "paypal_subscription",
            Self::Subscription => "subscription",
            Self::Channel => "channel",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Where a pointer leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The customer.
    pub user_id: UserId,
    /// Our id of the record.
    pub target: String,
}

/// What a cause brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseRecord {
    /// The entry.
    pub entry_id: EntryId,
    /// Whose.
    pub user_id: UserId,
}

impl Store {
    /// Who an issuer's subject is.
    ///
    /// # Errors
    /// What the store says.
    pub async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<Identity>, StoreError> {
        self.get(&Key::Identity(Identity::hash(issuer, subject))).await
    }

    /// The API key with that hash (SHA-256 in hex); revoked ones too.
    ///
    /// # Errors
    /// What the store says.
    pub async fn key(&self, hash: &str) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.get::<HashedKey>(&Key::KeyHash(hash.to_owned())).await?.map(|found| found.0))
    }

    /// Notes that a key was used at `now`, unless a use after `noted` is known already. Its version stays: nothing is
    /// decided by it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn note_key_use(&self, key: &ApiKey, noted: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let mut change = Expression::present();
        let (none, older) = (change.compare("last_used_at", "=", &None::<Timestamp>), change.compare("last_used_at", "<=", &noted));
        change.require(format!("({none} OR {older})"));
        change.set("last_used_at", &now);
        self.update(&Key::ApiKey(key.user_id.clone(), key.id.clone()), change).await.map(drop)
    }

    /// Where a pointer leads.
    ///
    /// # Errors
    /// What the store says.
    pub async fn pointer(&self, kind: PointerKind, id: &str) -> Result<Option<Pointer>, StoreError> {
        let found = self.get::<PointerRow>(&Key::Pointer(kind, id.to_owned())).await?;
        Ok(found.map(|row| Pointer { user_id: row.user_id, target: row.target }))
    }

    /// What a cause brought about, if it has happened.
    ///
    /// # Errors
    /// What the store says.
    pub async fn cause(&self, cause: &Cause) -> Result<Option<CauseRecord>, StoreError> {
        let found = self.get::<CauseRow>(&Key::Cause(cause.clone())).await?;
        Ok(found.map(|row| CauseRecord { entry_id: row.entry_id, user_id: row.user_id }))
    }
}
