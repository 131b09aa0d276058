//! The functions of a file by address.

use common::{Output, out};
use libelf::raw::{EM_ARM, SHT_SYMTAB, STT_FUNC};
use libelf::{StringTable, Symbol};

use crate::object::{CORRUPT, Object};
use crate::symbol_table::Symbols;
use crate::text;

/// A function is not looked for farther than this before an address, in bytes.
const FARTHEST: u64 = 0x10_0000;

/// An address, maybe relative to a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The section header index, 0 if the address is that of the loaded file.
    pub section: u32,
    /// The address, or the offset in the section.
    pub offset: u64,
}

/// The functions of a symbol table, sorted by address.
pub struct Functions<'data> {
    /// Address, section and name of each, if it has one.
    sorted: Vec<(u64, u32, Option<&'data [u8]>)>,
    /// The bits of an address that count.
    mask: u64,
}

/// The symbol table that names functions, with what relocations need of it.
pub struct FunctionSymbols<'data> {
    /// Its symbols.
    pub symbols: Option<Symbols<'data>>,
    /// Their names.
    pub strings: StringTable<'data>,
}

impl<'data> FunctionSymbols<'data> {
    /// Reads the symbol table of a file; `None` if it has one that cannot be read.
    pub fn read(out: &mut Output, object: &Object<'data>) -> Option<Self> {
        let mut found = Self { symbols: None, strings: StringTable::default() };
        for (index, section) in (0..).zip(&object.sections) {
            if section.kind != SHT_SYMTAB {
                continue;
            }
            if found.symbols.is_some() {
                out.error(format_args!("Multiple symbol tables encountered"));
            }
            found.symbols = Some(object.read_symbols(out, index)?);
            let Some(strings) = object.section(section.link) else {
                out.error(format_args!("Bad sh_link in symbol table section"));
                return None;
            };
            if section.link != 0 {
                let strings = object.section_data(out, strings, "string table")?;
                found.strings = StringTable::new(strings);
            }
        }
        Some(found)
    }

    /// The name of a symbol.
    pub fn name(&self, symbol: &Symbol) -> &'data [u8] {
        self.strings.get_cut(symbol.name.into()).unwrap_or(CORRUPT)
    }
}

impl<'data> Functions<'data> {
    /// The functions among `symbols`.
    pub fn new(object: &Object<'_>, symbols: &FunctionSymbols<'data>) -> Self {
        let table = symbols.symbols.iter().flat_map(|symbols| symbols.symbols.iter());
        let name = |symbol: &Symbol| (symbol.name != 0).then(|| symbols.name(symbol));
        let mut sorted: Vec<_> = table
            .filter(|symbol| symbol.kind() == STT_FUNC && symbol.value != 0)
            .map(|symbol| (symbol.value, symbol.shndx.0.into(), name(&symbol)))
            .collect();
        sorted.sort_by_key(|&(addr, ..)| addr);
        // The lowest bit of an ARM address tells Thumb code.
        let mask = if object.header.machine == EM_ARM { !1 } else { !0 };
        Self { sorted, mask }
    }

    /// The function that `address` lies in, or the last one before it, and how many bytes before.
    ///
    /// Among functions at one address the search takes the one that it meets first; one of another
    /// section than the address, or without a name, is passed over, and those beside it may be missed: as GNU readelf
    /// searches.
    pub fn find(&self, address: Address) -> Option<(&'data [u8], u64)> {
        let wanted = address.offset & self.mask;
        let mut rest = self.sorted.as_slice();
        let mut best = None;
        let mut distance = FARTHEST;
        loop {
            let (before, after) = rest.split_at_checked(rest.len() / 2)?;
            let Some((&(value, section, name), after)) = after.split_first() else {
                return best;
            };
            match wanted.checked_sub(value & self.mask) {
                Some(bytes) => {
                    let is_same = address.section == 0 || address.section == section;
                    if let Some(name) = name.filter(|_| is_same && bytes < distance) {
                        best = Some((name, bytes));
                        distance = bytes;
                    }
                    if distance == 0 {
                        return best;
                    }
                    rest = after;
                }
                None => rest = before,
            }
        }
    }
}

/// Prints an address as `0x1234`.
pub fn put_number(out: &mut Output, addr: u64) {
    out!(out, "{addr:#x}");
}

/// Prints ` <name+0x4>`.
pub fn put_name(out: &mut Output, name: &[u8], distance: u64) {
    out.put(b" <");
    out.put(&text::printable(name));
    if distance != 0 {
        out!(out, "+{distance:#x}");
    }
    out.put(b">");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions() -> Functions<'static> {
        let sorted = vec![
            (0x10, 1, Some(&b"a"[..])),
            (0x21, 1, Some(&b"b"[..])),
            (0x40, 2, Some(&b"c"[..])),
            (0x40, 1, Some(&b"d"[..])),
        ];
        Functions { sorted, mask: !1 }
    }

    #[test]
    fn the_function_before_an_address_is_found() {
        let find = |offset| functions().find(Address { section: 0, offset });
        assert_eq!(find(0xf), None);
        assert_eq!(find(0x10), Some((&b"a"[..], 0)));
        assert_eq!(find(0x23), Some((&b"b"[..], 2)));
        assert_eq!(find(0x40), Some((&b"c"[..], 0)));
        assert_eq!(find(0x40 + FARTHEST), None);
    }

    #[test]
    fn a_function_of_another_section_is_passed_over() {
        let find = |section, offset| functions().find(Address { section, offset });
        assert_eq!(find(1, 0x40), Some((&b"d"[..], 0)));
        assert_eq!(find(2, 0x50), Some((&b"c"[..], 0x10)));
        assert_eq!(find(3, 0x50), None);
    }
}
