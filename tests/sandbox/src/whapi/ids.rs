//! Ids, tokens and the patterns that WHAPI documents for them.
//!
//! Everything here is made of what the vendor prints in its description: channel ids of six
//! letters and five signs, tokens of 32 signs. The patterns are plain functions, so that no
//! regular expression stands between a reader and the rule. Absent: any check on channel ids
//! that come in, because the vendor's own samples break their pattern.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::Random;

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const UPPER_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LETTERS_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CODE_SIGNS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTVWXYZ";
const DIGITS: &[u8] = b"0123456789";
const HEX: &[u8] = b"0123456789ABCDEF";
/// The currencies that prices can be in.
const CURRENCIES: &str = "USD EUR AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB FJD FKP GBP GEL GGP GHS GIP GMD GNF GTQ GYD HKD \
    HNL HRK HTG HUF IDR ILS IMP INR IQD IRR ISK JEP JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD \
    LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR \
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY \
    TTD TWD TZS UAH UGX UYU UZS VEF VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL";
const SIGNATURE_BYTES: usize = 256;
/// The start of an anonymous id's hash, what it is multiplied by (FNV-1a), and what it stays below.
const LID_START: u64 = 0xcbf2_9ce4_8422_2325;
const LID_FACTOR: u64 = 0x0100_0000_01b3;
const LID_LIMIT: u64 = 1_000_000_000_000_000;
const QR_KEY_BYTES: usize = 32;

/// The maker of names, codes and tokens; the machine's chance unless another source is given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    names: Random,
    /// For codes and messages, so that one look more at a code does not rename the next channel.
    marks: Random,
}

impl Ids {
    /// Names from this source.
    pub(crate) fn new(random: &Random) -> Self {
        Self { names: random.stream("names"), marks: random.stream("marks") }
    }

    fn name(&self, alphabet: &[u8], length: usize) -> String {
        self.names.text(alphabet, length)
    }

    fn mark(&self, alphabet: &[u8], length: usize) -> String {
        self.marks.text(alphabet, length)
    }

    fn bytes<const LENGTH: usize>(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        self.marks.fill(&mut bytes);
        bytes
    }

    /// A new channel id, as in `SHAZAM-3HDYQ`.
    pub(crate) fn channel_id(&self) -> String {
        format!("{}-{}", self.name(UPPER, 6), self.name(UPPER_DIGITS, 5))
    }

    /// A new channel token: 32 letters and digits.
    pub(crate) fn channel_token(&self) -> String {
        self.name(LETTERS_DIGITS, 32)
    }

    /// A new project id: 20 letters and digits.
    pub(crate) fn project_id(&self) -> String {
        self.name(LETTERS_DIGITS, 20)
    }

    /// A new owner or user id: 28 letters and digits.
    pub(crate) fn user_id(&self) -> String {
        self.name(LETTERS_DIGITS, 28)
    }

    /// A partner token: a string that looks like the JWT that the vendor hands out. Nobody can
    /// check its signature, and the sandbox compares it as a whole.
    pub(crate) fn partner_token(&self, partner: &str, owner: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        let claims = format!(r#"{{"partner":"{partner}","user_id":"{owner}","iat":1704067200}}"#);
        let signature = URL_SAFE_NO_PAD.encode(self.bytes::<SIGNATURE_BYTES>());
        format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims))
    }

    /// A new message id that fits the documented pattern.
    pub(crate) fn message_id(&self) -> String {
        format!("{}-{}", self.mark(LETTERS_DIGITS, 14), self.mark(LETTERS_DIGITS, 10))
    }

    /// A new media id, its first part named by the file's kind.
    pub(crate) fn media_id(&self, kind: &str) -> String {
        let prefix: String = kind.chars().filter(char::is_ascii_alphanumeric).collect();
        let prefix = if prefix.is_empty() { "file".to_owned() } else { prefix };
        format!("{prefix}-{}", uuid::Builder::from_random_bytes(self.bytes()).into_uuid())
    }

    /// A new group id.
    pub(crate) fn group_id(&self) -> String {
        format!("1203{}@g.us", self.mark(DIGITS, 14))
    }

    /// A new invite code of a group.
    pub(crate) fn invite_code(&self) -> String {
        self.mark(LETTERS_DIGITS, 22)
    }

    /// A new newsletter id.
    pub(crate) fn newsletter_id(&self) -> String {
        format!("1203{}@newsletter", self.mark(DIGITS, 14))
    }

    /// A new invite code of a newsletter.
    pub(crate) fn newsletter_code(&self) -> String {
        self.mark(LETTERS_DIGITS, 24)
    }

    /// A new id of a product, of a collection of them, or of an order.
    pub(crate) fn product_id(&self) -> String {
        format!("7{}", self.mark(DIGITS, 15))
    }

    /// A new id of a call.
    pub(crate) fn call_id(&self) -> String {
        self.mark(HEX, 32)
    }

    /// The text in a linking QR code; each call gives another one.
    pub(crate) fn rowdata(&self) -> String {
        let key = || STANDARD.encode(self.bytes::<QR_KEY_BYTES>());
        format!("2@{},{},{},{}", key(), key(), key(), key())
    }

    /// A pairing code in the form that a phone asks for.
    pub(crate) fn pairing_code(&self) -> String {
        format!("{}-{}", self.mark(CODE_SIGNS, 4), self.mark(CODE_SIGNS, 4))
    }

    /// A mobile number of Bahrain, digits only.
    pub(crate) fn phone_number(&self) -> String {
        format!("9733{}", self.mark(DIGITS, 7))
    }
}

