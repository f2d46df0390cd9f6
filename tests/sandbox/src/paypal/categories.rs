//! The closed list of product categories; the names are the vendor's interface, so they stand in a list of their own.

const NAMES: &str = include_str!("categories.txt");

/// Whether a category is on the list.
pub(super) fn known(name: &str) -> bool {
    NAMES.lines().any(|line| line == name)
}
