//! Fills a table with customers and channels, as a business with that many would have them: linked, paid
//! for a month, tokens sealed. A tenth of the channels belongs to one customer, ten to each other.
//!
//! The records are written by the store itself, many in a commit, and are in every way like those of a
//! journey; only their history and their ledger are missing.

use domain::account::{Account, Balance, Role};
use domain::channel::{AuthStatus, Channel, Connection, Provision, Status};
use domain::id::{ChannelId, EntryId, UserId};
use domain::ledger::{Cause, Entry, EntryKind};
use domain::{Days, Secret, SignedDuration, Timestamp};
use futures::{StreamExt, TryStreamExt};
use store::{Commit, Keyring, Pointer, PointerKind, Sealer, Store};

use crate::hook::Hook;
use crate::world::{Person, World};
use crate::{Error, Result};

/// How many channels an ordinary customer has.
const CHANNELS_EACH: usize = 10;
/// The part of all channels that the large customer has.
const LARGE_PART: usize = 10;
/// How many channels go into one commit; each brings two pointers.
const CHANNELS_A_COMMIT: usize = 32;
/// How many commits run at the same time.
const COMMITS_AT_ONCE: usize = 4;
/// Days that the large customer can spend.
const DAYS: u32 = 1_000_000;
/// How long every channel is paid for.
const PAID_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A filled world's large customer, and what is known of one channel of theirs.
pub struct Filled {
    /// Who has the most channels.
    pub person: Person,
    /// A channel that can be linked.
    pub channel: ChannelId,
    /// WHAPI's webhooks of that channel.
    pub hook: Hook,
}

/// Fills a world.
///
/// # Errors
/// What the store says.
pub async fn fill(world: &World, channels: usize) -> Result<Filled> {
    let app = world.app("worker")?;
    let person = world.sign_up("large").await?;
    let owner = UserId::parse(&person.id).map_err(|error| Error::from(error.to_string()))?;
    let keyring = app.secrets.keyring(app.now()).await?;
    let maker = Maker { store: app.store.clone(), sealer: Sealer::new(Keyring::parse(keyring.expose())?), now: app.now() };
    maker.grant(&owner).await?;
    let mine = (channels / LARGE_PART).max(1);
    maker.channels(&owner, 0, mine).await?;
    let others = (mine..channels).step_by(CHANNELS_EACH).map(|first| maker.customer(first, (channels - first).min(CHANNELS_EACH)));
    futures::stream::iter(others).buffer_unordered(COMMITS_AT_ONCE).try_collect::<Vec<_>>().await?;
    let channel = maker.linkable(&owner, channels).await?;
    let hook = Hook::new(&app, &channel, provider_id(channels)).await?;
    Ok(Filled { person, channel, hook })
}

struct Maker {
    store: Store,
    sealer: Sealer,
    now: Timestamp,
}

impl Maker {
    async fn grant(&self, owner: &UserId) -> Result<()> {
        let entry = Entry {
            id: EntryId::new(self.now, 1),
            user_id: owner.clone(),
            at: self.now,
            kind: EntryKind::Grant,
            days: Days::new(DAYS),
            cause: Cause::grant("bench"),
            channel_id: None,
            subscription_id: None,
            lot_id: None,
            lapses_at: None,
            note: None,
            by: None,
        };
        Ok(self.store.commit(Commit::new().account(entry.account_change()).entry(entry)).await?)
    }

    /// A customer with some channels, in one commit.
    async fn customer(&self, first: usize, count: usize) -> Result<()> {
        let owner = UserId::new(self.now, number(first));
        let commit = Commit::new().new_account(account(&owner, count, self.now));
        let commit = (first..first + count).try_fold(commit, |commit, index| self.with_channel(commit, &owner, index))?;
        Ok(self.store.commit(commit).await?)
    }

    async fn channels(&self, owner: &UserId, first: usize, count: usize) -> Result<()> {
        let last = first + count;
        let commits = (first..last).step_by(CHANNELS_A_COMMIT).map(|from| async move {
            let until = (from + CHANNELS_A_COMMIT).min(last);
            let commit = (from..until).try_fold(Commit::new(), |commit, index| self.with_channel(commit, owner, index))?;
            self.store.commit(commit).await.map_err(Error::from)
        });
        futures::stream::iter(commits).buffer_unordered(COMMITS_AT_ONCE).try_collect().await
    }

    fn with_channel(&self, commit: Commit, owner: &UserId, index: usize) -> Result<Commit> {
        let mut channel = self.channel(owner, index)?;
        channel.auth_status = AuthStatus::Authorized;
        channel.connection = Connection::Active;
        channel.whatsapp_number = Some(format!("973{index:08}"));
        Ok(with(commit, channel))
    }

    /// A channel whose code can be asked for; one is out already.
    async fn linkable(&self, owner: &UserId, index: usize) -> Result<ChannelId> {
        let mut channel = self.channel(owner, index)?;
        channel.give_code(self.now);
        let id = channel.id.clone();
        self.store.commit(with(Commit::new(), channel)).await?;
        Ok(id)
    }

    fn channel(&self, owner: &UserId, index: usize) -> Result<Channel> {
        let id = ChannelId::new(self.now, number(index));
        let mut channel = Channel::new(id.clone(), owner.clone(), format!("Line {index}"), None, self.now);
        let until = self.now.saturating_add(PAID_FOR)?;
        channel.channel_ref = Some(provider_id(index));
        channel.token = Some(self.sealer.seal(&Secret::new(format!("token-of-channel-{index:012}")), id.as_str())?);
        channel.provision = Provision::Confirmed;
        channel.status = Status::Active;
        channel.provider_status = Some("active".to_owned());
        (channel.mode_live, channel.webhooks_set) = (true, true);
        (channel.active_till, channel.paid_till) = (Some(until), Some(until));
        Ok(channel)
    }
}

/// A customer's account with nothing on it, made at that time.
pub(crate) fn account(owner: &UserId, channels: usize, now: Timestamp) -> Account {
    Account {
        user_id: owner.clone(),
        email: Some(format!("{owner}@bench.test").to_lowercase()),
        name: String::new(),
        role: Role::Customer,
        time_zone: "UTC".to_owned(),
        locale: "en".to_owned(),
        balance: Balance::default(),
        channels_used: u32::try_from(channels).unwrap_or(u32::MAX),
        plan: None,
        open_checkout: None,
        refunds: 0,
        suspended: false,
        closing: false,
        due_at: None,
        created_at: now,
        updated_at: now,
        version: 0,
    }
}

fn with(commit: Commit, channel: Channel) -> Commit {
    let pointer = Pointer { user_id: channel.user_id.clone(), target: channel.id.to_string() };
    let provider_id = channel.channel_ref.clone().unwrap_or_default();
    let commit = commit.pointer(PointerKind::Channel, channel.id.as_str(), pointer.clone());
    commit.pointer(PointerKind::WhapiChannel, provider_id, pointer).channel(channel)
}

/// The random part of an id that is the only one of its number.
fn number(index: usize) -> u128 {
    // The ids of the whole world are made at one moment; zero is left to nobody.
    (index as u128) + 1
}

fn provider_id(index: usize) -> String {
    format!("BENCH-{index:06}")
}
