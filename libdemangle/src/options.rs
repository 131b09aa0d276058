//! What to demangle, how to print it, and how far to go.

/// Whose names they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// What the name looks like: Rust or C++.
    #[default]
    Auto,
    /// C++ and all else that follows the Itanium C++ ABI, "gnu-v3".
    Itanium,
    /// Java, as gcj mangled it: after the Itanium C++ ABI, printed as Java.
    Java,
    /// Ada, as GNAT encodes it.
    Gnat,
    /// D.
    Dlang,
    /// Rust, legacy and v0.
    Rust,
}

/// How a C++ name is spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// As GNU's programs spell it.
    #[default]
    Gnu,
    /// As LLVM's programs spell it.
    Llvm,
}

/// How far to go for one name. Real names stay far below the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a mangled name of C++ or Java may be, in bytes.
    pub name: usize,
    /// How deep components nest, where a deeper one needs more memory. Where it needs stack, 400
    /// levels (C++ and Java) or 200 (D) are all that this allows.
    pub depth: usize,
    /// How many components a name may have, those of substitutions not counted again.
    pub components: usize,
    /// How long the text may be, in bytes.
    pub output: usize,
}

impl Limits {
    /// Limits that take every real name: within them a name needs less than 256 KiB of stack,
    /// some MiB of memory and some milliseconds.
    pub const DEFAULT: Self =
        Self { name: usize::MAX, depth: 1 << 16, components: 1 << 16, output: 1 << 20 };

    /// The limits of GNU's programs unless `--no-recurse-limit` lifts them: a longer name of C++,
    /// or a more deeply nested one of Rust, is printed as it is.
    pub const GNU: Self = Self { name: 1024, depth: 1024, ..Self::DEFAULT };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What to demangle and how to print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whose names they are.
    pub style: Style,
    /// How C++ is spelled.
    pub dialect: Dialect,
    /// Whether functions are printed with their parameters.
    pub parameters: bool,
    /// Whether abbreviations are expanded (`std::string`) and the hashes of Rust printed.
    pub verbose: bool,
    /// Whether a type alone (`i`) is a name as well.
    pub types: bool,
    /// How far to go.
    pub limits: Limits,
}

impl Options {
    /// As nm, objdump, readelf and addr2line of GNU print names.
    pub const NM: Self = Self {
        style: Style::Auto,
        dialect: Dialect::Gnu,
        parameters: true,
        verbose: false,
        types: false,
        limits: Limits::GNU,
    };

    /// As GNU's c++filt does without options.
    pub const CXXFILT: Self = Self { verbose: true, ..Self::NM };

    /// As llvm-cxxfilt and llvm-nm do.
    pub const LLVM: Self = Self { dialect: Dialect::Llvm, limits: Limits::DEFAULT, ..Self::NM };
}

impl Options {
    /// Whether a name may be one of the style, by its first bytes: most names of a program are
    /// not, and this costs next to nothing.
    pub fn may_be_mangled(&self, name: &[u8]) -> bool {
        match self.style {
            Style::Gnat => true,
            Style::Dlang => name.starts_with(b"_D"),
            _ => self.types || matches!(name, [b'_', b'Z' | b'R' | b'G', ..]),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::NM
    }
}
