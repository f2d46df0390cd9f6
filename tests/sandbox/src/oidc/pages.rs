//! How the hosted pages look: plain HTML with one style sheet, nothing inline, no scripts.
//!
//! Everything that came from outside goes through [`escape`]. The policy lets a form go to this
//! issuer and, because browsers ask it for the redirect after a form too, to the client's address.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::authorize::AuthorizeRequest;
use super::password::PASSWORD_MIN;
use super::words::Language;

/// A sentence above a form.
#[derive(Clone, Copy)]
pub(super) enum Notice<'a> {
    Good(&'a str),
    Bad(&'a str),
}

pub(super) fn sign_in(request: &AuthorizeRequest, email: &str, notice: Option<Notice<'_>>, status: StatusCode) -> Response {
    let say = |english| request.language.say(english);
    let forgot = link(request, "/forgotPassword", email, "Forgot it?");
    let fields = email_field(request, email)
        + &format!(
            "<div class=\"field\"><div class=\"line\"><label for=\"password\">{}</label>{forgot}</div>\
             <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required></div>",
            say("Password")
        );
    let after = format!("{} {}", say("New here?"), link(request, "/signup", "", "Create an account"));
    let form = form(request, "/login", "Sign in", notice, &fields, "Sign in");
    page(Some(request), status, "Sign in", &(form + &quiet(&after)))
}

pub(super) fn sign_up(request: &AuthorizeRequest, email: &str, name: &str, notice: Option<Notice<'_>>, status: StatusCode) -> Response {
    let say = |english| request.language.say(english);
    let fields = format!(
        "<div class=\"field\"><label for=\"name\">{}</label>\
         <input id=\"name\" name=\"name\" type=\"text\" autocomplete=\"name\" maxlength=\"100\" value=\"{}\"></div>",
        say("Name"),
        escape(name)
    ) + &email_field(request, email)
        + &new_password_field(request);
    let after = format!("{} {}", say("Have an account?"), link(request, "/login", email, "Sign in"));
    let form = form(request, "/signup", "Create an account", notice, &fields, "Create account");
    page(Some(request), status, "Create an account", &(form + &quiet(&after)))
}

pub(super) fn confirm(request: &AuthorizeRequest, email: &str, notice: Option<Notice<'_>>, status: StatusCode) -> Response {
    let say = |english| request.language.say(english);
    let fields = code_sentence(request, email) + &email_hidden(email) + &code_field(request);
    let sure = form(request, "/confirm", "Confirm your e-mail", notice, &fields, "Confirm");
    let again = format!(
        "<form class=\"small\" method=\"post\" action=\"{}\">{}<p class=\"quiet\">{} \
         <button class=\"as-link\" type=\"submit\">{}</button></p></form>",
        action(request, "/resend", ""),
        email_hidden(email),
        say("No mail?"),
        say("Send another code"),
    );
    page(Some(request), status, "Confirm your e-mail", &(sure + &again))
}

pub(super) fn forgot(request: &AuthorizeRequest, email: &str, notice: Option<Notice<'_>>, status: StatusCode) -> Response {
    let why = request.language.say("We send a code to your e-mail. With it you choose a new password.");
    let fields = quiet(why) + &email_field(request, email);
    let form = form(request, "/forgotPassword", "Reset your password", notice, &fields, "Send code");
    let after = quiet(&link(request, "/login", email, "Back to sign in"));
    page(Some(request), status, "Reset your password", &(form + &after))
}

pub(super) fn reset(request: &AuthorizeRequest, email: &str, notice: Option<Notice<'_>>, status: StatusCode) -> Response {
    let fields = code_sentence(request, email) + &email_hidden(email) + &code_field(request) + &new_password_field(request);
    let form = form(request, "/resetPassword", "Choose a new password", notice, &fields, "Change password");
    let after = quiet(&link(request, "/forgotPassword", email, "Send another code"));
    page(Some(request), status, "Choose a new password", &(form + &after))
}

/// A page that leads nowhere, because there is nowhere to go.
pub(super) fn dead_end(why: &str) -> Response {
    let text = escape(why);
    let advice = "Go back to the application and sign in from there.";
    let body = format!("<div class=\"box\"><h1>This does not work</h1><p>{text} {advice}</p></div>");
    page(None, StatusCode::BAD_REQUEST, "This does not work", &body)
}

pub(super) fn signed_out() -> Response {
    let body = "<div class=\"box\"><h1>You are signed out</h1><p>You can close this page.</p></div>";
    page(None, StatusCode::OK, "You are signed out", body)
}

/// Sends the browser to the next page of the same sign-in.
pub(super) fn onward(request: &AuthorizeRequest, path: &str, email: &str) -> Response {
    let target = format!("{path}?{}", request.query(email));
    let location = [(header::LOCATION, target), (header::CACHE_CONTROL, "no-store".to_owned())];
    (StatusCode::SEE_OTHER, location).into_response()
}

fn form(request: &AuthorizeRequest, path: &str, title: &str, notice: Option<Notice<'_>>, fields: &str, button: &str) -> String {
    let action = action(request, path, "");
    let notice = notice.map_or_else(String::new, |notice| said(request.language, notice));
    let (title, button) = (request.language.say(title), request.language.say(button));
    format!(
        "<form method=\"post\" action=\"{action}\"><h1>{title}</h1>{notice}{fields}\
         <button class=\"button main-action wide\" type=\"submit\">{button}</button></form>"
    )
}

fn said(language: Language, notice: Notice<'_>) -> String {
    match notice {
        Notice::Good(text) => format!("<p class=\"notice good\" role=\"status\">{}</p>", escape(language.say(text))),
        Notice::Bad(text) => format!("<p class=\"notice bad\" role=\"alert\">{}</p>", escape(language.say(text))),
    }
}

fn email_field(request: &AuthorizeRequest, email: &str) -> String {
    format!(
        "<div class=\"field\"><label for=\"email\">{}</label>\
         <input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"username\" maxlength=\"254\" required value=\"{}\"></div>",
        request.language.say("E-mail"),
        escape(email)
    )
}

fn email_hidden(email: &str) -> String {
    format!("<input type=\"hidden\" name=\"email\" value=\"{}\">", escape(email))
}

fn new_password_field(request: &AuthorizeRequest) -> String {
    let say = |english| request.language.say(english);
    format!(
        "<div class=\"field\"><label for=\"password\">{}</label>\
         <p class=\"help\" id=\"password-help\">{}</p>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"new-password\" \
         minlength=\"{PASSWORD_MIN}\" maxlength=\"256\" aria-describedby=\"password-help\" required></div>",
        say("Password"),
        say("At least # characters.").replace('#', &PASSWORD_MIN.to_string()),
    )
}

fn code_sentence(request: &AuthorizeRequest, email: &str) -> String {
    let to = format!("<bdi class=\"ltr\">{}</bdi>", escape(email));
    format!("<p>{}</p>", request.language.say("We sent a code of six digits to #.").replace('#', &to))
}

fn code_field(request: &AuthorizeRequest) -> String {
    format!(
        "<div class=\"field\"><label for=\"code\">{}</label>\
         <input id=\"code\" class=\"code\" name=\"code\" type=\"text\" inputmode=\"numeric\" \
         autocomplete=\"one-time-code\" maxlength=\"12\" required></div>",
        request.language.say("Code")
    )
}

fn quiet(html: &str) -> String {
    format!("<p class=\"quiet\">{html}</p>")
}

fn link(request: &AuthorizeRequest, path: &str, email: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", action(request, path, email), request.language.say(text))
}

fn action(request: &AuthorizeRequest, path: &str, email: &str) -> String {
    escape(&format!("{path}?{}", request.query(email)))
}

fn page(request: Option<&AuthorizeRequest>, status: StatusCode, title: &str, body: &str) -> Response {
    let language = request.map(|request| request.language).unwrap_or_default();
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · Daypass</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/sign-in.css\">\n</head>\n<body>\n\
         <div class=\"door\">\n<main id=\"main\">\n<p class=\"mark\">{MARK}Daypass</p>\n\
         <div class=\"middle\">{body}</div>\n</main>\n<aside class=\"year\" aria-label=\"{about}\">{ticks}\
         <p><strong>{first}</strong> {then}</p></aside>\n</div>\n</body>\n</html>\n",
        lang = language.tag(),
        dir = language.direction(),
        title = language.say(title),
        about = language.say("About Daypass"),
        first = language.say("WhatsApp channels by the day."),
        then = language.say("Buy days, give them to channels, and see each one that is left."),
        ticks = *TICKS,
    );
    let mut response = (status, Html(html)).into_response();
    let mut say = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    say(header::CONTENT_SECURITY_POLICY, &policy(request));
    say(header::CACHE_CONTROL, "no-store");
    say(header::REFERRER_POLICY, "no-referrer");
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::X_FRAME_OPTIONS, "DENY");
    response
}

fn policy(request: Option<&AuthorizeRequest>) -> String {
    let client = request.map(|request| request.redirect_uri.origin().ascii_serialization());
    let client = client.unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {client}; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Text made safe for an element or a quoted attribute.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(character),
        }
    }
    safe
}

const MARK: &str = "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\">\
    <path d=\"M2 3h3v14H2zM7 3h3v14H7zM12 3h3v14h-3zM17 14h3v3h-3z\" fill=\"currentColor\"/></svg>";

/// A year in days, the spent ones as stubs: thirty to a row, in tens.
static TICKS: LazyLock<String> = LazyLock::new(|| {
    const DAYS: u32 = 365;
    const SPENT: u32 = 139;
    let mut drawing = String::from("<svg class=\"ticks\" viewBox=\"0 0 300 356\" aria-hidden=\"true\">");
    for day in 0..DAYS {
        let (row, place) = (day / 30, day % 30);
        let (x, y) = (place * 10 + place / 10 * 3, row * 28);
        let (top, height, class) = if day < SPENT { (y + 16, 4, "spent") } else { (y, 20, "held") };
        let _ = write!(drawing, "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"4\" height=\"{height}\"/>");
    }
    drawing + "</svg>"
});
