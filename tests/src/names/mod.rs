//! Mangled names: lists of real ones and made-up ones, through our demangler and through others'.
//!
//! ```text
//! corpus/names/*.txt ─┐                ┌─ libdemangle (nm's, c++filt's and LLVM's spelling) ─┐
//!                     ├─ names, a line ┤                                                     ├─ compare ─ report
//! itanium.grammar ────┘  each          └─ nm -C, c++filt, llvm-cxxfilt ──────────────────────┘
//! ```

pub mod compare;
pub mod difference;
pub mod generate;
pub mod grammar;
pub mod reference;

pub use compare::{agree, compare};
pub use difference::Difference;
pub use reference::Reference;

use anyhow::{Context, Result};

use crate::corpus;

/// The names of a list: its lines, empty ones left out.
pub fn lines(list: &[u8]) -> Vec<&[u8]> {
    list.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect()
}

/// Names made from the grammar of the ABI.
///
/// # Errors
/// Where the grammar cannot be read.
pub fn generated(seed: u64, count: usize) -> Result<Vec<Vec<u8>>> {
    let path = corpus::root().join("libdemangle/itanium.grammar");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let grammar = grammar::Grammar::parse(&text)?;
    let mut generator = generate::Generator::new(&grammar, seed)?;
    Ok((0..count).map(|_| generator.name()).collect())
}
