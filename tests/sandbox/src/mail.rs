//! The mail that would have been sent: confirmation and reset codes of the sign-in provider, and
//! what the product sends. Nothing leaves the machine.
//!
//! Serves no route itself; the local stack shows it at `GET /local/outbox`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::saved::Saved;

/// How many mails are kept; the oldest go first.
const MAILS_LIMIT: usize = 2_000;

/// One mail, as its reader would see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The address it goes to.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// When it was sent, by the shared clock.
    pub at: Timestamp,
}

/// All mails sent, oldest first.
#[derive(Clone)]
pub struct Outbox {
    mails: Saved<Vec<Mail>>,
}

impl Outbox {
    /// An outbox over this state.
    #[must_use]
    pub fn new(mails: Saved<Vec<Mail>>) -> Self {
        Self { mails }
    }

    /// What was sent, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Mail> {
        self.mails.read(Clone::clone)
    }

    /// The newest mail to this address.
    #[must_use]
    pub fn newest_to(&self, address: &str) -> Option<Mail> {
        self.mails.read(|mails| mails.iter().rev().find(|mail| mail.to == address).cloned())
    }

    /// Sends one.
    pub fn push(&self, mail: Mail) {
        self.mails.write(|mails| {
            if mails.len() >= MAILS_LIMIT {
                mails.remove(0);
            }
            mails.push(mail);
        });
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.mails.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(to: &str, subject: &str) -> Mail {
        Mail { to: to.to_owned(), subject: subject.to_owned(), text: String::new(), at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn mails_are_listed_oldest_first_and_the_oldest_go_when_there_are_too_many() {
        let outbox = Outbox::new(Saved::memory());
        for number in 0..=MAILS_LIMIT {
            outbox.push(mail("huda@example.test", &number.to_string()));
        }
        outbox.push(mail("ali@example.test", "hello"));
        let list = outbox.list();
        assert_eq!(list.len(), MAILS_LIMIT);
        assert_eq!(list.first().map(|mail| mail.subject.as_str()), Some("2"));
        let newest = outbox.newest_to("huda@example.test").unwrap();
        assert_eq!(newest.subject, MAILS_LIMIT.to_string());
        outbox.clear();
        assert!(outbox.list().is_empty());
    }
}
