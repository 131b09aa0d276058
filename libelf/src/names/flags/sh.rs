//! Machine flags of SuperH.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[
    Part::Field {
        mask: 0x1f,
        names: Names(&[
            (1, "sh1"),
            (2, "sh2"),
            (3, "sh3"),
            (4, "sh-dsp"),
            (5, "sh3-dsp"),
            (6, "sh4al-dsp"),
            (8, "sh3e"),
            (9, "sh4"),
            (0xa, "sh5"),
            (0xb, "sh2e"),
            (0xc, "sh4a"),
            (0xd, "sh2a"),
            (0x10, "sh4-nofpu"),
            (0x11, "sh4a-nofpu"),
            (0x12, "sh4-nommu-nofpu"),
            (0x13, "sh2a-nofpu"),
            (0x14, "sh3-nommu"),
            (0x15, "sh2a-nofpu-or-sh4-nommu-nofpu"),
            (0x16, "sh2a-nofpu-or-sh3-nommu"),
            (0x17, "sh2a-or-sh4"),
            (0x18, "sh2a-or-sh3e"),
        ]),
        other: "unknown ISA",
    },
    Part::Bits { mask: 0x100, value: 0x100, text: "pic" },
    Part::Bits { mask: 0x8000, value: 0x8000, text: "fdpic" },
];
