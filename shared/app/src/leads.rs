//! People who ask for a quote or a demo. What they write waits for a person, as a finding; nothing is bought.

use domain::PhoneNumber;
use domain::id::PlanId;
use domain::plan::RequestType;

use crate::error::{AppError, FieldError};
use crate::parts::App;
use crate::support::tell;

/// The longest name, e-mail or preferred time, in characters.
const LONGEST_LINE: usize = 120;
/// The longest message, in characters.
const LONGEST_MESSAGE: usize = 2_000;

/// What somebody asks for.
#[derive(Debug, Clone, Default)]
pub struct NewLead {
    /// Their name.
    pub name: String,
    /// Where to write to.
    pub email: String,
    /// Where to call.
    pub phone: Option<String>,
    /// What they want to say.
    pub message: Option<String>,
    /// When a demo would suit them.
    pub preferred_time: Option<String>,
}

/// Records a lead for a plan that is asked for, and tells the admins.
///
/// # Errors
/// [`AppError::NotFound`] for no such plan; [`AppError::Invalid`]; a plan that is bought online.
pub async fn record(app: &App, plan: &PlanId, lead: NewLead) -> Result<(), AppError> {
    let plan = crate::plans::get(app, plan).await?;
    let kind = match plan.request_type {
        RequestType::RequestQuote => "lead.quote",
        RequestType::BookDemo => "lead.demo",
        RequestType::Paid => return Err(AppError::field("plan_id", "This plan is bought online.")),
    };
    check(&lead)?;
    let rest = [("Phone", &lead.phone), ("When", &lead.preferred_time), ("Message", &lead.message)];
    let rest: String = rest.iter().filter_map(|(label, text)| Some(format!(" {label}: {}.", text.as_deref()?.trim()))).collect();
    let text = format!("{} <{}> asks for {}.{rest}", lead.name.trim(), lead.email.trim(), plan.name);
    tell(app, format!("lead:{:x}", app.random()), kind, text, "Write to them.", None).await.map(drop)
}

fn check(lead: &NewLead) -> Result<(), AppError> {
    let line = |text: &str| text.chars().count() <= LONGEST_LINE && !text.chars().any(char::is_control);
    let mut errors = Vec::new();
    if lead.name.trim().is_empty() || !line(&lead.name) {
        errors.push(FieldError::new("name", "Give your name, 120 characters at most."));
    }
    if !is_email(&lead.email) || !line(&lead.email) {
        errors.push(FieldError::new("email", "Give an e-mail address such as name@example.com."));
    }
    if lead.phone.as_deref().is_some_and(|phone| PhoneNumber::parse(phone).is_err()) {
        errors.push(FieldError::new("phone", "Give a telephone number that exists, with its country code."));
    }
    if lead.preferred_time.as_deref().is_some_and(|time| !line(time)) {
        errors.push(FieldError::new("preferred_time", "120 characters at most."));
    }
    if lead.message.as_deref().is_some_and(|message| message.chars().count() > LONGEST_MESSAGE || message.chars().any(is_odd)) {
        errors.push(FieldError::new("message", "2000 characters at most, and no control characters but line breaks and tabs."));
    }
    if errors.is_empty() { Ok(()) } else { Err(AppError::Invalid(errors)) }
}

/// Whether no message has it.
fn is_odd(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
}

/// Whether it looks like an address: only a letter sent there can tell.
fn is_email(text: &str) -> bool {
    let parts = text.trim().split_once('@');
    parts.is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !text.trim().contains(char::is_whitespace)
    })
}
