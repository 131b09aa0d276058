//! Relocation types (`R_`), one file a machine.
//!
//! A program that prints many relocations asks for the machine's names once and then for each
//! type:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let data = libelf::map::read(std::env::current_exe()?)?;
//! let file = libelf::File::parse(&data)?;
//! if let Some(names) = libelf::names::reloc_names(file.header()) {
//!     for kind in 0..4 {
//!         println!("{kind} {}", names.get(kind).unwrap_or("unknown"));
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod aarch64;
mod alpha;
mod amdgpu;
mod arc;
mod arm;
mod avr;
mod blackfin;
mod bpf;
mod c6000;
mod cr16;
mod cris;
mod crx;
mod csky;
mod d10v;
mod d30v;
mod dlx;
mod epiphany;
mod fr30;
mod frv;
mod ft32;
mod h8300;
mod i370;
mod i386;
mod i860;
mod i960;
mod ia64;
mod ip2k;
mod iq2000;
mod lm32;
mod loongarch;
mod m32c;
mod m32r;
mod m68hc1x;
mod m68k;
mod mcore;
mod mep;
mod metag;
mod microblaze;
mod mips;
mod mmix;
mod mn10200;
mod mn10300;
mod moxie;
mod msp430;
mod mt;
mod nds32;
mod nfp;
mod nios2;
mod openrisc;
mod parisc;
mod picojava;
mod ppc;
mod ppc64;
mod pru;
mod riscv;
mod rl78;
mod rx;
mod s12z;
mod s390;
mod score;
mod sh;
mod sparc;
mod spu;
mod tilegx;
mod tilepro;
mod v800;
mod v850;
mod vax;
mod visium;
mod wasm;
mod x86_64;
mod xgate;
mod xstormy16;
mod xtensa;
mod z80;

use std::borrow::Cow;

use object::elf::{
    ELFOSABI_NONE, EM_68HC11, EM_68HC12, EM_68K, EM_386, EM_860, EM_960, EM_AARCH64, EM_ALPHA,
    EM_ALTERA_NIOS2, EM_AMDGPU, EM_ARC, EM_ARC_COMPACT, EM_ARC_COMPACT2, EM_ARM, EM_AVR,
    EM_BLACKFIN, EM_BPF, EM_CR16, EM_CRIS, EM_CRX, EM_CSKY, EM_D10V, EM_D30V, EM_FR30, EM_FT32,
    EM_H8_300, EM_H8_300H, EM_H8S, EM_IA_64, EM_IAMCU, EM_IP2K, EM_K10M, EM_L10M, EM_LATTICEMICO32,
    EM_LOONGARCH, EM_M32C, EM_M32R, EM_METAG, EM_MICROBLAZE, EM_MIPS, EM_MIPS_RS3_LE, EM_MMIX,
    EM_MN10200, EM_MN10300, EM_MOXIE, EM_MSP430, EM_NDS32, EM_OPENRISC, EM_PARISC, EM_PJ, EM_PPC,
    EM_PPC64, EM_RCE, EM_RISCV, EM_RL78, EM_RX, EM_S370, EM_S390, EM_SCORE7, EM_SH, EM_SPARC,
    EM_SPARC32PLUS, EM_SPARCV9, EM_SPU, EM_TI_C6000, EM_TI_PRU, EM_TILEGX, EM_TILEPRO, EM_V800,
    EM_V850, EM_VAX, EM_VISIUM, EM_X86_64, EM_XGATE, EM_XTENSA, EM_Z80,
};

use super::em;
use crate::header::Header;

/// Relocation types and their names, as written in the files of the machines.
type Pairs = &'static [(u16, &'static str)];

/// The names of a machine's relocation types, by type.
#[derive(Debug)]
pub struct RelocNames {
    /// Indexed by type; empty where there is no name.
    names: &'static [&'static str],
    /// The bits of a stored type that tell the type.
    mask: u32,
}

impl RelocNames {
    /// The name of a type, such as `R_X86_64_PC32`.
    #[inline]
    pub fn get(&self, kind: u32) -> Option<&'static str> {
        let name = self.names.get(self.kind(kind) as usize).copied()?;
        (!name.is_empty()).then_some(name)
    }

    /// The type itself: what is stored, without data that some machines keep beside it.
    #[inline]
    pub fn kind(&self, stored: u32) -> u32 {
        stored & self.mask
    }

    /// All types that have a name, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &'static str)> {
        (0..).zip(self.names.iter().copied()).filter(|(_, name)| !name.is_empty())
    }
}

/// The slots that a table of all types needs.
const fn len(pairs: Pairs) -> usize {
    match pairs.last() {
        Some(&(kind, _)) => kind as usize + 1,
        None => 0,
    }
}

/// `pairs` as a table indexed by type. Runs when the crate is compiled.
#[allow(
    clippy::indexing_slicing,
    reason = "in constants, which fail to compile instead of panicking"
)]
const fn dense<const N: usize>(pairs: Pairs) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < pairs.len() {
        let (kind, name) = pairs[at];
        assert!(at == 0 || pairs[at - 1].0 < kind, "types must ascend");
        assert!(!name.is_empty(), "an empty name stands for none");
        names[kind as usize] = name;
        at += 1;
    }
    names
}

