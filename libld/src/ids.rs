//! Numbers that name the parts of a link.

/// A file that takes part in the link: an index in the order in which files joined it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// The file as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A global symbol: one number a name (with its version, where it has one that hides it).
///
/// Numbers depend on the order in which threads came by, so nothing may be ordered by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SymbolId(pub u32);

impl SymbolId {
    /// No symbol: what stands for the null symbol and for names that cannot be read.
    pub const NONE: Self = Self(u32::MAX);

    /// The symbol as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A section of an input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionId {
    /// The file.
    pub file: FileId,
    /// The index of its section header.
    pub index: u32,
}
