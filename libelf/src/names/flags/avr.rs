//! Machine flags of AVR.

use super::{Part, Parts};
use crate::names::table::Names;

pub(super) const FLAGS: Parts = &[
    Part::Field {
        mask: 0x7f,
        names: Names(&[
            (1, "avr:1"),
            (2, "avr:2"),
            (3, "avr:3"),
            (4, "avr:4"),
            (5, "avr:5"),
            (6, "avr:6"),
            (0x19, "avr:25"),
            (0x1f, "avr:31"),
            (0x23, "avr:35"),
            (0x33, "avr:51"),
            (0x64, "avr:100"),
            (0x65, "avr:101"),
            (0x66, "avr:102"),
            (0x67, "avr:103"),
            (0x68, "avr:104"),
            (0x69, "avr:105"),
            (0x6a, "avr:106"),
            (0x6b, "avr:107"),
        ]),
        other: "avr:<unknown>",
    },
    Part::Bits { mask: 0x80, value: 0x80, text: "link-relax" },
];
