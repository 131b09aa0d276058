//! What is particular to a processor: `-A` (`--arch-specific`).
//!
//! Most processors have build attributes and nothing else; see [`attributes`].

mod arc;
mod arm;
mod attributes;
mod c6000;
mod csky;
mod gnu;
mod mips;
mod msp430;
mod nds32;
mod riscv;

use common::Output;
use libelf::raw::{
    EM_68K, EM_ARC, EM_ARC_COMPACT, EM_ARC_COMPACT2, EM_ARM, EM_CSKY, EM_MIPS, EM_MIPS_RS3_LE,
    EM_MSP430, EM_NDS32, EM_PPC, EM_PPC64, EM_RISCV, EM_S390, EM_SPARC, EM_SPARC32PLUS, EM_SPARCV9,
    EM_TI_C6000, Machine,
};

use crate::object::Object;
use crate::options::Options;
use attributes::{Vendors, display_sections};

/// The number that S/390 objects had before one was assigned.
const EM_S390_OLD: Machine = Machine(0xa390);

/// Displays what is particular to the processor of `object`.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.arch {
        return true;
    }
    let vendors = match object.header.machine {
        EM_ARC | EM_ARC_COMPACT | EM_ARC_COMPACT2 => &arc::VENDORS,
        EM_NDS32 => return nds32::display(out, object),
        EM_ARM => &arm::VENDORS,
        EM_MSP430 => &msp430::VENDORS,
        EM_RISCV => &riscv::VENDORS,
        EM_MIPS | EM_MIPS_RS3_LE => return mips::display(out, options, object),
        EM_68K => &gnu::M68K,
        EM_PPC | EM_PPC64 => &gnu::POWER,
        EM_S390 | EM_S390_OLD => &gnu::S390,
        EM_SPARC | EM_SPARC32PLUS | EM_SPARCV9 => &gnu::SPARC,
        EM_TI_C6000 => &c6000::VENDORS,
        EM_CSKY => &csky::VENDORS,
        _ => &Vendors::NONE,
    };
    display_sections(out, options, object, vendors)
}
