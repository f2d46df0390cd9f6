//! Why a decision is "no", each with the stable code that callers rely on and a text that may be shown.

use crate::days::Days;

/// A decision that was refused: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No active plan.
    #[error("You need an active plan for this. Choose a plan first.")]
    NoPlan,
    /// Not enough days in the balance.
    #[error("Your balance has {remaining} days and this takes {wanted}. Buy days to go on.")]
    NoDays {
        /// What there is.
        remaining: Days,
        /// What was asked for.
        wanted: Days,
    },
    /// The channel has run out of days and the balance is empty.
    #[error("This channel has no days left and your balance is 0 days. Buy days to go on.")]
    NoDaysLeft,
    /// As many channels as the plan allows.
    #[error("Channel limit reached for your plan. Delete a channel, or choose a larger plan.")]
    ChannelLimitReached,
    /// A plan that is asked for, not bought.
    #[error("This plan is not sold online. Ask us for a quote or a demo instead.")]
    PlanNotForSale,
    /// The same plan is running by PayPal already.
    #[error("You already have this plan, and PayPal renews it.")]
    AlreadySubscribed,
    /// The channel has no days yet, or they ran out.
    #[error("This channel is not active. Extend it first.")]
    ChannelNotActive,
    /// WHAPI is still setting the channel up.
    #[error("This channel is still being set up. That takes up to two minutes; try again shortly.")]
    ChannelProvisioning,
    /// Something on this channel is not settled.
    #[error("Something is still running on this channel. Try again when it is done.")]
    ChannelBusy,
    /// A number is linked.
    #[error("This channel is already linked to a WhatsApp number.")]
    AlreadyLinked,
    /// No number is linked.
    #[error("No WhatsApp number is linked to this channel.")]
    NotLinked,
    /// The code was not scanned in time.
    #[error("The code was not scanned in time. Ask for a new one.")]
    LinkTimedOut,
    /// The state does not allow it.
    #[error("{0}")]
    StateForbids(&'static str),
    /// The account is suspended.
    #[error("This account is suspended. Write to us to have it restored.")]
    AccountSuspended,
    /// The account is being closed.
    #[error("This account is being closed.")]
    AccountClosing,
    /// New sales are paused.
    #[error("Sales are paused for a moment. Try again later.")]
    SalesPaused,
}

impl Refusal {
    /// The stable code of the problem document.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoPlan => "no_plan",
            Self::NoDays { .. } | Self::NoDaysLeft => "no_days",
            Self::ChannelLimitReached => "channel_limit_reached",
            Self::PlanNotForSale => "plan_not_for_sale",
            Self::AlreadySubscribed => "already_subscribed",
            Self::ChannelNotActive => "channel_not_active",
            Self::ChannelProvisioning => "channel_provisioning",
            Self::ChannelBusy => "channel_busy",
            Self::AlreadyLinked => "already_linked",
            Self::NotLinked => "not_linked",
            Self::LinkTimedOut => "link_timed_out",
            Self::StateForbids(_) => "state_forbids",
            Self::AccountSuspended => "account_suspended",
            Self::AccountClosing => "account_closing",
            Self::SalesPaused => "sales_paused",
        }
    }
}
