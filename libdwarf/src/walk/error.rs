//! What a walk fails with.

/// Why an entry, or what it refers to, cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Bytes are not what they should be.
    #[error("{section} at offset {offset:#x}: {problem}")]
    Damaged {
        /// The section.
        section: &'static str,
        /// Where its unit starts, in bytes.
        offset: u64,
        /// What is wrong.
        problem: gimli::Error,
    },
    /// No unit holds an entry that is referred to.
    #[error(".debug_info: no unit holds the entry at offset {offset:#x}")]
    NoUnit {
        /// Where it should be, in bytes.
        offset: u64,
    },
    /// No type unit has the signature that is referred to.
    #[error("no type unit has the signature {signature:#018x}")]
    NoSignature {
        /// The signature.
        signature: u64,
    },
    /// An entry is in the supplementary file, which was not found.
    #[error("the supplementary file, which has the entry at offset {offset:#x}, is not there")]
    NoSupplementary {
        /// Where it should be, in bytes.
        offset: u64,
    },
    /// Types that are made of types are so deeply nested that they are thought to be endless.
    #[error(".debug_info at offset {offset:#x}: the type is nested too deeply")]
    TooDeep {
        /// Where the walk gave up, in bytes.
        offset: u64,
    },
}
