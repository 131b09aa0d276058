//! TI C6000's unwinding byte code. The C6000 Embedded Application Binary Interface (SPRAB89),
//! section 13.7, "Unwinding".

use common::{Output, out};

use super::arm::{Bytes, Stop};

/// Stands where a second byte would be printed.
const NO_OPERAND: &str = "     ";

/// The registers by their numbers in byte code.
const REGISTERS: [&str; 13] =
    ["A15", "B15", "B14", "B13", "B12", "B11", "B10", "B3", "A14", "A13", "A12", "A11", "A10"];

/// A slot of a frame that holds no register.
const PAD: u8 = 0xf;

/// Prints all instructions, one a line. `Err` if the last one is cut off.
pub fn display(out: &mut Output, bytes: &mut Bytes<'_, '_, '_, '_>) -> Result<(), Stop> {
    let mut result = Ok(());
    while let Some(op) = bytes.start(out)? {
        match op {
            0x00..=0x3f => out!(out, "{NO_OPERAND}sp = sp + {}", u32::from(op & 0x3f) * 8 + 8),
            0x80..=0xbf => {
                let mask = u32::from(op & 0x1f) << 8 | u32::from(bytes.next(out)?);
                if op & 0xf0 == 0x80 && mask == 0 {
                    out!(out, "Refuse to unwind");
                } else {
                    out!(out, "pop {}{{", if op & 0x20 == 0 { "" } else { "compact " });
                    put_set(out, mask);
                    out.put(b"}");
                }
            }
            0xc0..=0xcf => pop_frame(out, bytes, op & 0xf)?,
            0xd0 => out!(out, "{NO_OPERAND}MOV FP, SP"),
            0xd1 => out!(out, "{NO_OPERAND}__c6xabi_pop_rts"),
            0xd2 => {
                if let Some(value) = bytes.uleb(out)? {
                    out!(out, "sp = sp + {}", (value << 3).wrapping_add(0x408).cast_signed());
                } else {
                    out.error(format_args!("corrupt stack pointer adjustment detected"));
                    result = Err(Stop);
                }
            }
            0xe7 => out!(out, "{NO_OPERAND}RETURN"),
            0xe0..=0xef => out!(out, "{NO_OPERAND}MV {}, B3", register(op & 0xf)),
            _ => out!(out, "{NO_OPERAND}[unsupported opcode]"),
        }
        out.put(b"\n");
    }
    result
}

fn register(number: u8) -> String {
    match REGISTERS.get(usize::from(number)) {
        Some(name) => (*name).to_owned(),
        None => format!("[invalid reg {number}]"),
    }
}

/// `A10, B3`: the registers whose bits are set in `mask`; the last register has the lowest bit.
fn put_set(out: &mut Output, mask: u32) {
    let names: Vec<_> = REGISTERS
        .iter()
        .rev()
        .enumerate()
        .filter(|(bit, _)| mask >> bit & 1 != 0)
        .map(|(_, name)| *name)
        .collect();
    out!(out, "{}", names.join(", "));
}

/// A frame with `count` registers: a slot is half a byte, and those are listed from the last.
fn pop_frame(out: &mut Output, bytes: &mut Bytes<'_, '_, '_, '_>, count: u8) -> Result<(), Stop> {
    let mut slots = Vec::new();
    let mut registers = 0;
    while registers < usize::from(count) {
        let byte = bytes.next(out)?;
        slots.extend([byte >> 4, byte & 0xf]);
        registers = slots.iter().filter(|&&slot| slot != PAD).count();
    }
    out!(out, "pop frame {{");
    if slots.is_empty() {
        out!(out, "*corrupt* - no registers specified");
    }
    for (index, &slot) in slots.iter().rev().enumerate() {
        if index != 0 {
            out.put(b", ");
        }
        if slot == PAD {
            out!(out, "[pad]");
        } else {
            out!(out, "{}", register(slot));
        }
    }
    out.put(b"}");
    Ok(())
}

/// Prints the word of compact model 3 or, if `is_compact`, 4.
pub fn display_compact(out: &mut Output, word: u32, is_compact: bool) {
    /// The increment that stands for a frame pointer.
    const FRAME_POINTER: u32 = 0x7f;
    if word >> 17 & 0x7f == FRAME_POINTER {
        out!(out, "  Restore stack from frame pointer\n");
    } else {
        out!(out, "  Stack increment {}\n", word >> 14 & 0x1fc);
    }
    out!(out, "  Registers restored: ");
    if is_compact {
        out!(out, " (compact) ");
    }
    put_set(out, word >> 4 & 0x1fff);
    out!(out, "\n  Return register: {}\n", register((word & 0xf) as u8));
}
