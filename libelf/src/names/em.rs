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
    /// picoJava, which some tools wrote with the number of SNP 1000.
    PICOJAVA_OLD = 99;
    /// Netronome Flow Processor.
    NFP = 250;
    /// AVR before its number was given out.
    AVR_OLD = 0x1057;
    /// MSP430 before its number was given out.
    MSP430_OLD = 0x1059;
    /// Adapteva Epiphany.
    EPIPHANY = 0x1223;
    /// Morpho MT.
    MT = 0x2530;
    /// FR30 before its number was given out.
    FR30_OLD = 0x3330;
    /// WebAssembly.
    WEBASSEMBLY = 0x4157;
    /// Freescale S12Z.
    S12Z = 0x4def;
    /// Fujitsu FR-V.
    FRV = 0x5441;
    /// OpenDLX.
    DLX = 0x5aa5;
    /// D10V before its number was given out.
    D10V_OLD = 0x7650;
    /// D30V before its number was given out.
    D30V_OLD = 0x7676;
    /// IP2xxx before its number was given out.
    IP2K_OLD = 0x8217;
    /// M32R before its number was given out.
    M32R_OLD = 0x9041;
    /// V850 before its number was given out.
    V850_OLD = 0x9080;
    /// S/390 before its number was given out.
    S390_OLD = 0xa390;
    /// Xtensa before its number was given out.
    XTENSA_OLD = 0xabc7;
    /// Sanyo XStormy16.
    XSTORMY16 = 0xad45;
    /// MicroBlaze before its number was given out.
    MICROBLAZE_OLD = 0xbaab;
    /// MN10300 before its number was given out.
    MN10300_OLD = 0xbeef;
    /// MN10200 before its number was given out.
    MN10200_OLD = 0xdead;
    /// Toshiba MeP.
    MEP = 0xf00d;
    /// M32C before its number was given out.
    M32C_OLD = 0xfeb0;
    /// Vitesse IQ2000.
    IQ2000 = 0xfeba;
}
