//! Figures of the business: payments, days, channels, what waits for a person. Each is told as an event of
//! one target, and whoever runs us makes a metric of it. No decision rests on one, and none names anybody.

use crate::parts::App;

/// The target by which a figure is told from a line of the log.
pub const TARGET: &str = "figure";

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    SignUps,
    CheckoutsBegun,
    PaymentsCredited,
    DaysCredited,
    DaysFrozen,
    ChannelsCreated,
    ChannelsLinked,
    ChannelsDeleted,
    DaysExtended,
    DaysReturned,
    ExtensionsFailed,
    AnswersLost,
    Findings,
    LedgerMismatches,
    /// The days that we have at WHAPI.
    PartnerDays,
    /// The days that customers can spend, and those on their way to channels.
    OwedDays,
    /// By how many days we owe more than we have.
    MissingDays,
}

impl Figure {
    /// Its name as a metric.
    const fn name(self) -> &'static str {
        match self {
            Self::SignUps => "SignUps",
            Self::CheckoutsBegun => "CheckoutsBegun",
            Self::PaymentsCredited => "PaymentsCredited",
            Self::DaysCredited => "DaysCredited",
            Self::DaysFrozen => "DaysFrozen",
            Self::ChannelsCreated => "ChannelsCreated",
            Self::ChannelsLinked => "ChannelsLinked",
            Self::ChannelsDeleted => "ChannelsDeleted",
            Self::DaysExtended => "DaysExtended",
            Self::DaysReturned => "DaysReturned",
            Self::ExtensionsFailed => "ExtensionsFailed",
            Self::AnswersLost => "AnswersLost",
            Self::Findings => "Findings",
            Self::LedgerMismatches => "LedgerMismatches",
            Self::PartnerDays => "PartnerDays",
            Self::OwedDays => "OwedDays",
            Self::MissingDays => "MissingDays",
        }
    }
}

/// Counts so many of them, now.
pub(crate) fn count(app: &App, figure: Figure, by: u32) {
    tracing::info!(target: TARGET, name = figure.name(), by, at_ms = app.now().as_millisecond());
}
