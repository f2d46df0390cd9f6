//! Recorded traffic of the providers through the real verifiers and parsers.
//!
//! Recordings are taken from the folder that `DAYPASS_RECORDINGS` names, else from
//! `../shared/providers/fixtures` beside the checkout. A few of our own, signed under a chain of our own,
//! are made anew and always run too, so that nothing passes by running nothing. Layout of a folder:
//! `paypal/<name>/{body.bin,headers.json,meta.json}`, `paypal/certs/*.pem`, `whapi/*.json`.
//!
//! Beside them: what the clients make of every kind of answer, against servers that say just that.
//! Absent on purpose: anything but tests.

#[cfg(test)]
mod forge;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod own;
#[cfg(test)]
mod paypal;
#[cfg(test)]
mod paypal_calls;
#[cfg(test)]
mod pipes;
#[cfg(test)]
mod pretend;
#[cfg(test)]
mod recordings;
#[cfg(test)]
mod served;
#[cfg(test)]
mod whapi;
