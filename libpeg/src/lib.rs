//! Texts that people write, to trees with places, and messages that show those places.
//!
//! - [`source`] keeps texts and knows their lines: what a [`Span`](source::Span) points into.
//! - [`diagnostic`] is the one form in which every description language of the project reports
//!   errors: place, message, the line with a marker, what was expected in which rule, a hint, and
//!   the chain of includes and expansions that led there.
//! - [`notation`] is the notation that descriptions share: statements, blocks, lists, strings, hex
//!   runs, integers, expressions, constants, repetition, templates and includes.
//!
//! A vocabulary (ELF descriptions, instruction sets) gives the statements their meaning; how a
//! number or a string is written is said here once, in `lexical.pest` and `notation.pest`.
#![forbid(unsafe_code)]

pub mod diagnostic;
pub mod grammar;
pub mod notation;
pub mod source;
