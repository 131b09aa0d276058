//! What kind of file a link makes, as far as relocations care.

/// The kind of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The addresses are settled when the program starts (PIE, shared library), not now.
    pub is_pic: bool,
    /// A shared library.
    pub is_shared: bool,
    /// The output has a dynamic section: it uses shared libraries or is one, or relocates itself.
    pub is_dynamic: bool,
    /// Shared libraries take part in the link, or may when the program starts.
    pub has_loader: bool,
    /// A relocatable object (`-r`).
    pub is_relocatable: bool,
    /// Whether code that uses tables is made simpler where it can be (`--relax`).
    pub relaxes: bool,
    /// Whether variables of libraries may be copied into a program (`-z copyreloc`).
    pub copies: bool,
    /// Whether the loader is trusted with fields that may be too narrow (`-z noreloc-overflow`).
    pub narrow_relocs: bool,
    /// Whether references to IFUNCs are left to the loader as they are (`-z ifunc-noplt`).
    pub ifunc_noplt: bool,
}

impl Form {
    /// Whether thread-local variables of the output lie at offsets that are known now: all
    /// programs, but no library.
    pub const fn is_executable(self) -> bool {
        !self.is_shared && !self.is_relocatable
    }
}
