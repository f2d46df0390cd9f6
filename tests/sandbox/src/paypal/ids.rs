//! Names of things, in the vendor's alphabets and lengths. Random; nothing here is secret or stored.

use rand::Rng;

const UPPER: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const HEX: &[u8] = b"0123456789abcdef";
const TOKEN: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn draw(alphabet: &[u8], length: usize) -> String {
    let mut random = rand::rng();
    (0..length).filter_map(|_| alphabet.get(random.random_range(0..alphabet.len()))).map(|byte| char::from(*byte)).collect()
}

/// Seventeen capitals and digits: sales, refunds, webhooks, approval tokens.
pub(super) fn seventeen() -> String {
    draw(UPPER, 17)
}

/// `I-` and twelve.
pub(super) fn subscription() -> String {
    format!("I-{}", draw(UPPER, 12))
}

/// `P-` and twenty-four.
pub(super) fn plan() -> String {
    format!("P-{}", draw(UPPER, 24))
}

/// `PROD-` and seventeen.
pub(super) fn product() -> String {
    format!("PROD-{}", seventeen())
}

/// `BA-` and seventeen: what the approval link carries.
pub(super) fn approval() -> String {
    format!("BA-{}", seventeen())
}

/// `WH-…-…`: an event.
pub(super) fn event() -> String {
    format!("WH-{}-{}", seventeen(), seventeen())
}

/// Thirteen capitals and digits without the ones that look alike: a payer's account.
pub(super) fn payer() -> String {
    draw(b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 13)
}

/// Thirteen hexadecimal digits: what support asks for.
pub(super) fn debug() -> String {
    draw(HEX, 13)
}

/// Hexadecimal digits of any length.
pub(super) fn hexadecimal(length: usize) -> String {
    draw(HEX, length)
}

/// Letters and digits as in client ids, secrets and access tokens.
pub(super) fn token(length: usize) -> String {
    draw(TOKEN, length)
}

/// Six random bytes with the multicast bit set, as a UUID's node that is no network card.
pub(super) fn node() -> [u8; 6] {
    let mut bytes: [u8; 6] = rand::rng().random();
    bytes[0] |= 1;
    bytes
}
