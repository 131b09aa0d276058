//! Machine flags of MSP430.

use crate::names::table::Names;

const ARCHITECTURE: u32 = 0xff;

const ARCHITECTURES: Names<u32> = Names(&[
    (0x0b, "MSP430x11"),
    (0x0c, "MSP430x12"),
    (0x0d, "MSP430x13"),
    (0x0e, "MSP430x14"),
    (0x0f, "MSP430x15"),
    (0x10, "MSP430x16"),
    (0x1f, "MSP430x31"),
    (0x20, "MSP430x32"),
    (0x21, "MSP430x33"),
    (0x29, "MSP430x41"),
    (0x2a, "MSP430x42"),
    (0x2b, "MSP430x43"),
    (0x2c, "MSP430x44"),
    (0x2d, "MSP430X"),
    // With its space, as everybody has it.
    (0x6e, "MSP430x11x1 "),
]);

pub(super) fn push_flags(text: &mut String, flags: u32) {
    text.push_str(": architecture variant: ");
    text.push_str(ARCHITECTURES.get(flags & ARCHITECTURE).unwrap_or(": unknown"));
    if flags & !ARCHITECTURE != 0 {
        text.push_str(": unknown extra flag bits also present");
    }
}
