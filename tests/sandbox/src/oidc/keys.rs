//! The keys that sign tokens: RS256, rotated, published while a token could still be signed by
//! them. Signs and reads compact JWTs; knows nothing of what they say.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rsa::traits::PublicKeyParts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::SandboxError;
use crate::clock::later;

/// The size of the keys.
const KEY_BITS: usize = 2_048;
/// How long a key is published after another has taken its place.
const RETIRED_STAYS: SignedDuration = SignedDuration::from_hours(24);

/// One key pair; the private half stays in the saved state.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SigningKey {
    pub(super) kid: String,
    pkcs8: String,
    n: String,
    e: String,
    retired_at: Option<Timestamp>,
}

impl SigningKey {
    /// A fresh key. Takes some tenths of a second.
    pub(super) fn make() -> Result<Self, SandboxError> {
        let failed = |cause: &dyn std::fmt::Display| SandboxError::Other(format!("no key: {cause}"));
        let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, KEY_BITS).map_err(|cause| failed(&cause))?;
        let pkcs8 = private.to_pkcs8_der().map_err(|cause| failed(&cause))?;
        Ok(Self {
            kid: random_text(),
            pkcs8: URL_SAFE_NO_PAD.encode(pkcs8.as_bytes()),
            n: URL_SAFE_NO_PAD.encode(private.n().to_bytes_be()),
            e: URL_SAFE_NO_PAD.encode(private.e().to_bytes_be()),
            retired_at: None,
        })
    }

    /// A compact JWT with these claims.
    pub(super) fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({"kid": self.kid, "alg": "RS256"});
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let said = format!("{}.{}", encode(&header), encode(claims));
        let pair = RsaKeyPair::from_pkcs8(&URL_SAFE_NO_PAD.decode(&self.pkcs8).ok()?).ok()?;
        let mut signature = vec![0; pair.public().modulus_len()];
        let random = SystemRandom::new();
        pair.sign(&RSA_PKCS1_SHA256, &random, said.as_bytes(), &mut signature).ok()?;
        Some(format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn verify(&self, said: &str, signature: &[u8]) -> Option<()> {
        let public = RsaPublicKeyComponents { n: URL_SAFE_NO_PAD.decode(&self.n).ok()?, e: URL_SAFE_NO_PAD.decode(&self.e).ok()? };
        public.verify(&RSA_PKCS1_2048_8192_SHA256, said.as_bytes(), signature).ok()
    }

    fn public(&self) -> Value {
        json!({"alg": "RS256", "e": self.e, "kid": self.kid, "kty": "RSA", "n": self.n, "use": "sig"})
    }
}

/// Puts a fresh key first and forgets those that were retired long ago.
pub(super) fn rotate(keys: &mut Vec<SigningKey>, fresh: SigningKey, now: Timestamp) {
    for key in keys.iter_mut().filter(|key| key.retired_at.is_none()) {
        key.retired_at = Some(now);
    }
    keys.retain(|key| is_published(key, now));
    keys.insert(0, fresh);
}

/// The published half of the keys (RFC 7517).
pub(super) fn key_set(keys: &[SigningKey], now: Timestamp) -> Value {
    let published = keys.iter().filter(|key| is_published(key, now));
    let published: Vec<Value> = published.map(SigningKey::public).collect();
    json!({"keys": published})
}

/// The claims of a token that one of the published keys signed.
pub(super) fn read(keys: &[SigningKey], token: &str, now: Timestamp) -> Option<Value> {
    let (said, signature) = token.rsplit_once('.')?;
    let (header, claims) = said.split_once('.')?;
    let header: Value = decode(header)?;
    let kid = header.get("kid")?.as_str()?;
    let key = keys.iter().find(|key| key.kid == kid)?;
    if !is_published(key, now) {
        return None;
    }
    key.verify(said, &URL_SAFE_NO_PAD.decode(signature).ok()?)?;
    decode(claims)
}

/// A secret of 32 random bytes, as text.
pub(super) fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn is_published(key: &SigningKey, now: Timestamp) -> bool {
    let stays = |retired_at| later(retired_at, RETIRED_STAYS) > now;
    key.retired_at.is_none_or(stays)
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
