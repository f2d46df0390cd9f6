//! Seals secrets that are stored with their record, and derives the secrets of webhooks. The keyring has
//! several keys of each sort; the first is the one in use, the others still open what they sealed.
//!
//! Format of a sealed text: `1.<key id>.<base64url of nonce, ciphertext and tag>`. The associated data is
//! the record's key and the key's id, so that a sealed text opens at its own record alone.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::Secret;
use domain::channel::Sealed;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// The version of the format.
const FORMAT: &str = "1";
/// How long a key is, in bytes.
const KEY_BYTES: usize = 32;
/// The longest id of a key.
const LONGEST_KEY_ID: usize = 32;
/// The most keys of one sort that a keyring holds.
const MOST_KEYS: usize = 16;
/// How many of the keys for webhooks are valid at a time: the one in use and the one before.
const VALID_WEBHOOK_KEYS: usize = 2;

/// Why something could not be sealed or opened. It never says what was in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The keyring is not as it should be.
    #[error("the keyring cannot be used: {0}")]
    BadKeyring(&'static str),
    /// The text is no sealed text.
    #[error("not a sealed text")]
    Malformed,
    /// The key that sealed it is not in the keyring any more.
    #[error("sealed with a key that is not in the keyring")]
    UnknownKey,
    /// It was changed, or belongs to another record.
    #[error("a sealed text that was changed, or is another record's")]
    Forged,
    /// The system gave no random bytes.
    #[error("no random bytes")]
    NoRandom,
}

#[derive(Deserialize)]
struct KeyringText {
    seal: Vec<KeyText>,
    #[serde(default)]
    webhook: Vec<KeyText>,
}

#[derive(Deserialize)]
struct KeyText {
    id: String,
    #[serde(deserialize_with = "wiped")]
    key: Zeroizing<String>,
}

fn wiped<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

struct SealKey {
    id: String,
    key: LessSafeKey,
}

struct WebhookKey {
    id: String,
    key: hmac::Key,
}

/// The keys. It has no `Debug`.
pub struct Keyring {
    seal: Vec<SealKey>,
    webhook: Vec<WebhookKey>,
}

fn key_bytes(text: &KeyText) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if text.id.is_empty() || text.id.len() > LONGEST_KEY_ID || !text.id.bytes().all(plain) {
        return Err(SealError::BadKeyring("a key's id is not 1 to 32 letters, digits, - or _"));
    }
    let bytes = STANDARD.decode(text.key.as_bytes()).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| SealError::BadKeyring("a key is not base64"))?;
    if bytes.len() != KEY_BYTES {
        return Err(SealError::BadKeyring("a key does not have 32 bytes"));
    }
    Ok(bytes)
}

fn check_ids(keys: &[KeyText]) -> Result<(), SealError> {
    let repeated = keys.iter().enumerate().any(|(index, key)| keys.iter().skip(index + 1).any(|other| other.id == key.id));
    match (keys.len() > MOST_KEYS, repeated) {
        (true, _) => Err(SealError::BadKeyring("too many keys")),
        (_, true) => Err(SealError::BadKeyring("two keys have the same id")),
        _ => Ok(()),
    }
}

impl Keyring {
    /// Reads `{"seal":[{"id","key"}],"webhook":[{"id","key"}]}`; keys are base64 of 32 bytes, the first of
    /// each list is in use.
    ///
    /// # Errors
    /// [`SealError::BadKeyring`], which never says what was in it.
    pub fn parse(json: &str) -> Result<Self, SealError> {
        let text: KeyringText = serde_json::from_str(json).map_err(|_| SealError::BadKeyring("not the JSON that it should be"))?;
        if text.seal.is_empty() {
            return Err(SealError::BadKeyring("no key to seal with"));
        }
        check_ids(&text.seal)?;
        check_ids(&text.webhook)?;
        let seal = text.seal.iter().map(|key| {
            let unbound =
                UnboundKey::new(&AES_256_GCM, &key_bytes(key)?).map_err(|_| SealError::BadKeyring("a key that cannot be used"))?;
            Ok(SealKey { id: key.id.clone(), key: LessSafeKey::new(unbound) })
        });
        let webhook =
            text.webhook.iter().map(|key| Ok(WebhookKey { id: key.id.clone(), key: hmac::Key::new(hmac::HMAC_SHA256, &key_bytes(key)?) }));
        Ok(Self { seal: seal.collect::<Result<_, _>>()?, webhook: webhook.collect::<Result<_, _>>()? })
    }

