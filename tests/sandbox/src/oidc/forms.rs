//! The hosted pages and what their forms do: `GET·POST /login`, `/signup`, `/confirm`,
//! `/forgotPassword`, `/resetPassword`, `POST /resend`, `GET /sign-in.css`.
//!
//! Each carries the request to sign in, in its query, and checks it anew. A form that comes from
//! another site is refused. Wrong passwords and codes are counted by e-mail address.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;

use super::authorize::AuthorizeRequest;
use super::issuer::{CodeCheck, Issuer, email_of};
use super::pages::{self, Notice};
use super::password;
use super::state::{Purpose, User};

const TOO_MANY: Notice = Notice::Bad("Too many tries. Wait 15 minutes, then try again.");
const NO_ADDRESS: Notice = Notice::Bad("This is not an e-mail address.");
const WRONG_CODE: Notice = Notice::Bad("This code is wrong or has ended. Look at the newest mail, or ask for another.");
const NEW_CODE: Notice = Notice::Good("A new code is on its way.");

pub(super) fn routes() -> Router<Issuer> {
    Router::new()
        .route("/login", get(show_sign_in).post(sign_in))
        .route("/signup", get(show_sign_up).post(sign_up))
        .route("/confirm", get(show_confirm).post(confirm))
        .route("/resend", post(resend))
        .route("/forgotPassword", get(show_forgot).post(forgot))
        .route("/resetPassword", get(show_reset).post(reset))
        .layer(from_fn(same_site))
        .route("/sign-in.css", get(style_sheet))
}

/// What the forms send; each has some of it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    email: String,
    name: String,
    password: String,
    code: String,
}

async fn same_site(request: Request, next: Next) -> Response {
    let from = request.headers().get("sec-fetch-site");
    let foreign = from.is_some_and(|from| from == "cross-site");
    if foreign && request.method() == axum::http::Method::POST {
        return pages::dead_end("This form was sent from another site.");
    }
    next.run(request).await
}

async fn show_sign_in(request: AuthorizeRequest) -> Response {
    pages::sign_in(&request, &request.login_hint, None, StatusCode::OK)
}

async fn show_sign_up(request: AuthorizeRequest) -> Response {
    pages::sign_up(&request, "", "", None, StatusCode::OK)
}

async fn show_confirm(request: AuthorizeRequest) -> Response {
    pages::confirm(&request, &request.login_hint, None, StatusCode::OK)
}

async fn show_forgot(request: AuthorizeRequest) -> Response {
    pages::forgot(&request, &request.login_hint, None, StatusCode::OK)
}

async fn show_reset(request: AuthorizeRequest) -> Response {
    pages::reset(&request, &request.login_hint, None, StatusCode::OK)
}

async fn sign_in(State(issuer): State<Issuer>, request: AuthorizeRequest, Form(fields): Form<Fields>) -> Response {
    let refuse = |notice, status| pages::sign_in(&request, &fields.email, Some(notice), status);
    match issuer.check_password(&fields.email, &fields.password) {
        Err(PasswordRefusal::TooMany) => too_many(refuse(TOO_MANY, StatusCode::TOO_MANY_REQUESTS)),
        Err(PasswordRefusal::Wrong) => refuse(Notice::Bad("Wrong e-mail or password."), StatusCode::UNAUTHORIZED),
        Ok(user) if !user.verified => {
            issuer.mail_code(&user.email, Purpose::Confirm);
            pages::onward(&request, "/confirm", &user.email)
        }
        Ok(user) => issuer.signed_in(&request, &user),
    }
}

async fn sign_up(State(issuer): State<Issuer>, request: AuthorizeRequest, Form(fields): Form<Fields>) -> Response {
    let refuse = |notice| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        pages::sign_up(&request, &fields.email, &fields.name, Some(notice), status)
    };
    let Some(email) = email_of(&fields.email) else {
        return refuse(NO_ADDRESS);
    };
    if let Some(complaint) = password::complaint(&fields.password) {
        return refuse(Notice::Bad(&complaint));
    }
    if let Err(why) = issuer.sign_up(&email, &fields.name, &fields.password) {
        return refuse(Notice::Bad(why));
    }
    issuer.mail_code(&email, Purpose::Confirm);
    pages::onward(&request, "/confirm", &email)
}

