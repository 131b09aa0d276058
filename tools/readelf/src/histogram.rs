//! How evenly the hash tables spread the dynamic symbols: `-I`.

use common::{Output, out};

use crate::hash_tables::{GnuTable, SysvTable};
use crate::object::Object;
use crate::options::Options;

/// Shows the lengths of the buckets of both hash tables.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.histogram {
        return true;
    }
    let tables = &object.dynamic.hash_tables;
    if let Some(table) = &tables.sysv {
        heading(out, "", table.buckets.len());
        sysv_lengths(out, table).display(out);
    }
    if let Some(table) = &tables.gnu {
        let name = if table.is_mips { " `.MIPS.xhash'" } else { " `.gnu.hash'" };
        heading(out, name, table.buckets.len());
        gnu_lengths(table).display(out);
    }
    true
}

fn heading(out: &mut Output, name: &str, buckets: usize) {
    let plural = if buckets == 1 { "" } else { "s" };
    out!(
        out,
        "\nHistogram for{name} bucket list length (total of {buckets} bucket{plural}):\n Length  \
         Number     % of total  Coverage\n"
    );
}

/// How many buckets have how many symbols.
#[derive(Debug, Default, PartialEq, Eq)]
struct Lengths {
    /// The number of buckets with as many symbols as the index says.
    buckets: Vec<u64>,
    /// The number of all symbols.
    symbols: u64,
}

impl Lengths {
    fn count(&mut self, length: usize) {
        if self.buckets.len() <= length {
            self.buckets.resize(length.saturating_add(1), 0);
        }
        if let Some(buckets) = self.buckets.get_mut(length) {
            *buckets = buckets.saturating_add(1);
        }
        self.symbols = self.symbols.saturating_add(length as u64);
    }

    #[expect(clippy::cast_precision_loss, reason = "per cent with one decimal")]
    fn display(&self, out: &mut Output) {
        let total = self.buckets.iter().sum::<u64>() as f64;
        let mut covered = 0_u64;
        for (length, &buckets) in (0_u64..).zip(&self.buckets) {
            let share = buckets as f64 * 100.0 / total;
            out!(out, "{length:7}  {buckets:<10} ({share:5.1}%)");
            if length != 0 {
                covered = covered.saturating_add(buckets.saturating_mul(length));
                out!(out, "    {:5.1}%", covered as f64 * 100.0 / self.symbols as f64);
            }
            out.put(b"\n");
        }
    }
}

fn sysv_lengths(out: &mut Output, table: &SysvTable<'_>) -> Lengths {
    let mut lengths = Lengths::default();
    let mut seen = vec![false; table.chains.len()];
    for first in table.buckets.iter() {
        let mut length = 0_usize;
        let mut symbol = first;
        while symbol != 0 {
            length = length.saturating_add(1);
            let index = usize::try_from(symbol).unwrap_or(usize::MAX);
            match seen.get_mut(index) {
                Some(seen) if !*seen => *seen = true,
                _ => {
                    out.error(format_args!("histogram chain is corrupt"));
                    break;
                }
            }
            symbol = table.chains.get(index).unwrap_or(0);
        }
        lengths.count(length);
    }
    lengths
}

fn gnu_lengths(table: &GnuTable<'_>) -> Lengths {
    // For each chain entry the number of entries from it to the end of its bucket, so that
    // buckets that share chains cost no more than others.
    let mut to_end = vec![0_u32; table.chains.len()];
    let mut left = 0_u32;
    for (slot, hash) in to_end.iter_mut().rev().zip(table.chains.iter().rev()) {
        left = if hash & 1 != 0 { 1 } else { left.saturating_add(1) };
        *slot = left;
    }
    let mut lengths = Lengths::default();
    for first in table.buckets.iter() {
        let index = first.checked_sub(table.first_symbol).filter(|_| first != 0);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let length = index.and_then(|index| to_end.get(index)).map_or(0, |&length| length as usize);
        lengths.count(length);
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash_tables::Words;
    use libelf::Encoding;
    use libelf::ident::Class;
    use libelf::raw::Endianness;

    const LE: Encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn a_chain_that_leads_back_is_corrupt() {
        let (buckets, chains) = (bytes(&[1, 3]), bytes(&[0, 2, 1, 0]));
        let table =
            SysvTable { buckets: Words::new(&buckets, 4, LE), chains: Words::new(&chains, 4, LE) };
        let mut out = Output::process("readelf").recorder();
        let lengths = sysv_lengths(&mut out, &table);
        assert_eq!(lengths, Lengths { buckets: vec![0, 1, 0, 1], symbols: 4 });
        assert_eq!(out.diagnostics(), 1);
    }

    #[test]
    fn a_gnu_chain_ends_at_an_odd_hash() {
        let (buckets, chains) = (bytes(&[5, 0, 7]), bytes(&[2, 3, 8, 4, 9]));
        let table = GnuTable {
            first_symbol: 5,
            buckets: Words::new(&buckets, 4, LE),
            chains: Words::new(&chains, 4, LE),
            is_mips: false,
        };
        assert_eq!(gnu_lengths(&table), Lengths { buckets: vec![1, 0, 1, 1], symbols: 5 });
    }
}
