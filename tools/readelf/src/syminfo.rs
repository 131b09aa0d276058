//! The Solaris section `.SUNW_syminfo`, which tells for each dynamic symbol which library it is
//! bound to: shown with the dynamic section, `-d`.

use common::{Output, format, out};
use libelf::Table;
use libelf::raw::{DT_SYMINENT, DT_SYMINFO, DT_SYMINSZ};

use crate::object::Object;
use crate::options::Options;
use crate::text::Style;

/// The bytes of an entry (`Elf32_Syminfo`, `Elf64_Syminfo`): two half-words.
const ENTRY_SIZE: u64 = 4;
/// Bound to the object itself (`SYMINFO_BT_SELF`).
const BOUND_TO_SELF: u16 = 0xffff;
/// Bound to what loaded the object (`SYMINFO_BT_PARENT`).
const BOUND_TO_PARENT: u16 = 0xfffe;
/// The words for `SYMINFO_FLG_` bits, from the lowest.
const FLAGS: [&[u8]; 4] = [b" DIRECT", b" PASSTHRU", b" COPY", b" LAZYLOAD"];
/// The columns for a symbol's name in narrow mode.
const NAME_WIDTH: isize = 30;
/// The columns for a library's name in narrow mode.
const LIBRARY_WIDTH: isize = 10;

/// Where the entries are.
#[derive(Clone, Copy, Debug)]
pub struct Syminfo<'data> {
    /// Their file offset.
    offset: u64,
    data: &'data [u8],
}

/// Reads the entries that the dynamic section tells of, for [`display`]. Returns whether they are
/// whole.
pub fn load(out: &mut Output, object: &mut Object<'_>) -> bool {
    let mut offset = 0;
    let mut size = 0;
    for index in 0..object.dynamic.entries.len() {
        let Some(entry) = object.dynamic.entries.get(index).copied() else { break };
        match entry.tag {
            DT_SYMINENT if entry.value != ENTRY_SIZE => {
                out.error(format_args!("Bad value ({}) for SYMINENT entry", entry.value));
            }
            DT_SYMINSZ => size = entry.value,
            DT_SYMINFO => offset = object.offset_of_address(out, entry.value, size),
            _ => {}
        }
    }
    if offset == 0 || size == 0 {
        return true;
    }
    let data = object.get_data(out, offset, 1, size, Some("symbol information"));
    object.dynamic.syminfo = data.map(|data| Syminfo { offset, data });
    data.is_some()
}

/// Shows the entries.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    let Some(info) = object.dynamic.syminfo.filter(|_| options.dynamic) else { return true };
    let (Some(symbols), Some(strings)) = (object.dynamic.symbols, object.dynamic.strings) else {
        return false;
    };
    let style = Style::of(options);
    let fields = Table::<u16>::new(info.data, object.encoding());
    let count = fields.len() / 2;
    let entries = if count == 1 { "entry" } else { "entries" };
    out!(out, "\nDynamic info segment at offset {:#x} contains {count} {entries}:\n", info.offset);
    out!(out, " Num: Name                           BoundTo     Flags\n");
    for index in 0..count {
        let bound_to = fields.get(index.saturating_mul(2)).unwrap_or(0);
        let flags = fields.get(index.saturating_mul(2).saturating_add(1)).unwrap_or(0);
        let line = out.buf();
        format::dec_right(line, index as u64, 4);
        line.extend_from_slice(b": ");
        match symbols.symbols.get(index).map(|symbol| (symbol, strings.get_cut(symbol.name.into())))
        {
            None => line.extend_from_slice(b"<corrupt index>"),
            Some((_, Some(name))) => style.push_fitted(line, name, NAME_WIDTH),
            Some((symbol, None)) => {
                line.extend_from_slice(b"<corrupt: ");
                format::dec_right(line, symbol.name.into(), 19);
                line.push(b'>');
            }
        }
        line.push(b' ');
        let library = object.dynamic.entries.get(usize::from(bound_to));
        let library =
            library.filter(|_| bound_to != 0).and_then(|entry| strings.get_cut(entry.value));
        match (bound_to, library) {
            (BOUND_TO_SELF, _) => line.extend_from_slice(b"SELF       "),
            (BOUND_TO_PARENT, _) => line.extend_from_slice(b"PARENT     "),
            (_, Some(name)) => {
                style.push_fitted(line, name, LIBRARY_WIDTH);
                line.push(b' ');
            }
            (_, None) => {
                format::left(line, bound_to.to_string().as_bytes(), 10);
                line.push(b' ');
            }
        }
        for (bit, word) in FLAGS.iter().enumerate() {
            if flags >> bit & 1 != 0 {
                line.extend_from_slice(word);
            }
        }
        line.push(b'\n');
        out.relieve();
    }
    true
}
