//! The functions that are built, wherever `cargo xtask lambda` or `cargo build --release` has put them, and
//! how large each is as Lambda takes it: zipped.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::HELLO;
use crate::Result;

/// The functions of the product, by their crates.
pub const FUNCTIONS: [&str; 13] = [
    "account",
    "admin",
    "authorizer",
    "channels",
    "console",
    "paypal_checkout",
    "paypal_webhook",
    "plans",
    "qr",
    "relay",
    "schedule",
    "whapi_webhook",
    "worker",
];
/// Bytes of a megabyte.
const MEGABYTE: f64 = 1_000_000.0;

/// One built function.
#[derive(Debug, Clone)]
pub struct Binary {
    /// Its crate.
    pub name: String,
    /// Where it stands.
    pub path: PathBuf,
}

/// How large a function is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// As it stands.
    pub plain_mb: f64,
    /// As it is sent to Lambda.
    pub zipped_mb: f64,
}

/// Where functions are looked for unless told: what is deployed first.
pub fn usual_folders() -> Vec<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    vec![target.join("lambda"), target.join("release")]
}

/// All that is built of the product, and the bare function, which must be.
///
/// # Errors
/// When there is nothing to measure, with what to do about it.
pub fn find(folders: &[PathBuf]) -> Result<Vec<Binary>> {
    let named = std::iter::once(HELLO).chain(FUNCTIONS);
    let found: Vec<Binary> = named.filter_map(|name| one(folders, name)).collect();
    if found.first().is_none_or(|first| first.name != HELLO) || found.len() < 2 {
        return Err("Nothing to start. Build the functions first: cargo xtask lambda, and \
                    cargo build --release -p bench --no-default-features --bin hello"
            .into());
    }
    Ok(found)
}

/// A function in the first of the folders that has it: `<name>/bootstrap`, or just `<name>`.
pub fn one(folders: &[PathBuf], name: &str) -> Option<Binary> {
    let places = folders.iter().flat_map(|folder| [folder.join(name).join("bootstrap"), folder.join(name)]);
    let path = places.into_iter().find(|path| path.is_file())?;
    Some(Binary { name: name.to_owned(), path })
}

impl Binary {
    /// Its size.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn size(&self) -> Result<Size> {
        let bytes = fs::read(&self.path)?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&bytes)?;
        Ok(Size { plain_mb: megabytes(bytes.len()), zipped_mb: megabytes(encoder.finish()?.len()) })
    }
}

#[allow(clippy::cast_precision_loss, reason = "a file's size stays far below 2^53")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / MEGABYTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deployed_comes_before_what_is_only_built() {
        let folder = std::env::temp_dir().join(format!("bench-binaries-{}", std::process::id()));
        let (lambda, release) = (folder.join("lambda"), folder.join("release"));
        fs::create_dir_all(lambda.join("qr")).unwrap();
        fs::create_dir_all(&release).unwrap();
        fs::write(lambda.join("qr/bootstrap"), "deployed").unwrap();
        for name in [HELLO, "qr", "plans"] {
            fs::write(release.join(name), "built").unwrap();
        }
        let folders = [lambda.clone(), release];
        let found = find(&folders).unwrap();
        assert_eq!(found.iter().map(|binary| binary.name.as_str()).collect::<Vec<_>>(), [HELLO, "plans", "qr"]);
        assert_eq!(found[2].path, lambda.join("qr/bootstrap"));
        assert!(found[2].size().unwrap().plain_mb > 0.0);
        assert!(find(&[folder.join("nowhere")]).unwrap_err().to_string().contains("cargo xtask lambda"));
        fs::remove_dir_all(folder).unwrap();
    }
}
