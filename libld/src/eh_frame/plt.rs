//! Unwind records of the procedure linkage tables (`--ld-generated-unwind-info`): a debugger or a
//! profiler that stops in an entry finds its way out.
//!
//! ```text
//! CIE            what all functions have in common where they start
//! FDE .plt       in an entry the stack grows by a word at its second instruction
//! FDE .plt.got   nothing changes
//! ```

use libelf::Encoding;

use super::{CODE_START, LENGTH_SIZE};
use crate::arch::Plt;
use crate::encode::put_u32;
use crate::made::{Made, MadeSizes};

/// The tables that are described.
const TABLES: [Made; 3] = [Made::Plt, Made::PltGot, Made::PltSec];
/// `DW_CFA_nop`
const NOP: u8 = 0;

/// The tables that the output has, in order.
fn tables(sizes: &MadeSizes) -> impl Iterator<Item = Made> {
    TABLES.into_iter().filter(|&made| sizes.get(made).size != 0)
}

/// How many FDEs there are.
pub fn count(sizes: &MadeSizes) -> usize {
    tables(sizes).count()
}

/// The records, as they lie at `address`; and for each FDE where its code starts and where it lies
/// itself. `start` tells where a table lies.
pub fn records(
    plt: &dyn Plt,
    sizes: &MadeSizes,
    address: u64,
    start: impl Fn(Made) -> u64,
    encoding: Encoding,
) -> (Vec<u8>, Vec<(u64, u64)>) {
    let mut bytes = record(plt.common_frame(), encoding);
    let mut entries = Vec::new();
    for made in tables(sizes) {
        let at = bytes.len();
        let here = address.wrapping_add(at as u64);
        let mut body = Vec::new();
        // The CIE is the first record: its distance from this field.
        put_u32(&mut body, (at + LENGTH_SIZE) as u32, encoding);
        let code = start(made);
        put_u32(&mut body, code.wrapping_sub(here + CODE_START as u64) as u32, encoding);
        put_u32(&mut body, sizes.get(made).size as u32, encoding);
        // No augmentation.
        body.push(0);
        if made == Made::Plt {
            body.extend_from_slice(plt.lazy_frame());
        }
        bytes.extend(record(&body, encoding));
        entries.push((code, here));
    }
    (bytes, entries)
}

/// A record of this body: its length before it, and nothing behind it up to a whole word.
fn record(body: &[u8], encoding: Encoding) -> Vec<u8> {
    let size = (LENGTH_SIZE + body.len()).next_multiple_of(encoding.word_size());
    let mut bytes = Vec::with_capacity(size);
    put_u32(&mut bytes, (size - LENGTH_SIZE) as u32, encoding);
    bytes.extend_from_slice(body);
    bytes.resize(size, NOP);
    bytes
}

/// How large the records are, in bytes.
pub fn size(plt: &dyn Plt, sizes: &MadeSizes, encoding: Encoding) -> u64 {
    if count(sizes) == 0 {
        return 0;
    }
    records(plt, sizes, 0, |_| 0, encoding).0.len() as u64
}
