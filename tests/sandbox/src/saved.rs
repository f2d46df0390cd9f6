//! State that a provider keeps: in memory, or in one JSON file that outlives the process.
//!
//! A write to a file is saved before it returns, by a rename, so that a killed process starts
//! again where it was and never from a torn file. The lock is held while a closure runs: closures
//! are short and never wait. A failure to save is logged and the state in memory stays true.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that every clone shares and that is saved with each write.
pub struct Saved<T> {
    value: Arc<Mutex<T>>,
    path: Option<Arc<PathBuf>>,
}

impl<T> Clone for Saved<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), path: self.path.clone() }
    }
}

/// Shows where it is kept, not what: state can hold secrets.
impl<T> std::fmt::Debug for Saved<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Saved");
        shown.field("path", &self.path).finish_non_exhaustive()
    }
}

impl<T: Serialize + DeserializeOwned + Default> Saved<T> {
    /// State that ends with the process.
    #[must_use]
    pub fn memory() -> Self {
        Self { value: Arc::new(Mutex::new(T::default())), path: None }
    }

    /// State kept in `path`; taken up from there when the file exists.
    ///
    /// # Errors
    /// When the file cannot be read or holds something else.
    pub fn file(path: impl Into<PathBuf>) -> Result<Self, SavedError> {
        let path = path.into();
        let value = load(&path).map_err(|cause| SavedError { path: path.clone(), cause })?;
        Ok(Self { value: Arc::new(Mutex::new(value)), path: Some(Arc::new(path)) })
    }

    /// Looks at the state.
    pub fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the state and saves it before returning.
    pub fn write<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.lock();
        let answer = change(&mut value);
        self.save(&value);
        answer
    }

    /// Back to nothing.
    pub fn reset(&self) {
        self.write(|value| *value = T::default());
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, value: &T) {
        let Some(path) = &self.path else { return };
        if let Err(cause) = store(path, value) {
            tracing::error!(path = %path.display(), %cause, "sandbox state was not saved");
        }
    }
}

/// A file of state that could not be taken up.
#[derive(Debug, thiserror::Error)]
#[error("cannot take up the saved state in {}: {cause}", path.display())]
pub struct SavedError {
    path: PathBuf,
    cause: std::io::Error,
}

fn load<T: DeserializeOwned + Default>(path: &Path) -> Result<T, std::io::Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(T::default()),
        Err(cause) => Err(cause),
    }
}

fn store<T: Serialize>(path: &Path, value: &T) -> Result<(), std::io::Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("new");
    fs::write(&fresh, serde_json::to_vec(value)?)?;
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_up_where_the_last_write_left_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("state.json");
        let saved: Saved<Vec<u32>> = Saved::file(&path).unwrap();
        assert_eq!(
            saved.write(|list| {
                list.push(7);
                list.len()
            }),
            1
        );
        saved.clone().write(|list| list.push(9));

        let again: Saved<Vec<u32>> = Saved::file(&path).unwrap();
        assert_eq!(again.read(Clone::clone), [7, 9]);
        again.reset();
        let emptied: Saved<Vec<u32>> = Saved::file(&path).unwrap();
        assert!(emptied.read(Vec::is_empty));
    }

    #[test]
    fn a_file_that_holds_something_else_is_refused_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        fs::write(&path, "{\"torn").unwrap();
        let refused = Saved::<Vec<u32>>::file(&path);
        assert!(refused.is_err_and(|error| error.to_string().contains("state.json")));
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"torn");
    }

    #[test]
    fn memory_is_shared_by_clones() {
        let saved: Saved<u32> = Saved::memory();
        saved.clone().write(|value| *value = 3);
        assert_eq!(saved.read(|value| *value), 3);
    }
}
