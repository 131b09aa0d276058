//! ARM's unwinding byte code. EHABI, section 10.3, "Frame unwinding instructions".

use common::{Output, out};

use super::arm::{Bytes, Stop};

/// Stands where a second byte would be printed.
const NO_OPERAND: &str = "     ";

/// Prints all instructions, one a line. `Err` if the last one is cut off.
pub fn display(out: &mut Output, bytes: &mut Bytes<'_, '_, '_, '_>) -> Result<(), Stop> {
    let mut result = Ok(());
    while let Some(op) = bytes.start(out)? {
        match op {
            0x00..=0x3f => out!(out, "{NO_OPERAND}vsp = vsp + {}", u32::from(op & 0x3f) * 4 + 4),
            0x40..=0x7f => out!(out, "{NO_OPERAND}vsp = vsp - {}", u32::from(op & 0x3f) * 4 + 4),
            0x80..=0x8f => {
                let mask = u32::from(op & 0xf) << 8 | u32::from(bytes.next(out)?);
                if mask == 0 {
                    out!(out, "Refuse to unwind");
                } else {
                    put_set(out, "r", mask << 4);
                }
            }
            0x9d | 0x9f => out!(out, "{NO_OPERAND}[Reserved]"),
            0x90..=0x9e => out!(out, "{NO_OPERAND}vsp = r{}", op & 0xf),
            0xa0..=0xaf => {
                let last = u32::from(op & 7) + 4;
                let link = if op & 8 == 0 { 0 } else { 1 << 14 };
                out.put(NO_OPERAND.as_bytes());
                put_set(out, "r", ((2 << last) - (1 << 4)) | link);
            }
            0xb0 => out!(out, "{NO_OPERAND}finish"),
            0xb1 | 0xc7 => {
                let mask = bytes.next(out)?;
                if mask == 0 || mask & 0xf0 != 0 {
                    out!(out, "[Spare]");
                } else {
                    put_set(out, if op == 0xb1 { "r" } else { "wCGR" }, mask.into());
                }
            }
            0xb2 => {
                if let Some(value) = bytes.uleb(out)? {
                    let bytes = (value << 2).wrapping_add(0x204);
                    out!(out, "vsp = vsp + {}", bytes.cast_signed());
                } else {
                    out.error(format_args!("corrupt change to vsp"));
                    result = Err(Stop);
                }
            }
            0xb3 | 0xc6 | 0xc8 | 0xc9 => {
                let range = bytes.next(out)?;
                let (register, base) = match op {
                    0xc6 => ("wR", 0),
                    0xc8 => ("D", 16),
                    _ => ("D", 0),
                };
                put_range(out, register, range, base);
            }
            0xb4 => out!(out, "{NO_OPERAND}pop {{ra_auth_code}}"),
            0xb5 => out!(out, "{NO_OPERAND}vsp as modifier for PAC validation"),
            0xb8..=0xbf | 0xd0..=0xd7 => put_range(out, "D", 0x80 | op & 7, 0),
            0xc0..=0xc5 => {
                out.put(NO_OPERAND.as_bytes());
                put_range(out, "wR", 0xa0 | op & 7, 0);
            }
            _ => {
                out!(out, "{NO_OPERAND}[unsupported opcode]");
                result = Err(Stop);
            }
        }
        out.put(b"\n");
    }
    result
}

/// `pop {r4, r5}`: the registers whose bits are set in `mask`.
fn put_set(out: &mut Output, register: &str, mask: u32) {
    let names: Vec<_> =
        (0..32).filter(|bit| mask >> bit & 1 != 0).map(|bit| format!("{register}{bit}")).collect();
    out!(out, "pop {{{}}}", names.join(", "));
}

/// `pop {D8-D10}`: the upper half of `range` is the first register, counted from `base`; the lower
/// one how many follow it.
fn put_range(out: &mut Output, register: &str, range: u8, base: u8) {
    let first = (range >> 4).saturating_add(base);
    out!(out, "pop {{{register}{first}");
    let more = range & 0xf;
    if more != 0 {
        out!(out, "-{register}{}", first.saturating_add(more));
    }
    out.put(b"}");
}
