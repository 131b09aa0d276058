//! Machine flags of NDS32.

use super::{Part, Parts, push, push_parts};
use crate::names::table::Names;

const ABI: u32 = 0xf0;
const ARCHITECTURE: u32 = 0xf000_0000;
const ARCHITECTURE_1: u32 = 0x1000_0000;
/// The version of the ELF format, from which on some bits mean new things.
const VERSION: u32 = 0xf;
const VERSION_1_4: u32 = 2;
/// Any of the floating-point units.
const FPU: u32 = 0x0108_0800;

const VERSIONS: Parts = &[
    Part::Field {
        mask: ABI,
        names: Names(&[
            (0, "ABI v0"),
            (0x10, "ABI v1"),
            (0x20, "ABI v2"),
            (0x30, "ABI v2fp"),
            (0x40, "AABI"),
            (0x50, "ABI2 FP+"),
        ]),
        other: "<unrecognized ABI>",
    },
    Part::Field {
        mask: VERSION,
        names: Names(&[
            (0, "Andes ELF V1.3 or older"),
            (1, "Andes ELF V1.3.1"),
            (2, "Andes ELF V1.4"),
        ]),
        other: "<unrecognized ELF version number>",
    },
];

const ARCHITECTURES: Names<u32> = Names(&[
    (ARCHITECTURE_1, "Andes Star v1.0"),
    (0x20000000, "Andes Star v2.0"),
    (0x30000000, "Andes Star v3.0"),
    (0x40000000, "Andes Star v3.0m"),
]);

const OPTIONS_1: Parts = &[
    Part::Bits { mask: 0x100, value: 0x100, text: "MFUSR_PC" },
    Part::Bits { mask: 0x100000, value: 0x0, text: "MAC" },
    Part::Bits { mask: 0x2000, value: 0x2000, text: "DIV" },
    Part::Bits { mask: 0x4000, value: 0x4000, text: "16b" },
];

/// Of later architectures, in files before version 1.4.
const OPTIONS_2_OLD: Parts = &[
    Part::Bits { mask: 0x100, value: 0x100, text: "[B8]" },
    Part::Bits { mask: 0x100000, value: 0x100000, text: "MAC_DX" },
    Part::Bits { mask: 0x2000, value: 0x2000, text: "DIV_DX" },
    Part::Bits { mask: 0x4000, value: 0x4000, text: "16b" },
];

const OPTIONS_2: Parts = &[
    Part::Bits { mask: 0x100, value: 0x100, text: "EX9" },
    Part::Bits { mask: 0x100000, value: 0x100000, text: "MAC_DX" },
    Part::Bits { mask: 0x2000, value: 0x2000, text: "DIV_DX" },
    Part::Bits { mask: 0x4000, value: 0x4000, text: "IFC" },
];

const UNITS: Parts = &[
    Part::Bits { mask: 0x200, value: 0x200, text: "PERF1" },
    Part::Bits { mask: 0x400, value: 0x400, text: "PERF2" },
    Part::Bits { mask: 0x800, value: 0x800, text: "FPU_SP" },
    Part::Bits { mask: 0x80000, value: 0x80000, text: "FPU_DP" },
    Part::Bits { mask: 0x1000000, value: 0x1000000, text: "FPU_MAC" },
];

/// How many registers a floating-point unit has, single and double.
const FPU_REGISTERS: Part = Part::Field {
    mask: 0x00c0_0000,
    names: Names(&[
        (0, "FPU_REG:8/4"),
        (0x400000, "FPU_REG:16/8"),
        (0x800000, "FPU_REG:32/16"),
        (0xc00000, "FPU_REG:32/32"),
    ]),
    other: "",
};

/// In files before version 1.4.
const EXTENSIONS_OLD: Parts = &[
    Part::Bits { mask: 0x1000, value: 0x1000, text: "AUDIO" },
    Part::Bits { mask: 0x8000, value: 0x8000, text: "STR" },
    Part::Bits { mask: 0x10000, value: 0x10000, text: "16REG" },
    Part::Bits { mask: 0x20000, value: 0x20000, text: "VIDEO" },
    Part::Bits { mask: 0x40000, value: 0x40000, text: "ENCRP" },
    Part::Bits { mask: 0x200000, value: 0x200000, text: "L2C" },
];

const EXTENSIONS: Parts = &[
    Part::Bits { mask: 0x1000, value: 0x1000, text: "AUDIO" },
    Part::Bits { mask: 0x8000, value: 0x8000, text: "STR" },
    Part::Bits { mask: 0x10000, value: 0x10000, text: "16REG" },
    Part::Bits { mask: 0x20000, value: 0x20000, text: "SATURATION" },
    Part::Bits { mask: 0x40000, value: 0x40000, text: "ENCRP" },
    Part::Bits { mask: 0x200000, value: 0x200000, text: "L2C" },
];

pub(super) fn push_flags(text: &mut String, flags: u32) {
    push_parts(text, VERSIONS, flags);
    let architecture = flags & ARCHITECTURE;
    if flags & ABI == 0 {
        // Files of the first ABI are of one processor.
        push(text, "Andes Star v1.0, N1213HC, MAC, PERF1");
        if architecture == ARCHITECTURE_1 {
            push(text, "16b");
        }
        return;
    }
    let Some(name) = ARCHITECTURES.get(architecture) else {
        return push(text, "<unrecognized architecture>");
    };
    push(text, name);
    let is_old = flags & VERSION < VERSION_1_4;
    let (options, extensions) = match (architecture, is_old) {
        (ARCHITECTURE_1, true) => (OPTIONS_1, EXTENSIONS_OLD),
        (ARCHITECTURE_1, false) => (OPTIONS_1, EXTENSIONS),
        (_, true) => (OPTIONS_2_OLD, EXTENSIONS_OLD),
        (_, false) => (OPTIONS_2, EXTENSIONS),
    };
    push_parts(text, options, flags);
    push_parts(text, UNITS, flags);
    if flags & FPU != 0 {
        push(text, FPU_REGISTERS.text(flags));
    }
    push_parts(text, extensions, flags);
}
