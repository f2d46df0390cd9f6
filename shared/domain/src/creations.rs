//! The queue for WHAPI's limit on creations: so many in a window of time, shared fairly between
//! customers. Whoever waits is told the place and when it is expected to be their turn.

use jiff::{SignedDuration, Timestamp};

use crate::id::{ChannelId, UserId};

/// How many channels may stand in the queue with a place; more wait without one.
pub const LONGEST_QUEUE: usize = 500;

/// What was started in the window, and who waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Creations {
    /// When a creation was begun, and whose, oldest first.
    pub started: Vec<(Timestamp, UserId)>,
    /// Who waits, longest first.
    pub waiting: Vec<(ChannelId, UserId)>,
    /// Counts the changes; 0 before the first.
    pub version: u64,
}

/// The answer to a channel that asks for its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// It may be created now.
    Now,
    /// It waits.
    Later {
        /// Its place, the first being 1.
        place: u32,
        /// When its turn is expected.
        expected_at: Timestamp,
    },
}

impl Creations {
    /// Asks for a slot; the queue is changed either way and must be saved before anything is created.
    pub fn ask(&mut self, channel: &ChannelId, user: &UserId, now: Timestamp, limit: usize, window: SignedDuration) -> Slot {
        self.started.retain(|(at, _)| now.duration_since(*at) < window);
        if !self.waiting.iter().any(|(waiting, _)| waiting == channel) && self.waiting.len() < LONGEST_QUEUE {
            self.waiting.push((channel.clone(), user.clone()));
        }
        let index = self.fair_order().iter().position(|waiting| waiting == channel).unwrap_or(self.waiting.len());
        let free = limit.saturating_sub(self.started.len());
        if index < free {
            self.waiting.retain(|(waiting, _)| waiting != channel);
            self.started.push((now, user.clone()));
            return Slot::Now;
        }
        let ahead = index - free;
        let leaves = self.started.get(ahead).or(self.started.last()).map_or(now, |(at, _)| *at);
        Slot::Later {
            place: u32::try_from(ahead + 1).unwrap_or(u32::MAX),
            expected_at: leaves.saturating_add(window).unwrap_or(Timestamp::MAX).max(now),
        }
    }

    /// Takes a channel out of the queue: it was deleted while it waited.
    pub fn leave(&mut self, channel: &ChannelId) {
        self.waiting.retain(|(waiting, _)| waiting != channel);
    }

    /// Who comes next: the customer with the fewest creations first, then the longest wait.
    fn fair_order(&self) -> Vec<ChannelId> {
        let mut turns = std::collections::HashMap::new();
        for (_, user) in &self.started {
            *turns.entry(user).or_insert(0_usize) += 1;
        }
        let mut order: Vec<_> = Vec::with_capacity(self.waiting.len());
        for (place, (channel, user)) in self.waiting.iter().enumerate() {
            let turn = turns.entry(user).or_insert(0);
            order.push((*turn, place, channel.clone()));
            *turn += 1;
        }
        order.sort_by_key(|(turn, place, _)| (*turn, *place));
        order.into_iter().map(|(_, _, channel)| channel).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_customers_flood_does_not_keep_another_waiting() {
        let now: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let window = SignedDuration::from_mins(30);
        let (flooder, other) = (UserId::new(now, 1), UserId::new(now, 2));
        let mut queue = Creations::default();
        for number in 0..20 {
            assert_eq!(queue.ask(&ChannelId::new(now, number), &flooder, now, 20, window), Slot::Now);
        }
        let later = now.saturating_add(SignedDuration::from_mins(1)).unwrap();
        let late_flood = queue.ask(&ChannelId::new(now, 20), &flooder, later, 20, window);
        assert_eq!(late_flood, Slot::Later { place: 1, expected_at: "2026-11-21T09:30:00Z".parse().unwrap() });
        let fair = queue.ask(&ChannelId::new(now, 21), &other, later, 20, window);
        assert!(matches!(fair, Slot::Later { place: 1, .. }), "the other customer goes first: {fair:?}");
        let after = now.saturating_add(window).unwrap();
        assert_eq!(queue.ask(&ChannelId::new(now, 21), &other, after, 20, window), Slot::Now);
        assert_eq!(queue.ask(&ChannelId::new(now, 20), &flooder, after, 20, window), Slot::Now);
    }
}
