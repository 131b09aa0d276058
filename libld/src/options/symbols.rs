//! Which symbols there are, and what they bind to.

use libelf::raw::{STV_DEFAULT, STV_HIDDEN, STV_INTERNAL, STV_PROTECTED, SymbolVisibility};

/// Which symbols there are, and what they bind to. Names are as in symbol tables, not demangled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// `-u`: undefined from the start, so that archives are searched for them; in order.
    pub undefined: Vec<Vec<u8>>,
    /// `--require-defined`: as `undefined`, and an error if they stay so.
    pub require_defined: Vec<Vec<u8>>,
    /// `--wrap`: references to `NAME` become ones to `__wrap_NAME`, and references to
    /// `__real_NAME` ones to `NAME`.
    pub wrap: Vec<Vec<u8>>,
    /// `-y`: files that mention them are named.
    pub trace: Vec<Vec<u8>>,
    /// `--ignore-unresolved-symbol`: may stay undefined.
    pub ignore_unresolved: Vec<Vec<u8>>,
    /// `-E`: all global symbols of a program are dynamic.
    pub export_dynamic: bool,
    /// `--export-dynamic-symbol`: wildcards.
    pub export_dynamic_symbols: Vec<Vec<u8>>,
    /// `--dynamic-list-data`: all data symbols are on the dynamic list.
    pub dynamic_list_data: bool,
    /// `--dynamic-list-cpp-new`: C++ operators new and delete are on the dynamic list.
    pub dynamic_list_cpp_new: bool,
    /// `--dynamic-list-cpp-typeinfo`: C++ type information is on the dynamic list.
    pub dynamic_list_cpp_typeinfo: bool,
    /// `--exclude-libs`: archives (their names without folders, or `ALL`) whose symbols are hidden.
    pub exclude_libs: Vec<Vec<u8>>,
    /// `-Bsymbolic` and its like.
    pub symbolic: Symbolic,
    /// What becomes of references from objects that stay undefined.
    pub unresolved_in_objects: Unresolved,
    /// What becomes of references from shared libraries that stay undefined.
    pub unresolved_in_libraries: Unresolved,
    /// `--warn-unresolved-symbols`: those reported are warnings, not errors.
    pub unresolved_only_warn: bool,
    /// `--allow-multiple-definition`, `-z muldefs`: the first definition counts.
    pub allow_multiple_definition: bool,
    /// `--disable-multiple-abs-defs`: symbols of `-R` may not be defined again.
    pub forbid_multiple_absolute: bool,
    /// `--undefined-version`, `--no-undefined-version`: whether a version script may name symbols
    /// that are not defined. `None` is GNU ld's default, which is that it may.
    pub undefined_version: Option<bool>,
    /// `--default-symver`: symbols without a version get one that is called as the soname.
    pub default_symver: bool,
    /// `--default-imported-symver`: the same for symbols of shared libraries.
    pub default_imported_symver: bool,
    /// `-z start-stop-visibility`: of `__start_NAME` and `__stop_NAME`.
    pub start_stop_visibility: Visibility,
}

/// References of a shared library that are bound to its own definitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbolic {
    /// `-Bno-symbolic`: none, if visibility does not say so.
    #[default]
    No,
    /// `-Bsymbolic`: all.
    All,
    /// `-Bsymbolic-functions`: those to functions.
    Functions,
    /// `-Bsymbolic-non-weak`: those to symbols that are not weak.
    NonWeak,
    /// `-Bsymbolic-non-weak-functions`: those to functions that are not weak.
    NonWeakFunctions,
}

/// What becomes of a reference that stays undefined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unresolved {
    /// What is usual for the output: in programs they are reported; in shared libraries they are
    /// left to the dynamic loader.
    #[default]
    ByKind,
    /// They are reported.
    Report,
    /// They are not.
    Ignore,
}

/// The visibility of a symbol that the linker makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// `STV_DEFAULT`
    Default,
    /// `STV_INTERNAL`
    Internal,
    /// `STV_HIDDEN`
    Hidden,
    /// `STV_PROTECTED`: GNU ld's own choice.
    #[default]
    Protected,
}

impl Visibility {
    /// As symbols have it.
    #[must_use]
    pub const fn of_symbol(self) -> SymbolVisibility {
        match self {
            Self::Default => STV_DEFAULT,
            Self::Internal => STV_INTERNAL,
            Self::Hidden => STV_HIDDEN,
            Self::Protected => STV_PROTECTED,
        }
    }
}
