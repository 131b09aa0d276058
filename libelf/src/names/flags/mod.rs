//! Machine flags (`e_flags`), one file a machine.
//!
//! The text is a list of parts in an order that the machine's tools have settled on, not that of
//! the bits. Most machines are a table of [`Part`]s; those whose parts depend on one another have
//! a function.

mod amdgpu;
mod arc;
mod arm;
mod avr;
mod blackfin;
mod c6000;
mod frv;
mod ia64;
mod loongarch;
mod m32r;
mod m68k;
mod mep;
mod mips;
mod msp430;
mod nds32;
mod openrisc;
mod parisc;
mod picojava;
mod ppc;
mod ppc64;
mod riscv;
mod rl78;
mod rx;
mod s390;
mod sh;
mod sparc;
mod v800;
mod v850;
mod vax;
mod visium;
mod z80;

use object::elf::{
    ELFOSABI_OPENVMS, EM_68K, EM_AMDGPU, EM_ARC_COMPACT, EM_ARC_COMPACT2, EM_ARM, EM_AVR,
    EM_BLACKFIN, EM_IA_64, EM_LOONGARCH, EM_M32R, EM_MIPS, EM_MIPS_RS3_LE, EM_MSP430, EM_NDS32,
    EM_OPENRISC, EM_PARISC, EM_PJ, EM_PPC, EM_PPC64, EM_RISCV, EM_RL78, EM_RX, EM_S390, EM_SH,
    EM_SPARCV9, EM_TI_C6000, EM_V800, EM_V850, EM_VAX, EM_VISIUM, EM_Z80,
};

use super::em;
use super::table::Names;
use crate::header::Header;

/// One thing that flags say.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// `text` if the bits of `mask` are exactly `value`.
    Bits { mask: u32, value: u32, text: &'static str },
    /// The name of the bits of `mask` as they are, or `other` if they have none. Empty texts are
    /// left out.
    Field { mask: u32, names: Names<u32>, other: &'static str },
}

impl Part {
    fn text(&self, flags: u32) -> &'static str {
        match *self {
            Self::Bits { mask, value, text } if flags & mask == value => text,
            Self::Bits { .. } => "",
            Self::Field { mask, names, other } => names.get(flags & mask).unwrap_or(other),
        }
    }
}

type Parts = &'static [Part];

/// Appends each part that `flags` have, after a comma.
fn push_parts(text: &mut String, parts: &[Part], flags: u32) {
    for part in parts {
        push(text, part.text(flags));
    }
}

fn push(text: &mut String, part: &str) {
    if !part.is_empty() {
        text.push_str(", ");
        text.push_str(part);
    }
}

fn parts(header: &Header) -> Parts {
    match header.machine {
        EM_68K => m68k::parts(header.flags),
        EM_ARC_COMPACT => arc::ARCOMPACT_FLAGS,
        EM_ARC_COMPACT2 => arc::ARCV2_FLAGS,
        EM_AVR => avr::FLAGS,
        EM_BLACKFIN => blackfin::FLAGS,
        EM_IA_64 => ia64::FLAGS,
        EM_LOONGARCH => loongarch::FLAGS,
        EM_M32R | em::M32R_OLD => m32r::FLAGS,
        EM_MIPS | EM_MIPS_RS3_LE => mips::FLAGS,
        EM_OPENRISC => openrisc::FLAGS,
        EM_PARISC => parisc::FLAGS,
        EM_PJ | em::PICOJAVA_OLD => picojava::FLAGS,
        EM_PPC => ppc::FLAGS,
        EM_PPC64 => ppc64::FLAGS,
        EM_RISCV => riscv::FLAGS,
        EM_RL78 => rl78::FLAGS,
        EM_RX => rx::FLAGS,
        EM_S390 => s390::FLAGS,
        EM_SH => sh::FLAGS,
        EM_SPARCV9 => sparc::FLAGS,
        EM_TI_C6000 => c6000::FLAGS,
        EM_V800 => v800::FLAGS,
        EM_V850 | em::V850_OLD => v850::FLAGS,
        EM_VAX => vax::FLAGS,
        EM_VISIUM => visium::FLAGS,
        EM_Z80 => z80::FLAGS,
        em::FRV => frv::FLAGS,
        _ => &[],
    }
}

/// What the flags of the file mean, as it follows their number: empty, or a list such as
/// `, Version5 EABI, hard-float ABI` with its leading comma. Without flags it is empty.
pub fn header_flags(header: &Header) -> String {
    let mut text = String::new();
    if header.flags == 0 {
        return text;
    }
    match header.machine {
        EM_AMDGPU => amdgpu::push_flags(&mut text, header),
        EM_ARM => arm::push_flags(&mut text, header.flags),
        EM_MSP430 => msp430::push_flags(&mut text, header.flags),
        EM_NDS32 => nds32::push_flags(&mut text, header.flags),
        em::MEP => mep::push_flags(&mut text, header.flags),
        _ => push_parts(&mut text, parts(header), header.flags),
    }
    if header.machine == EM_IA_64 && header.os_abi() == ELFOSABI_OPENVMS {
        push_parts(&mut text, ia64::VMS_FLAGS, header.flags);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_within_their_fields() {
        let tables = [
            arc::ARCOMPACT_FLAGS,
            arc::ARCV2_FLAGS,
            avr::FLAGS,
            blackfin::FLAGS,
            c6000::FLAGS,
            frv::FLAGS,
            ia64::FLAGS,
            ia64::VMS_FLAGS,
            loongarch::FLAGS,
            m32r::FLAGS,
            m68k::parts(0),
            mips::FLAGS,
            openrisc::FLAGS,
            parisc::FLAGS,
            picojava::FLAGS,
            ppc::FLAGS,
            ppc64::FLAGS,
            riscv::FLAGS,
            rl78::FLAGS,
            rx::FLAGS,
            s390::FLAGS,
            sh::FLAGS,
            sparc::FLAGS,
            v800::FLAGS,
            v850::FLAGS,
            vax::FLAGS,
            visium::FLAGS,
            z80::FLAGS,
        ];
        for (at, part) in tables.into_iter().flatten().enumerate() {
            match *part {
                Part::Bits { mask, value, .. } => assert_eq!(value & !mask, 0, "part {at}"),
                Part::Field { mask, names, .. } => {
                    assert!(names.is_sorted(), "part {at}");
                    let outside = names.0.iter().any(|&(value, _)| value & !mask != 0);
                    assert!(!outside, "part {at}");
                }
            }
        }
    }
}
