//! The dynamic section: what other parts need to know of it. [`crate::dynamic_values`] shows it.

use common::{Output, out};
use libelf::dynamic::Dyn;
use libelf::raw::{
    DT_NULL, DT_STRSZ, DT_STRTAB, DT_SYMENT, DT_SYMTAB, DynamicTag, PT_DYNAMIC, SHT_NOBITS,
};
use libelf::{SectionHeader, StringTable, Table};

use crate::dynamic_values;
use crate::hash_tables::{self, HashTables};
use crate::object::{Object, loaded_range};
use crate::options::Options;
use crate::symbol_table::Symbols;
use crate::syminfo::{self, Syminfo};

/// What the dynamic section says, as far as it is loaded.
#[derive(Clone, Debug, Default)]
pub struct Dynamic<'data> {
    /// Where it lies in the file: offset and size in bytes; `(0, 0)` if the file has none.
    pub place: (u64, u64),
    /// Its entries up to the closing `DT_NULL`; empty while it is not loaded.
    pub entries: Vec<Dyn>,
    /// Whether the entries were read; there may be none.
    is_loaded: bool,
    /// Whether the entries count for [`Self::value`]: not if they were read for the ELF header
    /// alone.
    is_known: bool,
    /// The strings that it names, if they are available.
    pub strings: Option<StringTable<'data>>,
    /// The dynamic symbols, if they are available.
    pub symbols: Option<Symbols<'data>>,
    /// The hash tables of the dynamic symbols, if they were asked for.
    pub hash_tables: HashTables<'data>,
    /// What Solaris tells of the dynamic symbols, if anything.
    pub syminfo: Option<Syminfo<'data>>,
    /// The section of the dynamic symbols, if they were found through one.
    pub symbol_section: Option<SectionHeader>,
    /// The section of the strings, if there is one.
    pub string_section: Option<SectionHeader>,
}

impl Dynamic<'_> {
    /// The value of the last entry with this tag, which is the one that readelf goes by.
    pub fn value(&self, tag: DynamicTag) -> Option<u64> {
        let entries = if self.is_known { &self.entries[..] } else { &[] };
        entries.iter().rev().find(|entry| entry.tag == tag).map(|entry| entry.value)
    }
}

impl Object<'_> {
    /// Finds the dynamic section through the program headers, silently; the section of that name
    /// knows better. For what is asked before the program headers are shown.
    pub fn locate_dynamic(&mut self) {
        let Some(segment) = self
            .segments
            .as_ref()
            .and_then(|segments| segments.iter().find(|segment| segment.kind == PT_DYNAMIC))
        else {
            return;
        };
        let mut place = (segment.offset, segment.filesz);
        if let Some((_, section)) = self.section_by_name(b".dynamic") {
            place = match section.kind {
                SHT_NOBITS => (0, 0),
                _ if section.size == 0 => (0, 0),
                _ => (section.offset, section.size),
            };
        }
        let file_size = self.file_size;
        if place.0 > file_size || place.1 > file_size - place.0 {
            place = (0, 0);
        }
        self.dynamic.place = place;
    }

    /// Reads the entries of the dynamic section, once. Returns whether they are available.
    pub fn load_dynamic(&mut self, out: &mut Output) -> bool {
        if self.dynamic.is_loaded {
            return true;
        }
        let (offset, size) = self.dynamic.place;
        let Some(bytes) = self.get_data(out, offset, 1, size, Some("dynamic section")) else {
            return false;
        };
        self.dynamic.is_loaded = true;
        for entry in Table::<Dyn>::new(bytes, self.encoding()).iter() {
            self.dynamic.entries.push(entry);
            if entry.tag == DT_NULL {
                break;
            }
        }
        true
    }
}

/// Loads what the dynamic section says, and shows it if it is asked for.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    // GNU readelf marks a file without a dynamic section by a size of 1.
    if object.dynamic.place.1 <= 1 {
        if options.dynamic {
            out!(out, "\nThere is no dynamic section in {}.\n", object.this_file());
        }
        return true;
    }
    if !object.load_dynamic(out) {
        return false;
    }
    object.dynamic.is_known = true;
    if !load_tables(out, options, object) {
        // What the entries say of other parts is not heeded then.
        object.dynamic.is_known = false;
        return false;
    }
    if options.dynamic {
        dynamic_values::show(out, object);
    }
    true
}

