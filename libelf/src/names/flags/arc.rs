//! Machine flags of ARCompact and ARCv2.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const ARCOMPACT_FLAGS: Parts = &[
    Part::Field {
        mask: 0xff,
        names: Names(&[(2, "ARC600"), (3, "ARC700"), (4, "ARC601"), (5, "ARC EM"), (6, "ARC HS")]),
        other: "Unknown ARCompact",
    },
    Part::Field {
        mask: 0xf00,
        names: Names(&[
            (0, "(ABI:legacy)"),
            (0x200, "(ABI:v2)"),
            (0x300, "v3 no-legacy-syscalls ABI"),
            (0x400, "v4 ABI"),
        ]),
        other: "unrecognised ARC OSABI flag",
    },
];

pub(super) const ARCV2_FLAGS: Parts = &[
    Part::Field {
        mask: 0xff,
        names: Names(&[(2, "ARC600"), (3, "ARC700"), (4, "ARC601"), (5, "ARC EM"), (6, "ARC HS")]),
        other: "Unknown ARC",
    },
    Part::Field {
        mask: 0xf00,
        names: Names(&[
            (0, "(ABI:legacy)"),
            (0x200, "(ABI:v2)"),
            (0x300, "v3 no-legacy-syscalls ABI"),
            (0x400, "v4 ABI"),
        ]),
        other: "unrecognised ARC OSABI flag",
    },
];