fn digits_within(text: &str, shortest: usize, longest: usize) -> bool {
    (shortest..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A phone number, or nothing: `^([\d]{7,15})?$`.
pub(crate) fn is_contact(text: &str) -> bool {
    text.is_empty() || digits_within(text, 7, 15)
}

/// A user id: 28 letters and digits, or `me`.
pub(crate) fn is_user(text: &str) -> bool {
    text == "me" || (text.len() == 28 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// A recipient: bare digits and dashes, or a full chat id.
pub(crate) fn is_recipient(text: &str) -> bool {
    let (number, host) = text.split_once('@').map_or((text, None), |(n, h)| (n, Some(h)));
    is_chat_number(number, 9) && host.is_none_or(is_chat_host)
}

/// A full chat id such as `97333123456@s.whatsapp.net`.
pub(crate) fn is_chat(text: &str) -> bool {
    text.split_once('@').is_some_and(|(number, host)| is_chat_number(number, 10) && is_chat_host(host))
}

/// Somebody to mention: a number, or a group's id.
pub(crate) fn is_mention(text: &str) -> bool {
    match text.split_once('@') {
        None => digits_within(text, 7, 15),
        Some((number, "s.whatsapp.net")) => digits_within(number, 7, 15),
        Some((number, "g.us")) => digits_within(number, 10, 31),
        Some(_) => false,
    }
}

fn is_chat_number(number: &str, shortest: usize) -> bool {
    (shortest..=31).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn is_chat_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_')
}

/// A message id by the documented pattern: two to four parts of limited length.
pub(crate) fn is_message(text: &str) -> bool {
    let bounds = [(4, 30), (4, 14), (4, 10), (2, 10)];
    let parts: Vec<&str> = text.split('-').collect();
    let fits = |(part, (shortest, longest)): (&&str, &(usize, usize))| {
        (*shortest..=*longest).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_')
    };
    (2..=bounds.len()).contains(&parts.len()) && parts.iter().zip(&bounds).all(fits)
}

/// A colour: `#` and six to eight hexadecimal digits.
pub(crate) fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| (6..=8).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A label id: one or two digits, or nothing.
pub(crate) fn is_label(text: &str) -> bool {
    text.is_empty() || digits_within(text, 1, 2)
}

/// A product's id: ten to 18 digits, or nothing.
pub(crate) fn is_product(text: &str) -> bool {
    text.is_empty() || digits_within(text, 10, 18)
}

/// A currency that prices can be in.
pub(crate) fn is_currency(text: &str) -> bool {
    CURRENCIES.split_ascii_whitespace().any(|currency| currency == text)
}

/// The id that stands for a number where numbers are not told; always the same for the same one.
pub(crate) fn lid_of(number: &str) -> String {
    let hashed = number.bytes().fold(LID_START, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(LID_FACTOR));
    format!("{:015}@lid", hashed % LID_LIMIT)
}

/// A name of a partner in a path.
pub(crate) fn is_partner_name(text: &str) -> bool {
    text.bytes().all(is_word)
}

/// A SOCKS address with its user, or nothing: the name may hold any sign, the password, the host and the port not.
pub(crate) fn is_proxy(text: &str) -> bool {
    let rest = text.strip_prefix("socks5://").or_else(|| text.strip_prefix("socks5h://"));
    text.is_empty() || rest.is_some_and(is_proxy_address)
}

fn is_proxy_address(text: &str) -> bool {
    let Some((login, address)) = text.rsplit_once('@') else {
        return false;
    };
    let named = |(name, password): (&str, &str)| made_of(name, |byte| byte.is_ascii_graphic()) && made_of(password, is_word);
    let placed = |(host, port): (&str, &str)| made_of(host, |b| b.is_ascii_alphanumeric() || b == b'.') && digits_within(port, 1, 5);
    login.rsplit_once(':').is_some_and(named) && address.rsplit_once(':').is_some_and(placed)
}

fn made_of(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(allowed)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The chat id that a recipient stands for.
pub(crate) fn chat_of(recipient: &str) -> String {
    if recipient.contains('@') { recipient.to_owned() } else { format!("{recipient}@s.whatsapp.net") }
}

/// The bare number in front of a chat id's `@`.
pub(crate) fn number_of(chat: &str) -> &str {
    chat.split_once('@').map_or(chat, |(number, _)| number)
}
