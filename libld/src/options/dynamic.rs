//! What the dynamic loader is told.

/// What the dynamic loader is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dynamic {
    /// `-soname`: `DT_SONAME` of a shared library.
    pub soname: Option<Vec<u8>>,
    /// `-rpath`: `DT_RUNPATH` or `DT_RPATH`, colons between several; `LD_RUN_PATH` of the
    /// environment if the command line has none.
    pub rpath: Option<Vec<u8>>,
    /// `--enable-new-dtags`: `DT_RUNPATH` rather than `DT_RPATH`.
    pub new_dtags: bool,
    /// `--dynamic-linker`, `--no-dynamic-linker`
    pub interpreter: Interpreter,
    /// `--hash-style`
    pub hash_style: HashStyle,
    /// `-f`: `DT_AUXILIARY`, in order.
    pub auxiliary: Vec<Vec<u8>>,
    /// `-F`: `DT_FILTER`.
    pub filter: Option<Vec<u8>>,
    /// `--audit`: `DT_AUDIT`, colons between several.
    pub audit: Option<Vec<u8>>,
    /// `--depaudit`: `DT_DEPAUDIT`, colons between several.
    pub depaudit: Option<Vec<u8>>,
    /// `-init`: the symbol of `DT_INIT`; `_init` if there is none.
    pub init: Option<Vec<u8>>,
    /// `-fini`: the symbol of `DT_FINI`; `_fini` if there is none.
    pub fini: Option<Vec<u8>>,
    /// The bits of `DT_FLAGS` that options ask for: `DF_BIND_NOW`, `DF_ORIGIN`.
    pub flags: u64,
    /// The bits of `DT_FLAGS_1` that options ask for: `-z now`, `-z nodelete`, `-Bgroup`, …
    pub flags_1: u64,
    /// `-z unique`: `DF_GNU_1_UNIQUE` of `DT_GNU_FLAGS_1`.
    pub unique: bool,
    /// `-z combreloc`: dynamic relocations are in one section, sorted.
    pub combine_relocs: bool,
    /// `-z nocopyreloc` sets it to false: data of shared libraries is not copied into programs.
    pub copy_relocs: bool,
    /// `-z rodynamic`: the dynamic section is not written, so there is no `DT_DEBUG`.
    pub read_only: bool,
    /// `-z pack-relative-relocs`: `DT_RELR`.
    pub pack_relative_relocs: bool,
    /// `-z text`, `-z notext`: whether relocations of read-only sections are an error; `None`
    /// makes them a warning at most.
    pub forbid_text_relocs: Option<bool>,
    /// `-z dynamic-undefined-weak`, `-z nodynamic-undefined-weak`: whether undefined weak symbols
    /// are left to the dynamic loader; `None` is the machine's own choice.
    pub dynamic_undefined_weak: Option<bool>,
    /// `-z noextern-protected-data` (false), `-z extern-protected-data` (true): whether data that
    /// is protected may be copied into programs; `None` is the machine's own choice.
    pub extern_protected_data: Option<bool>,
    /// `-z indirect-extern-access`, `-z noindirect-extern-access`: the property
    /// `GNU_PROPERTY_1_NEEDED_INDIRECT_EXTERN_ACCESS` is set or removed.
    pub indirect_extern_access: Option<bool>,
    /// `-z ifunc-noplt`: calls of IFUNCs are relocations of code, as FreeBSD's kernel resolves them.
    pub ifunc_noplt: bool,
    /// `-z noreloc-overflow`: dynamic relocations may be narrower than an address.
    pub narrow_relocs: bool,
    /// `--spare-dynamic-tags`: how many empty entries end the dynamic section.
    pub spare_tags: u32,
}

impl Dynamic {
    /// How many empty entries end the dynamic section of GNU ld.
    pub const DEFAULT_SPARE_TAGS: u32 = 5;

    /// Whether symbols are bound when the output is loaded: `-z now`.
    #[must_use]
    pub fn binds_now(&self) -> bool {
        self.flags & libelf::raw::DF_BIND_NOW.0 != 0
    }
}

impl Default for Dynamic {
    fn default() -> Self {
        Self {
            soname: None,
            rpath: None,
            new_dtags: true,
            read_only: false,
            interpreter: Interpreter::default(),
            hash_style: HashStyle::default(),
            auxiliary: Vec::new(),
            filter: None,
            audit: None,
            depaudit: None,
            init: None,
            fini: None,
            flags: 0,
            flags_1: 0,
            unique: false,
            combine_relocs: true,
            copy_relocs: true,
            pack_relative_relocs: false,
            forbid_text_relocs: None,
            dynamic_undefined_weak: None,
            extern_protected_data: None,
            indirect_extern_access: None,
            ifunc_noplt: false,
            narrow_relocs: false,
            spare_tags: Self::DEFAULT_SPARE_TAGS,
        }
    }
}

/// What `.interp` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Interpreter {
    /// The emulation's own, in programs that are dynamic.
    #[default]
    OfEmulation,
    /// This path, without its zero byte.
    Path(Vec<u8>),
    /// `--no-dynamic-linker`: there is none.
    Absent,
}

/// Which hash tables of dynamic symbols there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashStyle {
    /// `sysv`: `.hash`
    SysV,
    /// `gnu`: `.gnu.hash`
    Gnu,
    /// `both`
    #[default]
    Both,
}

impl HashStyle {
    /// Whether there is a `.hash`.
    #[must_use]
    pub fn has_sysv(self) -> bool {
        self != Self::Gnu
    }

    /// Whether there is a `.gnu.hash`.
    #[must_use]
    pub fn has_gnu(self) -> bool {
        self != Self::SysV
    }
}
