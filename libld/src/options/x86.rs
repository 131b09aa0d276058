//! What only x86 machines have: `-z` keywords of the emulations `elf_x86_64`, `elf32_x86_64` and
//! `elf_i386`.

/// What only x86 machines have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct X86 {
    /// `-z ibtplt`, and `-z ibt` with it: PLT entries start with ENDBR.
    pub ibt_plt: bool,
    /// `-z ibt`, `-z force-ibt`: the output says `GNU_PROPERTY_X86_FEATURE_1_IBT`.
    pub ibt: bool,
    /// `-z retpolineplt`: PLT entries have no indirect branches (x86-64).
    pub retpoline_plt: bool,
    /// `-z shstk`: the output says `GNU_PROPERTY_X86_FEATURE_1_SHSTK`.
    pub shstk: bool,
    /// `-z cet-report`: what is said of inputs without the two.
    pub report_cet: MissingFeature,
    /// `-z lam-u48`: the output says `GNU_PROPERTY_X86_FEATURE_1_LAM_U48`.
    pub lam_u48: bool,
    /// `-z lam-u57`: the output says `GNU_PROPERTY_X86_FEATURE_1_LAM_U57`.
    pub lam_u57: bool,
    /// `-z lam-u48-report`
    pub report_lam_u48: MissingFeature,
    /// `-z lam-u57-report`
    pub report_lam_u57: MissingFeature,
    /// `-z x86-64-v2` and its like: the instruction set that the output says it needs.
    pub isa_level: Option<IsaLevel>,
    /// `-z call-nop`: what fills up a call that became shorter.
    pub call_nop: CallNop,
    /// `-z report-relative-reloc`: relative relocations are listed.
    pub report_relative: bool,
}

/// What is said of an input without a feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingFeature {
    /// Nothing.
    #[default]
    Ignore,
    /// A warning.
    Warn,
    /// An error.
    Error,
}

/// Bits of `GNU_PROPERTY_X86_ISA_1_NEEDED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IsaLevel {
    /// `GNU_PROPERTY_X86_ISA_1_BASELINE`
    Baseline,
    /// `GNU_PROPERTY_X86_ISA_1_V2`
    V2,
    /// `GNU_PROPERTY_X86_ISA_1_V3`
    V3,
    /// `GNU_PROPERTY_X86_ISA_1_V4`
    V4,
}

/// The byte that fills up an indirect call made direct, which is shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallNop {
    /// Before the call.
    Prefix(u8),
    /// After it.
    Suffix(u8),
}

impl CallNop {
    /// The address-size prefix, which changes nothing in a direct call.
    pub const ADDRESS_SIZE: u8 = 0x67;
    /// The instruction NOP.
    pub const NOP: u8 = 0x90;
}

impl Default for CallNop {
    fn default() -> Self {
        Self::Prefix(Self::ADDRESS_SIZE)
    }
}
