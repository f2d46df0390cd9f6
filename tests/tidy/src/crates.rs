//! The workspace's crates and what each depends on, as cargo says.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use serde_json::Value;

use crate::TidyError;
use crate::tree::{root, text};

/// A crate of ours.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// The folder from the root: `shared/domain`.
    pub folder: String,
    /// What it depends on, for whatever reason.
    pub dependencies: Vec<Dependency>,
}

/// One edge.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The crate's name at its registry, or ours.
    pub name: String,
    /// Whether it is a crate of this workspace.
    pub is_ours: bool,
    /// Whether only tests use it.
    pub is_for_tests: bool,
}

impl Member {
    /// The part of the tree it stands in: `shared`, `functions`, `tests` or `infra`.
    #[must_use]
    pub fn part(&self) -> &str {
        self.folder.split('/').next().unwrap_or_default()
    }
}

/// All crates of the workspace.
///
/// # Errors
/// When cargo does not say.
pub fn members() -> Result<Vec<Member>, TidyError> {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps();
    let metadata = command.exec().map_err(|cause| TidyError::Program { program: "cargo metadata", cause: cause.to_string() })?;
    Ok(metadata.packages.iter().map(|package| member(&metadata, package)).collect())
}

fn member(metadata: &Metadata, package: &cargo_metadata::Package) -> Member {
    let folder = package.manifest_path.parent().and_then(|folder| folder.strip_prefix(&metadata.workspace_root).ok());
    let dependency = |one: &cargo_metadata::Dependency| Dependency {
        name: one.name.clone(),
        is_ours: one.path.is_some(),
        is_for_tests: one.kind == DependencyKind::Development,
    };
    Member {
        name: package.name.to_string(),
        folder: folder.map(ToString::to_string).unwrap_or_default(),
        dependencies: package.dependencies.iter().map(dependency).collect(),
    }
}

/// A member's manifest.
///
/// # Errors
/// When it cannot be read.
pub fn manifest(folder: &str) -> Result<Value, TidyError> {
    toml_at(&format!("{folder}/Cargo.toml"))
}

/// Every package of the lock file, with where it comes from.
///
/// # Errors
/// When it cannot be read.
pub fn locked() -> Result<BTreeMap<String, Option<String>>, TidyError> {
    let lock = toml_at("Cargo.lock")?;
    let word = |package: &Value, name: &str| package[name].as_str().map(str::to_owned);
    let packages = lock["package"].as_array().into_iter().flatten();
    Ok(packages.filter_map(|package| Some((word(package, "name")?, word(package, "source")))).collect())
}

fn toml_at(path: &str) -> Result<Value, TidyError> {
    toml::from_str(&text(path)?).map_err(|cause| TidyError::meaning(path, &cause))
}