    /// The secret of a channel's webhook under the key in use, as `(key id, secret)`; the id stands beside
    /// it in the header, so that checking it reads nothing.
    ///
    /// # Errors
    /// [`SealError::BadKeyring`] when the keyring has no key for webhooks.
    pub fn webhook_secret(&self, channel: &str) -> Result<(String, Secret), SealError> {
        let key = self.webhook.first().ok_or(SealError::BadKeyring("no key for webhooks"))?;
        let tag = hmac::sign(&key.key, webhook_text(channel).as_bytes());
        Ok((key.id.clone(), Secret::new(hex::encode(tag.as_ref()))))
    }

    /// Whether that is a channel's webhook secret, under the key in use or the one before. In constant time.
    pub fn is_webhook_secret(&self, channel: &str, key_id: &str, secret: &str) -> bool {
        let valid = self.webhook.iter().take(VALID_WEBHOOK_KEYS);
        let Some(key) = valid.into_iter().find(|key| key.id == key_id) else { return false };
        hex::decode(secret).is_ok_and(|tag| hmac::verify(&key.key, webhook_text(channel).as_bytes(), &tag).is_ok())
    }
}

fn webhook_text(channel: &str) -> String {
    format!("daypass webhook {channel}")
}

/// Seals and opens with a keyring.
pub struct Sealer {
    keyring: Keyring,
}

fn associated(key_id: &str, aad: &str) -> String {
    format!("{FORMAT}.{key_id}.{aad}")
}

impl Sealer {
    /// With these keys.
    pub const fn new(keyring: Keyring) -> Self {
        Self { keyring }
    }

