//! Notes of the output: what is merged from the notes of inputs, and what is made.

pub mod build_id;
pub mod package;
pub mod property;
pub mod stack;
mod wide_hash;
