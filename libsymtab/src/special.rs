//! Symbols that say nothing to people: marks of code and data for tools, and local labels that an
//! assembler left. Programs leave them out unless they are asked for.
//!
//! | machine | names |
//! |---|---|
//! | Arm | `$a`, `$d`, … any small letter, alone or before a `.` |
//! | AArch64 | `$x`, `$d`, `$m`, `$f`, `$p`, alone or before a `.` |
//! | RISC-V | `$x…`, `$d…`, local labels, and no name at all |
//! | MIPS | local labels |
//!
//! Local labels start with `.L` or `..`, or are what an assembler makes of `1:` and `1$:`.

use libelf::raw::{EM_AARCH64, EM_ARM, EM_MIPS, EM_RISCV, Machine};

/// Which names are special in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// None.
    None,
    /// Those of Arm.
    Arm,
    /// Those of AArch64.
    AArch64,
    /// Those of RISC-V.
    RiscV,
    /// Local labels.
    Labels,
}

impl Special {
    /// The special names of a machine.
    pub fn of(machine: Machine, is_64: bool) -> Self {
        match machine {
            EM_ARM if !is_64 => Self::Arm,
            EM_AARCH64 => Self::AArch64,
            EM_RISCV => Self::RiscV,
            EM_MIPS => Self::Labels,
            _ => Self::None,
        }
    }

    /// Whether a name is one. It may be followed by a zero byte and anything.
    pub fn has(self, name: &[u8]) -> bool {
        let is_mark = |letters: &dyn Fn(u8) -> bool| match *name {
            [b'$', letter] => letters(letter),
            [b'$', letter, end, ..] => letters(letter) && matches!(end, b'.' | 0),
            _ => false,
        };
        match self {
            Self::None => false,
            Self::Arm => is_mark(&|letter| letter.is_ascii_lowercase()),
            Self::AArch64 => is_mark(&|letter| matches!(letter, b'x' | b'd' | b'm' | b'f' | b'p')),
            Self::RiscV => {
                matches!(name, [] | [0, ..] | [b'$', b'x' | b'd', ..]) || is_local_label(name)
            }
            Self::Labels => is_local_label(name),
        }
    }
}

/// Whether a name is that of a label that an assembler keeps to itself.
fn is_local_label(name: &[u8]) -> bool {
    match name {
        [b'.', b'L' | b'.', ..] | [b'_', b'.', b'L', b'_', ..] => true,
        [b'L', rest @ ..] => is_numbered_label(rest),
        _ => false,
    }
}

/// What follows `L` in a label of a number: digits and a byte 1 or 2, then more digits.
fn is_numbered_label(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (Some(mark @ (1 | 2)), true) = (rest.get(digits), digits > 0) else { return false };
    let tail = rest.get(digits + 1..).unwrap_or_default();
    let tail = tail.split(|&byte| byte == 0).next().unwrap_or_default();
    // The first form, `L0^A`, may have anything after it.
    (digits == 1 && rest.first() == Some(&b'0') && *mark == 1)
        || tail.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_machine_has_its_own() {
        for (special, names, others) in [
            (Special::Arm, &["$a", "$d.1", "$z"][..], &["$aa", "$", "$A", "a"][..]),
            (Special::AArch64, &["$x", "$d.foo", "$p"], &["$a", "$xrv"]),
            (Special::RiscV, &["$x", "$xrv64i", "$dz", ".L1", ""], &["$a"]),
            (
                Special::Labels,
                &[".L", "..", "_.L_x", "L0\x01", "L12\x0234"],
                &["L1", "$d", "L\x01"],
            ),
            (Special::None, &[], &["$d", ".L"]),
        ] {
            assert!(names.iter().all(|name| special.has(name.as_bytes())), "{special:?}");
            assert!(!others.iter().any(|name| special.has(name.as_bytes())), "{special:?}");
        }
        assert!(Special::Arm.has(b"$a\0x") && !Special::Arm.has(b"$ab\0"));
    }
}