async fn confirm(State(issuer): State<Issuer>, request: AuthorizeRequest, Form(fields): Form<Fields>) -> Response {
    let email = email_of(&fields.email).unwrap_or_default();
    let refuse = |notice, status| pages::confirm(&request, &email, Some(notice), status);
    match issuer.take_code(&email, Purpose::Confirm, &fields.code) {
        CodeCheck::TooMany => too_many(refuse(TOO_MANY, StatusCode::TOO_MANY_REQUESTS)),
        CodeCheck::Wrong => refuse(WRONG_CODE, StatusCode::UNPROCESSABLE_ENTITY),
        CodeCheck::Good => match issuer.user_by_email(&email) {
            Some(user) => issuer.signed_in(&request, &user),
            None => refuse(WRONG_CODE, StatusCode::UNPROCESSABLE_ENTITY),
        },
    }
}

async fn resend(State(issuer): State<Issuer>, request: AuthorizeRequest, Form(fields): Form<Fields>) -> Response {
    let email = email_of(&fields.email).unwrap_or_default();
    let waits = issuer.user_by_email(&email).is_none_or(|user| !user.verified);
    if waits && !issuer.mail_code(&email, Purpose::Confirm) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return too_many(pages::confirm(&request, &email, Some(TOO_MANY), status));
    }
    pages::confirm(&request, &email, Some(NEW_CODE), StatusCode::OK)
}

async fn forgot(State(issuer): State<Issuer>, request: AuthorizeRequest, Form(fields): Form<Fields>) -> Response {
    let refuse = |notice, status| pages::forgot(&request, &fields.email, Some(notice), status);
    match email_of(&fields.email) {
        None => refuse(NO_ADDRESS, StatusCode::UNPROCESSABLE_ENTITY),
        Some(email) if !issuer.mail_code(&email, Purpose::Reset) => too_many(refuse(TOO_MANY, StatusCode::TOO_MANY_REQUESTS)),
        Some(email) => pages::onward(&request, "/resetPassword", &email),
    }
}

async fn reset(State(issuer): State<Issuer>, request: AuthorizeRequest, Form(fields): Form<Fields>) -> Response {
    let email = email_of(&fields.email).unwrap_or_default();
    let refuse = |notice, status| pages::reset(&request, &email, Some(notice), status);
    if let Some(complaint) = password::complaint(&fields.password) {
        return refuse(Notice::Bad(&complaint), StatusCode::UNPROCESSABLE_ENTITY);
    }
    match issuer.take_code(&email, Purpose::Reset, &fields.code) {
        CodeCheck::TooMany => too_many(refuse(TOO_MANY, StatusCode::TOO_MANY_REQUESTS)),
        CodeCheck::Wrong => refuse(WRONG_CODE, StatusCode::UNPROCESSABLE_ENTITY),
        CodeCheck::Good => {
            issuer.change_password(&email, &fields.password);
            let done = Notice::Good("Your password is changed. Sign in with the new one.");
            pages::sign_in(&request, &email, Some(done), StatusCode::OK)
        }
    }
}

async fn style_sheet() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("sign-in.css"))
}

enum PasswordRefusal {
    Wrong,
    TooMany,
}

impl Issuer {
    fn check_password(&self, email: &str, password: &str) -> Result<User, PasswordRefusal> {
        let email = email_of(email).ok_or(PasswordRefusal::Wrong)?;
        let (what, now) = (format!("password:{email}"), self.now());
        if !self.state.write(|state| state.may_try(&what, now)) {
            return Err(PasswordRefusal::TooMany);
        }
        let user = self.user_by_email(&email).ok_or(PasswordRefusal::Wrong)?;
        if !password::matches(password, &user.password_hash) {
            return Err(PasswordRefusal::Wrong);
        }
        self.state.write(|state| state.forgive(&what));
        Ok(user)
    }

    fn signed_in(&self, request: &AuthorizeRequest, user: &User) -> Response {
        let mut response = self.send_back(request, &user.subject, self.now());
        self.begin_session(&user.subject, &mut response);
        response
    }

    /// Whoever was signed in with the old password no longer is.
    fn change_password(&self, email: &str, password: &str) {
        let (hash, now) = (password::hash(password), self.now());
        self.state.write(|state| {
            let Some((user, hash)) = state.user_by_email_mut(email).zip(hash) else {
                return;
            };
            user.password_hash = hash;
            let subject = user.subject.clone();
            state.sign_out_everywhere(&subject, now);
            state.forgive(&format!("password:{email}"));
        });
    }
}

fn too_many(mut response: Response) -> Response {
    let seconds = HeaderValue::from(super::state::TRIES_WINDOW.as_secs().unsigned_abs());
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}
