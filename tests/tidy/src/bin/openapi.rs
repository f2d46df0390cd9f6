//! The API's document, joined from what each function says of its routes: printed, written to a file, or
//! compared with one. Deterministic, so that the committed copy changes only when the API does.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tidy::tree::root;

/// Where the committed copy stands.
const COPY: &str = "infra/openapi.json";
const USAGE: &str = "usage: openapi [--print | --check]: writes infra/openapi.json, or only compares it";

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        None => write(),
        Some("--print") => document().and_then(|text| io::stdout().write_all(text.as_bytes()).map_err(|cause| cause.to_string())),
        Some("--check") => check(),
        Some(_) => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            let _ = writeln!(io::stderr(), "openapi: {cause}");
            ExitCode::FAILURE
        }
    }
}

/// Pretty JSON with a newline at the end.
fn document() -> Result<String, String> {
    let whole = web::openapi::merge([
        account::openapi(),
        admin::openapi(),
        channels::openapi(),
        paypal_checkout::openapi(),
        paypal_webhook::openapi(),
        plans::openapi(),
        qr::openapi(),
        whapi_webhook::openapi(),
    ]);
    let mut text = serde_json::to_string_pretty(&whole).map_err(|cause| cause.to_string())?;
    text.push('\n');
    Ok(text)
}

fn copy() -> PathBuf {
    root().join(COPY)
}

fn write() -> Result<(), String> {
    fs::write(copy(), document()?).map_err(|cause| format!("{COPY}: {cause}"))
}

fn check() -> Result<(), String> {
    let (now, kept) = (document()?, fs::read_to_string(copy()).map_err(|cause| format!("{COPY}: {cause}"))?);
    if now == kept {
        return Ok(());
    }
    let same = now.lines().zip(kept.lines()).take_while(|(new, old)| new == old).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").trim().to_owned();
    Err(format!(
        "{COPY} is not what the functions say, from line {}: it has {:?}, they say {:?}.\nRun: cargo xtask openapi",
        same + 1,
        line(&kept),
        line(&now)
    ))
}
