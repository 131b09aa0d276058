//! Symbols of objects that a compiler left for the linker to finish (link-time optimization),
//! without a plugin of that compiler.
//!
//! | file | where its symbols are | module |
//! |---|---|---|
//! | GCC: ELF, "slim" with nothing else, or "fat" with machine code as well | sections `.gnu.lto_.symtab*`, `.gnu.lto_.ext_symtab*` | [`gcc`] |
//! | LLVM: bitcode, bare or in a wrapper | blocks `SYMTAB` and `STRTAB` | [`bitcode`] |
//!
//! Programs that load plugins list these symbols in place of those of the ELF symbol table, which a
//! slim object has none of. They know no addresses, so that every value is 0.
//!
//! ```
//! # fn main() -> Result<(), libsymtab::lto::Fault> {
//! # let data = b"";
//! if let Some(symbols) = libsymtab::lto::symbols(data) {
//!     for symbol in symbols? {
//!         let symbol = symbol?;
//!         println!("{} {}", char::from(symbol.letter()), symbol.name.escape_ascii());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

pub mod bitcode;
pub mod gcc;

use libelf::File;

/// What a symbol is to other files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Defined here.
    Defined,
    /// Defined here, unless another file does.
    WeakDefined,
    /// Wanted from another file.
    Undefined,
    /// Wanted from another file, if one has it.
    WeakUndefined,
    /// Memory that the linker allots.
    Common,
}

/// Who may see a symbol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// All.
    #[default]
    Default,
    /// All, but nobody may take its place.
    Protected,
    /// Its program or library, and not through pointers (`STV_INTERNAL`).
    Internal,
    /// Its program or library.
    Hidden,
}

/// What a symbol names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contents {
    /// The file does not say.
    #[default]
    Unknown,
    /// Instructions.
    Function,
    /// A variable with a value.
    Data,
    /// A variable that starts as zeros.
    Zeros,
}

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LtoSymbol<'data> {
    /// The name as a linker knows it.
    pub name: &'data [u8],
    /// The group of sections of which a linker keeps one, or nothing.
    pub comdat: &'data [u8],
    /// What it is to other files.
    pub kind: Kind,
    /// Who may see it.
    pub visibility: Visibility,
    /// What it names.
    pub contents: Contents,
    /// The size in bytes of a common symbol; of others mostly 0.
    pub size: u64,
}

impl LtoSymbol<'_> {
    /// The letter that GNU nm prints for it with the compiler's plugin.
    pub fn letter(&self) -> u8 {
        match (self.kind, self.contents) {
            (Kind::Undefined, _) => b'U',
            (Kind::WeakUndefined, _) => b'w',
            (Kind::WeakDefined, _) => b'W',
            (Kind::Common, _) => b'C',
            (Kind::Defined, Contents::Data) => b'D',
            (Kind::Defined, Contents::Zeros) => b'B',
            (Kind::Defined, Contents::Function | Contents::Unknown) => b'T',
        }
    }

    /// Whether another file has to define it.
    pub fn is_undefined(&self) -> bool {
        matches!(self.kind, Kind::Undefined | Kind::WeakUndefined)
    }
}

/// Why symbols cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A table, or what names its parts, does not lie in the file.
    Truncated,
    /// A symbol is of a kind that is not known.
    Kind(u8),
    /// The blocks of a bitcode file cannot be told apart.
    Malformed,
    /// A bitcode file without a table of symbols: made by LLVM before 5.0, for no known machine, or
    /// joined from several.
    NoTable,
    /// A table in a version that is not known.
    Version(u32),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => f.write_str("LTO symbol table is truncated"),
            Self::Kind(kind) => write!(f, "LTO symbol has the unknown kind {kind}"),
            Self::Malformed => f.write_str("bitcode is malformed"),
            Self::NoTable => f.write_str("bitcode has no symbol table"),
            Self::Version(version) => {
                write!(f, "bitcode has a symbol table of the unknown version {version}")
            }
        }
    }
}

impl std::error::Error for Fault {}

/// The symbols of an LTO object, in the order of the file. See [`symbols`].
pub enum Symbols<'data> {
    /// Those of GCC.
    Gcc(gcc::Symbols<'data>),
    /// Those of LLVM.
    Bitcode(bitcode::Symbols<'data>),
}

impl<'data> Iterator for Symbols<'data> {
    type Item = Result<LtoSymbol<'data>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Gcc(symbols) => symbols.next(),
            Self::Bitcode(symbols) => symbols.next(),
        }
    }
}

/// The symbols of the LTO object with these bytes, or `None` if it is none.
///
/// # Errors
/// If there is no table of symbols that can be read. What is wrong with one symbol is an error of
/// the iterator, which ends it.
pub fn symbols(data: &[u8]) -> Option<Result<Symbols<'_>, Fault>> {
    if let Some(stream) = bitcode::stream(data) {
        return Some(stream.and_then(bitcode::symbols).map(Symbols::Bitcode));
    }
    let file = File::parse(data).ok()?;
    symbols_of_elf(&file).map(Ok)
}

/// As [`symbols`], of a file that is parsed already.
pub fn symbols_of_elf<'data>(file: &File<'data>) -> Option<Symbols<'data>> {
    gcc::symbols(file).map(Symbols::Gcc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_nm() {
        let symbol = |kind, contents| LtoSymbol {
            name: b"",
            comdat: b"",
            kind,
            visibility: Visibility::Default,
            contents,
            size: 0,
        };
        for (kind, contents, letter) in [
            (Kind::Defined, Contents::Unknown, b'T'),
            (Kind::Defined, Contents::Function, b'T'),
            (Kind::Defined, Contents::Data, b'D'),
            (Kind::Defined, Contents::Zeros, b'B'),
            (Kind::WeakDefined, Contents::Data, b'W'),
            (Kind::Common, Contents::Zeros, b'C'),
            (Kind::Undefined, Contents::Function, b'U'),
            (Kind::WeakUndefined, Contents::Unknown, b'w'),
        ] {
            assert_eq!(symbol(kind, contents).letter(), letter, "{kind:?} {contents:?}");
        }
    }

    #[test]
    fn other_files_are_none() {
        assert!(symbols(b"").is_none());
        assert!(symbols(b"!<arch>\n").is_none());
        assert!(symbols(b"\x7fELF").is_none());
    }
}
