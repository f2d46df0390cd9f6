//! Names of things, in the vendor's alphabets and lengths. Random, from the frame's source; nothing here is secret or stored.

use jiff::Timestamp;
use uuid::Uuid;
use uuid::timestamp::context::ContextV1;

use crate::Random;

const UPPER: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const HEX: &[u8] = b"0123456789abcdef";
const TOKEN: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The maker of names.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    names: Random,
    /// For what each answer bears, so that one call more does not rename what is made after it.
    marks: Random,
}

impl Ids {
    /// Names from this source.
    pub(super) fn new(random: &Random) -> Self {
        Self { names: random.stream("names"), marks: random.stream("marks") }
    }

    fn draw(&self, alphabet: &[u8], length: usize) -> String {
        self.names.text(alphabet, length)
    }

    /// Seventeen capitals and digits: sales, refunds, webhooks, approval tokens.
    pub(super) fn seventeen(&self) -> String {
        self.draw(UPPER, 17)
    }

    /// `I-` and twelve.
    pub(super) fn subscription(&self) -> String {
        format!("I-{}", self.draw(UPPER, 12))
    }

    /// `P-` and twenty-four.
    pub(super) fn plan(&self) -> String {
        format!("P-{}", self.draw(UPPER, 24))
    }

    /// `PROD-` and seventeen.
    pub(super) fn product(&self) -> String {
        format!("PROD-{}", self.seventeen())
    }

    /// `BA-` and seventeen: what the approval link carries.
    pub(super) fn approval(&self) -> String {
        format!("BA-{}", self.seventeen())
    }

    /// `WH-…-…`: an event.
    pub(super) fn event(&self) -> String {
        format!("WH-{}-{}", self.seventeen(), self.seventeen())
    }

    /// Thirteen capitals and digits without the ones that look alike: a payer's account.
    pub(super) fn payer(&self) -> String {
        self.draw(b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 13)
    }

    /// Thirteen hexadecimal digits: what support asks for.
    pub(super) fn debug(&self) -> String {
        self.marks.text(HEX, 13)
    }

    /// Hexadecimal digits of any length.
    pub(super) fn hexadecimal(&self, length: usize) -> String {
        self.marks.text(HEX, length)
    }

    /// Letters and digits as in client ids, secrets and access tokens.
    pub(super) fn token(&self, length: usize) -> String {
        self.marks.text(TOKEN, length)
    }

    /// A UUID of version 1 that carries this time: the id of a transmission. Its node is six random bytes with the multicast bit set, as one
    /// that is no network card.
    pub(super) fn transmission(&self, at: Timestamp) -> String {
        let (mut count, mut node) = ([0; 2], [0; 6]);
        self.marks.fill(&mut count);
        self.marks.fill(&mut node);
        node[0] |= 1;
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        let fraction = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
        let time = uuid::Timestamp::from_unix(ContextV1::new(u16::from_be_bytes(count)), seconds, fraction);
        Uuid::new_v1(time, &node).to_string()
    }

    /// Puts things into another order.
    pub(super) fn shuffle<T>(&self, things: &mut [T]) {
        self.marks.shuffle(things);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transmission_id_carries_its_time() {
        let now: Timestamp = "2026-11-21T07:00:00.25Z".parse().unwrap();
        let ids = Ids::new(&Random::machine());
        let id = Uuid::parse_str(&ids.transmission(now)).unwrap();
        assert_eq!(id.get_version_num(), 1);
        assert_eq!(id.get_timestamp().unwrap().to_unix(), (1_795_244_400, 250_000_000));
        assert_ne!(ids.transmission(now), ids.transmission(now));
    }

    #[test]
    fn what_answers_bear_does_not_rename_what_is_made() {
        let (one, other) = (Ids::new(&Random::seeded(4)), Ids::new(&Random::seeded(4)));
        let _ = (one.debug(), one.token(92), one.transmission(Timestamp::UNIX_EPOCH));
        assert_eq!(one.subscription(), other.subscription());
    }
}