/// Loads the tables that the entries name, as far as they are asked for. Returns whether all went
/// well.
fn load_tables(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    let lacks_symbols = object.dynamic.symbols.is_none() && options.use_dynamic;
    if lacks_symbols || options.histogram {
        object.dynamic.hash_tables = hash_tables::load(out, object);
    }
    if object.dynamic.symbols.is_none()
        && (options.use_dynamic || options.histogram)
        && !load_symbols(out, options, object)
    {
        return false;
    }
    if object.dynamic.strings.is_none() {
        load_strings(out, options, object);
    }
    syminfo::load(out, object)
}

/// Reads the dynamic symbols at `DT_SYMTAB`; the hash tables tell how many there are. Returns
/// whether they are sound, if there are any.
fn load_symbols(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    let value = |tag| object.dynamic.value(tag).filter(|&value| value != 0);
    let (Some(addr), Some(entsize)) = (value(DT_SYMTAB), value(DT_SYMENT)) else {
        return true;
    };
    let Some(count) = object.dynamic.hash_tables.symbol_count() else { return true };
    if !object.load_segments(out) {
        return true;
    }
    if !is_loaded_from_file(out, object, addr) {
        return false;
    }
    let Some(offset) = object.segment_offset(addr, 1) else { return true };
    let size = count.wrapping_mul(entsize);
    let differs = |section: SectionHeader| (section.offset, section.size) != (offset, size);
    if options.lint && object.dynamic.symbol_section.is_some_and(differs) {
        out.warn(format_args!(
            "the .dynsym section doesn't match the DT_SYMTAB and DT_SYMENT tags"
        ));
    }
    // The section has no name: GNU readelf takes it for one beyond the table of names.
    let section =
        SectionHeader { name: u32::MAX, offset, size, entsize, ..SectionHeader::default() };
    object.dynamic.symbols = object.read_symbols_of(out, &section).ok();
    if object.dynamic.symbols.is_none() {
        out.error(format_args!("Corrupt DT_SYMTAB dynamic entry"));
    }
    object.dynamic.symbols.is_some()
}

/// Reports a `PT_LOAD` segment beyond the end of the file, if there is one up to that which holds
/// `addr`. Returns whether there is none.
fn is_loaded_from_file(out: &mut Output, object: &Object<'_>, addr: u64) -> bool {
    let file_size = object.file_size;
    for segment in object.segments.iter().flatten() {
        let Some(range) = loaded_range(segment) else { continue };
        if segment.offset.checked_add(segment.filesz).is_none_or(|end| end > file_size) {
            out.error(format_args!("Invalid PT_LOAD entry"));
            return false;
        }
        if range.contains(&addr) {
            break;
        }
    }
    true
}

/// Reads the strings at `DT_STRTAB`.
fn load_strings(out: &mut Output, options: &Options, object: &mut Object<'_>) {
    let Some((addr, size)) = string_place(&object.dynamic.entries) else { return };
    let offset = object.offset_of_address(out, addr, size);
    let differs = |section: SectionHeader| (section.offset, section.size) != (offset, size);
    if options.lint && object.dynamic.string_section.is_some_and(differs) {
        out.warn(format_args!("the .dynstr section doesn't match the DT_STRTAB and DT_STRSZ tags"));
    }
    let bytes = object.get_data(out, offset, 1, size, Some("dynamic string table"));
    if bytes.is_none() {
        out.error(format_args!("Corrupt DT_STRTAB dynamic entry"));
    }
    object.dynamic.strings = bytes.map(StringTable::new);
}

/// Address and size of the strings: what the entries say up to the one that completes them. Later
/// ones are not heeded.
fn string_place(entries: &[Dyn]) -> Option<(u64, u64)> {
    let (mut addr, mut size) = (0, 0);
    entries.iter().find_map(|entry| {
        match entry.tag {
            DT_STRTAB => addr = entry.value,
            DT_STRSZ => size = entry.value,
            _ => {}
        }
        (addr != 0 && size != 0).then_some((addr, size))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_lie_where_the_first_whole_description_says() {
        let place = |entries: &[(DynamicTag, u64)]| {
            let entries: Vec<_> = entries.iter().map(|&(tag, value)| Dyn { tag, value }).collect();
            string_place(&entries)
        };
        assert_eq!(place(&[(DT_STRTAB, 8), (DT_STRTAB, 16), (DT_STRSZ, 4)]), Some((16, 4)));
        assert_eq!(place(&[(DT_STRSZ, 4), (DT_STRTAB, 8), (DT_STRSZ, 9)]), Some((8, 4)));
        assert_eq!(place(&[(DT_STRTAB, 8), (DT_STRSZ, 0)]), None);
    }
}
