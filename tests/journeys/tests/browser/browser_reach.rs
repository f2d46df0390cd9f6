//! Whether everybody can use it, as far as a machine can tell.
