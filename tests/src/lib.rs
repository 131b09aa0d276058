//! Differential tests: every program of the project against its reference program.
//!
//! A program plugs in with one entry in [`programs::ALL`]: its reference, and the sets of options
//! to run. [`pairs`] runs both on every file of the corpus with every set and wants the same bytes
//! on standard output and standard error, in the same order, and the same exit status.
//!
//! ```text
//! corpus ─┐
//!         ├─ pairs: (file × set) ─ reference (remembered by content) ─┐
//! sets  ──┘                      └ ours ──────────────────────────────┴─ report
//! ```
#![forbid(unsafe_code)]

pub mod corpus;
pub mod elfkind;
pub mod exceptions;
#[cfg(feature = "exercise")]
pub mod exercise;
pub mod firstdiff;
#[cfg(feature = "exercise")]
pub mod ld;
pub mod memory;
#[cfg(feature = "exercise")]
pub mod mutate;
#[cfg(feature = "exercise")]
pub mod names;
pub mod pairs;
pub mod programs;
pub mod report;
pub mod run;
