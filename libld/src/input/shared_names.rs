//! Names that share their bytes.
//!
//! A name starts anywhere in a string table and goes on to the next zero byte, so a thousand
//! headers can have a thousand names in one text of a megabyte. Compilers let names share their
//! ends, which saves a little; a damaged table makes gigabytes of a small file, in the output's
//! tables and in messages. Such files are refused.

/// So many bytes names may have, whatever the table holds.
const ENOUGH: usize = 1 << 26;
/// And so many times what the table holds.
const MOST_TIMES: usize = 16;
/// Names are looked at one by one only if a table has one that is longer than this, or has many.
const LONG: usize = 4096;

/// Whether `count` names that start at `starts` in a string table are together far longer than the
/// table.
pub fn are_too_long(table: &[u8], count: usize, starts: impl Iterator<Item = u32>) -> bool {
    // A name of twice that length covers a whole block.
    let longest = if has_long(table) { table.len() } else { 2 * LONG };
    let most = ENOUGH.saturating_add(table.len().saturating_mul(MOST_TIMES));
    if count.saturating_mul(longest) <= most {
        return false;
    }
    let mut sum = 0_usize;
    for start in starts {
        let rest = table.get(start as usize..).unwrap_or_default();
        sum = sum.saturating_add(memchr::memchr(0, rest).unwrap_or(rest.len()));
        if sum > most {
            return true;
        }
    }
    false
}

/// Whether a block of the table has no zero byte.
fn has_long(table: &[u8]) -> bool {
    table.chunks_exact(LONG).any(|block| memchr::memchr(0, block).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_names_or_short_ones_are_good() {
        let table = [vec![b'x'; 1 << 20], vec![0]].concat();
        assert!(!are_too_long(&table, 20, 0..20));
        assert!(are_too_long(&table, 100, 0..100));
        assert!(!are_too_long(&table, 100, (1 << 20) - 100..1 << 20), "the ends of it are short");
        let short = b"name\0".repeat(1 << 18);
        assert!(!are_too_long(&short, 1 << 20, 0..1 << 20));
        let wide = [vec![b'x'; LONG], vec![0]].concat();
        assert!(are_too_long(&wide, 1 << 18, std::iter::repeat_n(0, 1 << 18)));
        assert!(!are_too_long(&wide, 2, [1 << 30, 7].into_iter()), "what is no name has no length");
    }
}
