//! Mangled names: lists of real ones and made-up ones, through our demangler and through others'.
//!
//! ```text
//! corpus/names/*.txt ─┐                ┌─ libdemangle (nm's, c++filt's and LLVM's spelling) ─┐
//!                     ├─ names, a line ┤                                                     ├─ compare ─ report
//! itanium.grammar ────┘  each          └─ nm -C, c++filt, llvm-cxxfilt ──────────────────────┘
//! ```

pub mod compare;
pub mod difference;
pub mod reference;

pub use compare::compare;
pub use difference::Difference;
pub use reference::Reference;

/// The names of a list: its lines, empty ones left out.
pub fn lines(list: &[u8]) -> Vec<&[u8]> {
    list.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect()
}
