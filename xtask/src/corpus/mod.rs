//! `cargo xtask corpus`: test inputs from package registries, and made on the spot.

use std::ffi::OsString;

use anyhow::Result;

/// Runs the chore.
pub fn main(_args: Vec<OsString>) -> Result<()> {
    Ok(())
}
