//! Where things are: the project's folder, its build folder, cargo.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The project on this machine.
pub(crate) struct Project {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// Where builds and tools go.
    pub(crate) target: PathBuf,
}

impl Project {
    pub(crate) fn new() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).unwrap_or(here).to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let target = target.map_or_else(|| root.join("target"), |folder| root.join(folder));
        Self { root, target }
    }

    /// A program, to be run from the project's folder.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root);
        command
    }

    /// The cargo that runs us, with these arguments.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from));
        command.args(arguments);
        command
    }

    /// A program that was built here for development.
    pub(crate) fn built(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }
}

/// A program on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
