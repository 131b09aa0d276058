//! Machine flags of SPARC V9. SPARC Compliance Definition.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[
    Part::Bits { mask: 0x100, value: 0x100, text: "v8+" },
    Part::Bits { mask: 0x200, value: 0x200, text: "ultrasparcI" },
    Part::Bits { mask: 0x800, value: 0x800, text: "ultrasparcIII" },
    Part::Bits { mask: 0x400, value: 0x400, text: "halr1" },
    Part::Bits { mask: 0x800000, value: 0x800000, text: "ledata" },
    Part::Field { mask: 0x3, names: Names(&[(0, "tso"), (1, "pso"), (2, "rmo")]), other: "" },
];
