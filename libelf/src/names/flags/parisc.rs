//! Machine flags of HPPA. Processor-specific ELF for PA-RISC.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[
    Part::Field {
        mask: 0xffff,
        names: Names(&[(0x20b, "PA-RISC 1.0"), (0x210, "PA-RISC 1.1"), (0x214, "PA-RISC 2.0")]),
        other: "",
    },
    Part::Bits { mask: 0x10000, value: 0x10000, text: "trapnil" },
    Part::Bits { mask: 0x20000, value: 0x20000, text: "ext" },
    Part::Bits { mask: 0x40000, value: 0x40000, text: "lsb" },
    Part::Bits { mask: 0x80000, value: 0x80000, text: "wide" },
    Part::Bits { mask: 0x100000, value: 0x100000, text: "no kabp" },
    Part::Bits { mask: 0x400000, value: 0x400000, text: "lazyswap" },
];
