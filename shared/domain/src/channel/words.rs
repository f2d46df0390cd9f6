//! The words for where a channel stands: stored, shown and tested by these.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the word back.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Which way a channel is connected.
    Kind {
        /// Through WHAPI, by a scan.
        Unofficial = "unofficial",
        /// Through Meta.
        Official = "official",
    }
}

words! {
    /// Where a channel stands.
    Status {
        /// No days yet.
        Pending = "pending",
        /// Has days.
        Active = "active",
        /// Has days, and a code was given.
        QrGenerated = "qr_generated",
        /// Its days ran out.
        Expired = "expired",
        /// Being deleted.
        Deleting = "deleting",
        /// Gone; the record is a tombstone.
        Deleted = "deleted",
    }
}

words! {
    /// Whether a number is linked.
    AuthStatus {
        /// Not yet.
        Pending = "pending",
        /// Linked.
        Authorized = "authorized",
    }
}

words! {
    /// How its connection to WhatsApp is.
    Connection {
        /// Not started.
        Inactive = "inactive",
        /// Starting.
        Initializing = "initializing",
        /// Waiting for a scan.
        QrPending = "qr_pending",
        /// Scanned, being checked.
        Authenticating = "authenticating",
        /// Connecting.
        Connecting = "connecting",
        /// Works.
        Active = "active",
        /// Was linked, and is not any more.
        Disconnected = "disconnected",
        /// Does not work.
        Error = "error",
    }
}
