//! Lists come in pages. A cursor is opaque to callers and says where the next page begins; it belongs to
//! one customer and one list, and anything else is refused. It is no secret: it holds only a sort key,
//! and the partition never comes from it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::StoreError;
use crate::key::digest;

/// The most that one page holds.
pub const LARGEST_PAGE: usize = 100;
/// The longest cursor that is looked at, in bytes.
const LONGEST_CURSOR: usize = 2_048;
/// How many bytes of the check stand in front of the position.
const CHECK_BYTES: usize = 12;

/// Which page is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many at most, from 1 to [`LARGEST_PAGE`]; anything else is brought into that range.
    pub limit: usize,
    /// Where to go on; `None` is the beginning.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The first page.
    pub const fn first(limit: usize) -> Self {
        Self { limit, cursor: None }
    }

    /// The limit in its range.
    pub(crate) fn size(&self) -> usize {
        self.limit.clamp(1, LARGEST_PAGE)
    }

    /// Where the page begins in that partition and list: after this sort key.
    pub(crate) fn after(&self, pk: &str, list: &str) -> Result<Option<String>, StoreError> {
        self.cursor.as_deref().map(|cursor| read(cursor, pk, list)).transpose()
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The cursor of the next one; `None` when this is the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page with each item turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next_cursor: self.next_cursor }
    }
}

fn check(pk: &str, list: &str, position: &str) -> Vec<u8> {
    let mut check = digest(&[pk, list, position]).to_vec();
    check.truncate(CHECK_BYTES);
    check
}

/// The cursor of the page after `position` (a sort key).
pub(crate) fn cursor(pk: &str, list: &str, position: &str) -> String {
    let mut bytes = check(pk, list, position);
    bytes.extend_from_slice(position.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read(cursor: &str, pk: &str, list: &str) -> Result<String, StoreError> {
    if cursor.len() > LONGEST_CURSOR {
        return Err(StoreError::BadCursor);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::BadCursor)?;
    let (seen, position) = bytes.split_at_checked(CHECK_BYTES).ok_or(StoreError::BadCursor)?;
    let position = std::str::from_utf8(position).map_err(|_| StoreError::BadCursor)?;
    if position.is_empty() || check(pk, list, position) != seen {
        return Err(StoreError::BadCursor);
    }
    Ok(position.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(cursor: &str, pk: &str, list: &str) -> Option<String> {
        PageRequest { limit: 10, cursor: Some(cursor.to_owned()) }.after(pk, list).ok().flatten()
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list_alone() {
        let made = cursor("USR#a", "CHN#", "CHN#1");
        assert_eq!(after(&made, "USR#a", "CHN#").as_deref(), Some("CHN#1"));
        assert_eq!(after(&made, "USR#b", "CHN#"), None, "another customer's");
        assert_eq!(after(&made, "USR#a", "LED#"), None, "another list's");
        for bad in ["", "x", "%%%", "AAAA", &"A".repeat(5_000)] {
            assert_eq!(after(bad, "USR#a", "CHN#"), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_with_anything_changed_is_refused(position in "[!-~]{1,40}", place in 0_usize..100, flip in 1_u8..=255) {
            let made = cursor("USR#a", "CHN#", &position);
            prop_assert_eq!(after(&made, "USR#a", "CHN#"), Some(position));
            let mut bytes = URL_SAFE_NO_PAD.decode(&made).unwrap();
            let place = place % bytes.len();
            bytes[place] ^= flip;
            prop_assert_eq!(after(&URL_SAFE_NO_PAD.encode(bytes), "USR#a", "CHN#"), None);
            prop_assert_eq!(after(&made[..made.len() - 1], "USR#a", "CHN#"), None);
        }
    }
}
