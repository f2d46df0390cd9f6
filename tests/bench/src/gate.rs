//! WHAPI's channels' API as a stub that answers at once: a code that is always drawn, a health that never
//! changes. With it the time of a QR code is our own.

use axum::routing::get;
use axum::{Json, Router};
use sandbox::serve::{Listening, serve};
use serde_json::{Value, json};

use crate::Result;

/// A picture of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";

/// The stub; dropping it closes it.
pub struct Gate(Listening);

impl Gate {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let routes = Router::new().route("/users/login", get(code)).route("/health", get(health));
        Ok(Self(serve(routes, 0).await?))
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.0.url()
    }
}

async fn code() -> Json<Value> {
    Json(json!({ "status": "OK", "base64": format!("data:image/png;base64,{PNG}"), "expire": 20 }))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": { "code": 3, "text": "QR" } }))
}
