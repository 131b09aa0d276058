//! `--print-memory-usage`: how full the regions of the memory are.
//!
//! ```text
//! Memory region         Used Size  Region Size  %age Used
//!              rom:         163 B        64 KB      0.25%
//! ```

use std::fmt::Write as _;

use crate::layout::Engine;

/// The table, with a newline at the end of each line.
pub fn usage(engine: &Engine<'_, '_>) -> Vec<u8> {
    let mut out = b"Memory region         Used Size  Region Size  %age Used\n".to_vec();
    for region in &engine.plan().regions {
        let name = region.name.name;
        let (Some((_, length)), Some(used)) = (engine.region(name), engine.used(name)) else {
            continue;
        };
        let blanks = 16_usize.saturating_sub(name.len());
        out.resize(out.len().saturating_add(blanks), b' ');
        out.extend_from_slice(name);
        let mut text = String::with_capacity(48);
        let _ = write!(text, ": {}{}", size(used), size(length));
        if length != 0 {
            let (used, length) = (u128::from(used), u128::from(length));
            // Hundredths of a percent, rounded.
            let share = (used * 10_000 + length / 2) / length;
            let _ = write!(text, " {:6}.{:02}%", share / 100, share % 100);
        }
        text.push('\n');
        out.extend_from_slice(text.as_bytes());
    }
    out
}

/// A number of bytes in the largest unit that it is a multiple of, in thirteen columns.
fn size(bytes: u64) -> String {
    const UNITS: [(u32, &str); 3] = [(30, "GB"), (20, "MB"), (10, "KB")];
    for (shift, unit) in UNITS {
        if bytes.trailing_zeros() >= shift {
            return format!("{:10} {unit}", bytes >> shift);
        }
    }
    format!("{bytes:11} B")
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_the_largest_unit_that_fits() {
        assert_eq!(size(70), "         70 B");
        assert_eq!(size(64 << 10), "        64 KB");
        assert_eq!(size(1 << 31), "         2 GB");
        assert_eq!(size(0), "         0 GB");
    }
}
