//! The project's files: those under version control and those about to be. What is ignored is not seen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::TidyError;

/// The project's folder.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Every file's path from the root, sorted.
///
/// # Errors
/// When `git` cannot list them.
pub fn files() -> Result<Vec<String>, TidyError> {
    let failed = |cause: String| TidyError::Program { program: "git ls-files", cause };
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root());
    let output = command.output().map_err(|cause| failed(cause.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let listed = String::from_utf8_lossy(&output.stdout);
    let mut files: Vec<String> = listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    // What is deleted but not yet committed is still listed.
    files.retain(|path| root().join(path).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// A file's bytes.
///
/// # Errors
/// When it cannot be read.
pub fn bytes(path: &str) -> Result<Vec<u8>, TidyError> {
    fs::read(root().join(path)).map_err(|cause| TidyError::File { path: path.to_owned(), cause })
}

/// A file's text.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn text(path: &str) -> Result<String, TidyError> {
    fs::read_to_string(root().join(path)).map_err(|cause| TidyError::File { path: path.to_owned(), cause })
}
