//! The architecture, made readable to tests: crates and their edges ([`crates`]), the code's files and
//! functions ([`code`]), the template ([`template`]) and the tree of files ([`tree`]). The rules themselves
//! stand in `tests/rules`, one sentence each; what breaks one is listed with its place.
//!
//! The program `openapi` in this package writes the API's document. Absent: any opinion on what code does.

pub mod code;
pub mod crates;
pub mod template;
pub mod tree;

/// Why the project could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TidyError {
    /// A file could not be read.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// A file does not say what its kind of file says.
    #[error("{path} is not understood: {cause}")]
    Meaning {
        /// Which.
        path: String,
        /// Why.
        cause: String,
    },
    /// A program that lists files or crates did not answer.
    #[error("{program}: {cause}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it said.
        cause: String,
    },
}

impl TidyError {
    fn meaning(path: &str, cause: &impl ToString) -> Self {
        Self::Meaning { path: path.to_owned(), cause: cause.to_string() }
    }
}

/// Fails with every place that breaks a rule.
///
/// # Panics
/// When there is one.
pub fn holds(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}. Broken in {} places:\n  {}", broken.len(), broken.join("\n  "));
}
