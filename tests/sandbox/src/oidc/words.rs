//! What the hosted pages say, in the reader's language. English is the key, so that a sentence without another
//! wording is still said. `#` stands for a figure or a name.

/// A language of the pages, chosen by `ui_locales`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    English,
    Arabic,
    Swahili,
}

impl Language {
    /// The first of these that the pages speak, as OpenID Connect lists them: by preference, with spaces between.
    pub(super) fn of(ui_locales: &str) -> Self {
        let known = |locale: &str| match locale.split('-').next() {
            Some("en") => Some(Self::English),
            Some("ar") => Some(Self::Arabic),
            Some("sw") => Some(Self::Swahili),
            _ => None,
        };
        ui_locales.split(' ').find_map(known).unwrap_or_default()
    }

    /// As `lang` has it.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
            Self::Swahili => "sw",
        }
    }

    /// As `dir` has it.
    pub(super) fn direction(self) -> &'static str {
        if self == Self::Arabic { "rtl" } else { "ltr" }
    }

    /// The sentence in this language.
    pub(super) fn say(self, english: &str) -> &str {
        let found = WORDS.iter().find(|(known, ..)| *known == english);
        match (self, found) {
            (Self::Arabic, Some((_, arabic, _))) => arabic,
            (Self::Swahili, Some((.., swahili))) => swahili,
            _ => english,
        }
    }
}

const WORDS: [(&str, &str, &str); 34] = [
    ("Sign in", "تسجيل الدخول", "Ingia"),
    ("Create an account", "إنشاء حساب", "Fungua akaunti"),
    ("Create account", "إنشاء الحساب", "Fungua akaunti"),
    ("Name", "الاسم", "Jina"),
    ("E-mail", "البريد الإلكتروني", "Barua pepe"),
    ("Password", "كلمة المرور", "Nenosiri"),
    ("Forgot it?", "نسيتها؟", "Umelisahau?"),
    ("New here?", "جديد هنا؟", "Mgeni hapa?"),
    ("Have an account?", "لديك حساب؟", "Una akaunti?"),
    ("At least # characters.", "# حرفًا على الأقل.", "Angalau herufi #."),
    ("Confirm your e-mail", "أكّد بريدك الإلكتروني", "Thibitisha barua pepe yako"),
    ("Confirm", "تأكيد", "Thibitisha"),
    ("Code", "الرمز", "Msimbo"),
    ("We sent a code of six digits to #.", "أرسلنا رمزًا من ستة أرقام إلى #.", "Tumetuma msimbo wa tarakimu sita kwa #."),
    ("No mail?", "لم تصل رسالة؟", "Hakuna barua?"),
    ("Send another code", "إرسال رمز آخر", "Tuma msimbo mwingine"),
    ("Reset your password", "إعادة تعيين كلمة المرور", "Weka upya nenosiri lako"),
    (
        "We send a code to your e-mail. With it you choose a new password.",
        "نرسل رمزًا إلى بريدك. به تختار كلمة مرور جديدة.",
        "Tunatuma msimbo kwa barua pepe yako. Kwa huo unachagua nenosiri jipya.",
    ),
    ("Send code", "إرسال الرمز", "Tuma msimbo"),
    ("Back to sign in", "العودة إلى تسجيل الدخول", "Rudi kwenye kuingia"),
    ("Choose a new password", "اختر كلمة مرور جديدة", "Chagua nenosiri jipya"),
    ("Change password", "تغيير كلمة المرور", "Badilisha nenosiri"),
    ("About Daypass", "عن Daypass", "Kuhusu Daypass"),
    ("WhatsApp channels by the day.", "قنوات WhatsApp باليوم.", "Chaneli za WhatsApp kwa siku."),
    (
        "Buy days, give them to channels, and see each one that is left.",
        "اشترِ أيامًا، وامنحها للقنوات، وشاهد كل يوم متبقٍّ.",
        "Nunua siku, zipe chaneli, na uone kila siku iliyobaki.",
    ),
    (
        "Too many tries. Wait 15 minutes, then try again.",
        "محاولات كثيرة. انتظر 15 دقيقة ثم حاول مجددًا.",
        "Majaribio mengi mno. Subiri dakika 15, kisha ujaribu tena.",
    ),
    ("This is not an e-mail address.", "هذا ليس عنوان بريد إلكتروني.", "Hii si anwani ya barua pepe."),
    (
        "This code is wrong or has ended. Look at the newest mail, or ask for another.",
        "هذا الرمز خطأ أو انتهى. انظر في أحدث رسالة، أو اطلب رمزًا آخر.",
        "Msimbo huu si sahihi au umekwisha. Angalia barua ya karibuni, au uombe mwingine.",
    ),
    ("A new code is on its way.", "رمز جديد في الطريق.", "Msimbo mpya uko njiani."),
    ("Wrong e-mail or password.", "البريد أو كلمة المرور خطأ.", "Barua pepe au nenosiri si sahihi."),
    (
        "Your password is changed. Sign in with the new one.",
        "تغيّرت كلمة مرورك. سجّل الدخول بالجديدة.",
        "Nenosiri lako limebadilishwa. Ingia kwa jipya.",
    ),
    ("Choose a password of at least 12 characters.", "اختر كلمة مرور من 12 حرفًا على الأقل.", "Chagua nenosiri lenye angalau herufi 12."),
    ("Choose a password of at most 256 characters.", "اختر كلمة مرور من 256 حرفًا على الأكثر.", "Chagua nenosiri lisilozidi herufi 256."),
    (
        "An account with this e-mail exists. Sign in instead.",
        "يوجد حساب بهذا البريد. سجّل الدخول به.",
        "Kuna akaunti yenye barua pepe hii. Ingia badala yake.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::password;

    #[test]
    fn the_first_known_language_is_spoken_and_english_otherwise() {
        for (asked, tag, direction) in
            [("ar", "ar", "rtl"), ("fr sw-KE en", "sw", "ltr"), ("en-GB ar", "en", "ltr"), ("fr", "en", "ltr"), ("", "en", "ltr")]
        {
            let language = Language::of(asked);
            assert_eq!((language.tag(), language.direction()), (tag, direction), "{asked}");
        }
    }

    #[test]
    fn what_is_said_of_passwords_is_said_in_every_language() {
        for password in ["short", &"x".repeat(300)] {
            let complaint = password::complaint(password).expect("it is refused");
            for language in [Language::Arabic, Language::Swahili] {
                assert_ne!(language.say(&complaint), complaint);
            }
        }
    }

    #[test]
    fn a_figure_has_its_place_in_every_wording() {
        for (english, arabic, swahili) in WORDS {
            for other in [arabic, swahili] {
                assert_eq!(english.contains('#'), other.contains('#'), "{english}");
                assert!(!other.is_empty(), "{english}");
            }
        }
    }
}
