//! Another JSON body with the same CRC-32: the checksum is linear, so a text of zeros and ones that may be
//! chosen freely reaches every value.

use serde_json::Value;

/// How many characters may be chosen; 32 equations need a few more than 32.
const FILLER: usize = 64;

/// A body with a further field, whose CRC-32 is that of `body`; `None` if `body` is no JSON object.
pub(crate) fn same_checksum(body: &[u8]) -> Option<Vec<u8>> {
    let mut wanted: Value = serde_json::from_slice(body).ok()?;
    wanted.as_object_mut()?.insert("forged".to_owned(), Value::Bool(true));
    let mut text = wanted.to_string().into_bytes();
    text.pop();
    text.extend_from_slice(br#","filler":""#);
    let begin = text.len();
    text.extend(std::iter::repeat_n(b'0', FILLER));
    text.extend_from_slice(br#""}"#);
    let base = crc32fast::hash(&text);
    let effects = (0..FILLER).map(|at| effect(&mut text, begin + at, base)).collect::<Vec<_>>();
    let chosen = solve(&effects, crc32fast::hash(body) ^ base)?;
    (0..FILLER).filter(|at| chosen >> at & 1 == 1).for_each(|at| text[begin + at] = b'1');
    Some(text)
}

fn effect(text: &mut [u8], at: usize, base: u32) -> u32 {
    text[at] = b'1';
    let changed = crc32fast::hash(text) ^ base;
    text[at] = b'0';
    changed
}

/// Which effects, together, make `target`: elimination over single bits.
fn solve(effects: &[u32], target: u32) -> Option<u64> {
    let mut basis: [Option<(u32, u64)>; 32] = [None; 32];
    for (at, effect) in effects.iter().enumerate() {
        let (rest, used) = reduce(*effect, 1 << at, &basis);
        if rest != 0 {
            basis[rest.ilog2() as usize] = Some((rest, used));
        }
    }
    let (rest, used) = reduce(target, 0, &basis);
    (rest == 0).then_some(used)
}

fn reduce(mut value: u32, mut used: u64, basis: &[Option<(u32, u64)>; 32]) -> (u32, u64) {
    for bit in (0..32).rev() {
        if let (1, Some((row, by))) = (value >> bit & 1, basis[bit]) {
            value ^= row;
            used ^= by;
        }
    }
    (value, used)
}
