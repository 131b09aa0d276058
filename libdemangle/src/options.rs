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
    /// How deep components nest, where a deeper one needs more stack.
    pub depth: usize,
    /// How many components a name may have, those of substitutions not counted again.
    pub components: usize,
    /// How long the text may be, in bytes.
    pub output: usize,
}

impl Limits {
    /// Limits that take every real name: within them a name needs less than 256 KiB of stack,
    /// some MiB of memory and some milliseconds.
    pub const DEFAULT: Self = Self { depth: 2048, components: 1 << 16, output: 1 << 20 };
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
        limits: Limits::DEFAULT,
    };

    /// As GNU's c++filt does without options.
    pub const CXXFILT: Self = Self { verbose: true, ..Self::NM };

    /// As llvm-cxxfilt and llvm-nm do.
    pub const LLVM: Self = Self { dialect: Dialect::Llvm, ..Self::NM };
}

impl Default for Options {
    fn default() -> Self {
        Self::NM
    }
}