    /// The keys.
    pub const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Seals a secret for the record that `aad` names.
    ///
    /// # Errors
    /// [`SealError::NoRandom`].
    pub fn seal(&self, secret: &Secret, aad: &str) -> Result<Sealed, SealError> {
        let key = self.keyring.seal.first().ok_or(SealError::BadKeyring("no key to seal with"))?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::NoRandom)?;
        let mut text = Zeroizing::new(secret.expose().as_bytes().to_vec());
        text.reserve(AES_256_GCM.tag_len());
        let aad = associated(&key.id, aad);
        key.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad.as_bytes()), &mut *text)
            .map_err(|_| SealError::Malformed)?;
        let bytes = [nonce.as_slice(), text.as_slice()].concat();
        Ok(Sealed(format!("{FORMAT}.{}.{}", key.id, URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// Opens what was sealed for the record that `aad` names.
    ///
    /// # Errors
    /// [`SealError`] when it is malformed, changed, another record's, or its key is gone.
    pub fn open(&self, sealed: &Sealed, aad: &str) -> Result<Secret, SealError> {
        let (key_id, bytes) = parts(sealed)?;
        let key = self.keyring.seal.iter().find(|key| key.id == key_id).ok_or(SealError::UnknownKey)?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or(SealError::Malformed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Malformed)?;
        let mut text = Zeroizing::new(text.to_vec());
        let aad = associated(key_id, aad);
        let opened = key.key.open_in_place(nonce, Aad::from(aad.as_bytes()), &mut text).map_err(|_| SealError::Forged)?;
        std::str::from_utf8(opened).map(Secret::new).map_err(|_| SealError::Malformed)
    }

    /// Whether it should be sealed again: another key is in use now.
    pub fn needs_resealing(&self, sealed: &Sealed) -> bool {
        let current = self.keyring.seal.first().map(|key| key.id.as_str());
        parts(sealed).map(|(key_id, _)| key_id).ok() != current
    }
}

fn parts(sealed: &Sealed) -> Result<(&str, Vec<u8>), SealError> {
    let rest = sealed.0.strip_prefix(FORMAT).and_then(|rest| rest.strip_prefix('.'));
    let (key_id, text) = rest.and_then(|rest| rest.split_once('.')).ok_or(SealError::Malformed)?;
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Malformed)?;
    Ok((key_id, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; KEY_BYTES])
    }

    fn sealer(ids: &[(&str, u8)]) -> Sealer {
        let keys: Vec<_> = ids.iter().map(|(id, byte)| serde_json::json!({"id": id, "key": key(*byte)})).collect();
        Sealer::new(Keyring::parse(&serde_json::json!({"seal": keys, "webhook": keys}).to_string()).ok().unwrap())
    }

    fn opened(sealer: &Sealer, sealed: &Sealed, aad: &str) -> Result<String, SealError> {
        sealer.open(sealed, aad).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn a_sealed_token_opens_at_its_own_record_alone() {
        let sealer = sealer(&[("a", 1)]);
        let sealed = sealer.seal(&Secret::new("token"), "chn_1").unwrap();
        assert!(!sealed.0.contains("token"));
        assert_eq!(opened(&sealer, &sealed, "chn_1"), Ok("token".to_owned()));
        assert_eq!(opened(&sealer, &sealed, "chn_2"), Err(SealError::Forged));
        assert_ne!(sealer.seal(&Secret::new("token"), "chn_1").unwrap(), sealed, "each time another nonce");
    }

    #[test]
    fn a_rotated_key_still_opens_and_a_retired_one_does_not() {
        let sealed = sealer(&[("a", 1)]).seal(&Secret::new("token"), "chn_1").unwrap();
        let rotated = sealer(&[("b", 2), ("a", 1)]);
        assert_eq!(opened(&rotated, &sealed, "chn_1"), Ok("token".to_owned()));
        assert!(rotated.needs_resealing(&sealed));
        let again = rotated.seal(&Secret::new("token"), "chn_1").unwrap();
        assert!(!rotated.needs_resealing(&again));
        assert_eq!(opened(&sealer(&[("b", 2)]), &sealed, "chn_1"), Err(SealError::UnknownKey));
        assert_eq!(opened(&sealer(&[("a", 3)]), &sealed, "chn_1"), Err(SealError::Forged), "another key of the same name");
    }

    #[test]
    fn a_flipped_bit_is_noticed_wherever_it_is() {
        let sealer = sealer(&[("a", 1)]);
        let sealed = sealer.seal(&Secret::new("token"), "chn_1").unwrap();
        let (_, bytes) = parts(&sealed).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let text = Sealed(format!("1.a.{}", URL_SAFE_NO_PAD.encode(changed)));
            assert_eq!(opened(&sealer, &text, "chn_1"), Err(SealError::Forged), "byte {place}");
        }
        for bad in ["", "1", "1.a", "2.a.AAAA", "1.a.%%%", "1.a.AAAA"] {
            assert!(opened(&sealer, &Sealed(bad.to_owned()), "chn_1").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_webhook_secret_is_good_for_its_channel_under_two_keys() {
        let old = sealer(&[("a", 1)]);
        let (id, secret) = old.keyring().webhook_secret("chn_1").unwrap();
        let check = |sealer: &Sealer, channel: &str, id: &str, secret: &str| sealer.keyring().is_webhook_secret(channel, id, secret);
        assert!(check(&old, "chn_1", &id, secret.expose()));
        assert!(!check(&old, "chn_2", &id, secret.expose()));
        assert!(!check(&old, "chn_1", "b", secret.expose()));
        assert!(!check(&old, "chn_1", &id, ""));
        assert!(check(&sealer(&[("b", 2), ("a", 1)]), "chn_1", &id, secret.expose()));
        assert!(!check(&sealer(&[("c", 3), ("b", 2), ("a", 1)]), "chn_1", &id, secret.expose()));
    }

    #[test]
    fn a_wrong_keyring_is_refused_without_a_word_of_what_is_in_it() {
        let good = key(1);
        let bad = [
            "{}".to_owned(),
            r#"{"seal":[]}"#.to_owned(),
            r#"{"seal":[{"id":"a","key":"c2hvcnQ="}]}"#.to_owned(),
            format!(r#"{{"seal":[{{"id":"a.b","key":"{good}"}}]}}"#),
            format!(r#"{{"seal":[{{"id":"a","key":"{good}"}},{{"id":"a","key":"{good}"}}]}}"#),
        ];
        for text in bad {
            let error = Keyring::parse(&text).err().unwrap();
            assert!(!error.to_string().contains("c2hvcnQ"), "{text}");
        }
    }
}
