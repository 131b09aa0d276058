//! Machine numbers (`EM_`) that the names depend on and the raw ABI has no constant for: unofficial
//! numbers of old tools, and numbers given out since.

use object::elf::Machine;

macro_rules! machines {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: Machine = Machine($number);)*
    };
}

machines! {
    /// SPARC V9 before its number was given out.
    SPARCV9_OLD = 11;
    /// S/390 before its number was given out.
    S390_OLD = 0xa390;
    /// V850 before its number was given out.
    CYGNUS_V850 = 0x9080;
    /// Intel L1OM.
    L1OM = 180;
    /// Intel K1OM.
    K1OM = 181;
    /// Synopsys ARCv2.
    ARC_COMPACT2 = 195;
    /// Sunplus S+Core.
    SCORE = 135;
    /// Netronome Flow Processor.
    NFP = 250;
}
