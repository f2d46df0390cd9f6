//! What can be taken from the product on the wire, for one run: a guard at AWS or at a provider.

use crate::aws::Guard;
use crate::providers::ProviderMutation;

/// A guard that is made worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mutation {
    /// One of the store's conditions.
    Aws(Guard),
    /// One of the questions that the product asks a provider, or a wait.
    Provider(ProviderMutation),
}

impl Mutation {
    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Guard::ALL.into_iter().map(Self::Aws).chain(ProviderMutation::ALL.into_iter().map(Self::Provider))
    }

    /// Its name for commands and tables.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Aws(guard) => guard.word(),
            Self::Provider(mutation) => mutation.word(),
        }
    }

    /// The one of that name.
    pub(crate) fn parse(word: &str) -> Result<Self, String> {
        let names: Vec<&str> = Self::all().map(Self::word).collect();
        Self::all().find(|mutation| mutation.word() == word).ok_or_else(|| format!("choose from: {}", names.join(", ")))
    }

    pub(crate) const fn at_aws(self) -> Option<Guard> {
        match self {
            Self::Aws(guard) => Some(guard),
            Self::Provider(_) => None,
        }
    }

    pub(crate) const fn at_providers(self) -> Option<ProviderMutation> {
        match self {
            Self::Aws(_) => None,
            Self::Provider(mutation) => Some(mutation),
        }
    }
}
