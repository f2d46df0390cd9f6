//! The issues a request can have, and which of them each call's documentation lists for its 400 (`Dialect`):
//! an issue outside that list is told by the nearest one inside it, or by none.

use Issue::{
    Missing, MissingBody, PatchPath, PatchRepeated, PatchUnsupported, StartTime, Syntax, SystemPrefix, TooLarge, TooLong, TooShort,
    TooSmall, Value,
};

/// What is wrong with a part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Issue {
    MissingBody,
    Missing,
    Syntax,
    Value,
    TooShort,
    TooLong,
    TooSmall,
    TooLarge,
    StartTime,
    SystemPrefix,
    PatchUnsupported,
    PatchPath,
    PatchRepeated,
}

impl Issue {
    /// Its name and the vendor's sentence for it.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::MissingBody => ("MISSING_REQUEST_BODY", "Request body is missing."),
            Self::Missing => ("MISSING_REQUIRED_PARAMETER", "A required field is missing."),
            Self::Syntax => ("INVALID_PARAMETER_SYNTAX", "The value of a field does not conform to the expected format."),
            Self::Value => ("INVALID_PARAMETER_VALUE", "The value of a field is invalid."),
            Self::TooShort => ("INVALID_STRING_MIN_LENGTH", "The value of a field is too short."),
            Self::TooLong => ("INVALID_STRING_MAX_LENGTH", "The value of a field is too long."),
            Self::TooSmall => ("INVALID_INTEGER_MIN_VALUE", "The integer value of a field is too small."),
            Self::TooLarge => ("INVALID_INTEGER_MAX_VALUE", "The integer value of a field is too large."),
            Self::StartTime => ("INVALID_PARAMETER_VALUE", "Start time must be a valid future date and time."),
            Self::SystemPrefix => ("INVALID_PARAMETER_SYNTAX", "Input identifier must not use system prefix(PROD-)."),
            Self::PatchUnsupported => ("UNSUPPORTED_PATCH_OPERATION", "The specified patch operation not supported for this field."),
            Self::PatchPath => ("INVALID_PATCH_PATH", "The specified field cannot be patched."),
            Self::PatchRepeated => ("INVALID_PATCH_PATH", "Multiple operations on the same field are not allowed."),
        }
    }

    fn nearest(self) -> Option<Self> {
        match self {
            Self::MissingBody => Some(Self::Missing),
            Self::Value => None,
            Self::Missing => Some(Self::Syntax),
            _ => Some(Self::Value),
        }
    }
}

/// The issues a call's documentation lists for a 400, and whether it speaks the older form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) issues: &'static [Issue],
    pub(super) older: bool,
}

impl Dialect {
    const fn of(issues: &'static [Issue]) -> Self {
        Self { issues, older: false }
    }

    /// The issue as this call knows it.
    pub(super) fn say(self, issue: Issue) -> Option<Issue> {
        if self.issues.contains(&issue) { Some(issue) } else { self.say(issue.nearest()?) }
    }
}

pub(super) const PLAN_CREATE: Dialect = Dialect::of(&[Syntax, Value, Missing, TooShort, TooLong, TooSmall, TooLarge]);
pub(super) const PLAN_PATCH: Dialect = Dialect::of(&[PatchUnsupported, PatchPath, PatchRepeated, Syntax, Value]);
pub(super) const PLAN_PRICES: Dialect = Dialect::of(&[Value, Missing]);
pub(super) const LIST: Dialect = Dialect::of(&[Value]);
pub(super) const SUBSCRIBE: Dialect = Dialect::of(&[Syntax, TooLong, Value, TooSmall, TooLarge, StartTime, MissingBody, Missing]);
pub(super) const SUBSCRIPTION_PATCH: Dialect =
    Dialect::of(&[PatchUnsupported, PatchPath, PatchRepeated, Syntax, Value, TooLong, TooShort, TooSmall, TooLarge, MissingBody, Missing]);
pub(super) const REVISE: Dialect = Dialect::of(&[Syntax, Value, TooSmall, TooLarge, MissingBody, Missing]);
pub(super) const REASON: Dialect = Dialect::of(&[TooLong]);
pub(super) const CAPTURE: Dialect = Dialect::of(&[MissingBody, Value, TooLong, Missing]);
pub(super) const TRANSACTIONS: Dialect = Dialect::of(&[Syntax, Value, Missing]);
pub(super) const PRODUCT_CREATE: Dialect = Dialect::of(&[SystemPrefix, Syntax, Value, Missing, TooShort, TooLong]);
pub(super) const PRODUCT_PATCH: Dialect = Dialect::of(&[Missing, PatchUnsupported, PatchPath, Syntax, Value]);
pub(super) const OLDER: Dialect = Dialect {
    issues: &[MissingBody, Missing, Syntax, Value, TooShort, TooLong, TooSmall, TooLarge, PatchPath, PatchUnsupported],
    older: true,
};