/// The relocation names of the machine of a file with this header.
pub fn reloc_names(header: &Header) -> Option<&'static RelocNames> {
    Some(match header.machine {
        EM_SPARCV9 => &sparc::V9_RELOCS,
        EM_SPARC | em::SPARCV9_OLD | EM_SPARC32PLUS => &sparc::RELOCS,
        EM_386 | EM_IAMCU => &i386::RELOCS,
        EM_68K => &m68k::RELOCS,
        EM_860 => &i860::RELOCS,
        EM_S370 => &i370::RELOCS,
        EM_MIPS_RS3_LE | EM_MIPS => &mips::RELOCS,
        EM_PARISC => &parisc::RELOCS,
        EM_960 => &i960::RELOCS,
        EM_PPC => &ppc::RELOCS,
        EM_PPC64 => &ppc64::RELOCS,
        EM_S390 | em::S390_OLD => &s390::RELOCS,
        EM_SPU => &spu::RELOCS,
        EM_V800 => &v800::RELOCS,
        EM_RCE => &mcore::RELOCS,
        EM_ARM => &arm::RELOCS,
        EM_SH => &sh::RELOCS,
        EM_ARC | EM_ARC_COMPACT | EM_ARC_COMPACT2 => &arc::RELOCS,
        EM_H8_300 | EM_H8_300H | EM_H8S => &h8300::RELOCS,
        EM_IA_64 => &ia64::RELOCS,
        EM_68HC12 | EM_68HC11 => &m68hc1x::RELOCS,
        EM_X86_64 | EM_L10M | EM_K10M => &x86_64::RELOCS,
        EM_VAX => &vax::RELOCS,
        EM_CRIS => &cris::RELOCS,
        EM_MMIX => &mmix::RELOCS,
        EM_AVR | em::AVR_OLD => &avr::RELOCS,
        EM_FR30 | em::FR30_OLD => &fr30::RELOCS,
        EM_D10V | em::D10V_OLD => &d10v::RELOCS,
        EM_D30V | em::D30V_OLD => &d30v::RELOCS,
        EM_V850 | em::V850_OLD => &v850::RELOCS,
        EM_M32R | em::M32R_OLD => &m32r::RELOCS,
        EM_MN10300 | em::MN10300_OLD => &mn10300::RELOCS,
        EM_MN10200 | em::MN10200_OLD => &mn10200::RELOCS,
        EM_PJ | em::PICOJAVA_OLD => &picojava::RELOCS,
        EM_OPENRISC => &openrisc::RELOCS,
        EM_XTENSA | em::XTENSA_OLD => &xtensa::RELOCS,
        EM_IP2K | em::IP2K_OLD => &ip2k::RELOCS,
        EM_MSP430 if header.os_abi() == ELFOSABI_NONE => &msp430::EABI_RELOCS,
        EM_MSP430 | em::MSP430_OLD => &msp430::OLD_RELOCS,
        EM_BLACKFIN => &blackfin::RELOCS,
        EM_ALTERA_NIOS2 => &nios2::RELOCS,
        EM_CRX => &crx::RELOCS,
        EM_XGATE => &xgate::RELOCS,
        EM_M32C | em::M32C_OLD => &m32c::RELOCS,
        EM_SCORE7 => &score::RELOCS,
        EM_LATTICEMICO32 => &lm32::RELOCS,
        EM_TI_C6000 => &c6000::RELOCS,
        EM_TI_PRU => &pru::RELOCS,
        EM_NDS32 => &nds32::RELOCS,
        EM_RX => &rx::RELOCS,
        EM_METAG => &metag::RELOCS,
        EM_CR16 => &cr16::RELOCS,
        EM_AARCH64 => &aarch64::RELOCS,
        EM_TILEPRO => &tilepro::RELOCS,
        EM_MICROBLAZE | em::MICROBLAZE_OLD => &microblaze::RELOCS,
        EM_TILEGX => &tilegx::RELOCS,
        EM_RL78 => &rl78::RELOCS,
        EM_Z80 => &z80::RELOCS,
        EM_VISIUM => &visium::RELOCS,
        EM_FT32 => &ft32::RELOCS,
        EM_MOXIE => &moxie::RELOCS,
        EM_AMDGPU => &amdgpu::RELOCS,
        EM_RISCV => &riscv::RELOCS,
        EM_BPF => &bpf::RELOCS,
        em::NFP => &nfp::RELOCS,
        EM_CSKY => &csky::RELOCS,
        EM_LOONGARCH => &loongarch::RELOCS,
        em::EPIPHANY => &epiphany::RELOCS,
        em::MT => &mt::RELOCS,
        em::WEBASSEMBLY => &wasm::RELOCS,
        em::S12Z => &s12z::RELOCS,
        em::FRV => &frv::RELOCS,
        em::DLX => &dlx::RELOCS,
        EM_ALPHA => &alpha::RELOCS,
        em::XSTORMY16 => &xstormy16::RELOCS,
        em::MEP => &mep::RELOCS,
        em::IQ2000 => &iq2000::RELOCS,
        _ => return None,
    })
}

/// The name of one relocation type in a file with this header; see [`reloc_names`] for many.
pub fn reloc(header: &Header, kind: u32) -> Option<&'static str> {
    reloc_names(header)?.get(kind)
}

/// What the addend of `R_ALPHA_LITUSE` says of the use of a literal, as readelf prints it in the
/// place of the addend: `(BASE)`, or `<unknown addend: 7>`.
pub fn alpha_lituse(addend: i64) -> Cow<'static, str> {
    Cow::Borrowed(match addend {
        0 => "(ADDR)",
        1 => "(BASE)",
        2 => "(BYTOFF)",
        3 => "(JSR)",
        4 => "(TLSGD)",
        5 => "(TLSLDM)",
        6 => "(JSRDIRECT)",
        _ => return Cow::Owned(format!("<unknown addend: {addend:x}>")),
    })
}
