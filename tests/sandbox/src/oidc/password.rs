//! Passwords, hashed with argon2 (the crate's recommended cost), and what counts as one.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

/// The shortest password that somebody may choose, in characters; as in the user pool.
pub(super) const PASSWORD_MIN: usize = 12;
/// The longest, in characters.
const PASSWORD_LIMIT: usize = 256;

/// Says what is wrong with a password that somebody chose.
pub(super) fn complaint(password: &str) -> Option<String> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Some(format!("Choose a password of at least {PASSWORD_MIN} characters."));
    }
    (length > PASSWORD_LIMIT).then(|| format!("Choose a password of at most {PASSWORD_LIMIT} characters."))
}

/// Whether a password may be kept at all.
pub(super) fn is_storable(password: &str) -> bool {
    !password.is_empty() && password.chars().count() <= PASSWORD_LIMIT
}

/// The hash to keep.
pub(super) fn hash(password: &str) -> Option<String> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

/// Whether this is the password of that hash.
pub(super) fn matches(password: &str, hash: &str) -> bool {
    is_storable(password) && PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
