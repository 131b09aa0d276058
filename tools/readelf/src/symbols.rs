//! Symbol tables: `-s`, `--dyn-syms` and `-D`.
//!
//! Large tables are formatted in stretches on all cores and printed in order; see
//! [`crate::parallel`].

use common::{Output, format, out};
use libelf::raw::{
    ELFOSABI_SOLARIS, EM_ALPHA, EM_MIPS, SHN_UNDEF, SHT_DYNSYM, SHT_SYMTAB, STB_LOCAL, STT_SECTION,
};
use libelf::{SectionHeader, StringTable, Symbol, names};

use crate::hash_tables;
use crate::object::{CORRUPT, Object};
use crate::options::{Options, SymBase};
use crate::parallel;
use crate::symbol_table::{Definition, Symbols};
use crate::symbol_version::{SymbolVersion, SymbolVersions, VersionKind};
use crate::text::{self, Style};

/// The columns of a name in narrow mode, its version included.
const NAME_WIDTH: isize = 21;
/// The bits of `st_other` that are the visibility.
const STV_MASK: u8 = 3;
/// What [`names::symbol_other`] says of an `st_other` that Alpha does not know.
const UNKNOWN_ALPHA_OTHER: &str = "<unknown>";
/// The highest visibility of Solaris (`STV_ELIMINATE`).
const HIGHEST_SOLARIS_VISIBILITY: u8 = 6;
/// Sizes up to this are decimal where the base is mixed.
const DECIMAL_UP_TO: u64 = 99_999;

/// Shows the symbol tables that are asked for.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.syms && !options.dyn_syms {
        return true;
    }
    if options.use_dynamic {
        show_image_symbols(out, options, object);
    } else if options.syms && object.shnum == 0 {
        out!(out, "\nDynamic symbol information is not available for displaying symbols.\n");
    }
    if !options.use_dynamic || options.dyn_syms {
        show_section_symbols(out, options, object);
    }
    true
}

/// The symbols that the dynamic section names, as the loader finds them.
fn show_image_symbols(out: &mut Output, options: &Options, object: &Object<'_>) {
    let available = (object.dynamic.symbols, object.dynamic.strings);
    let (Some(symbols), Some(strings), false) =
        (available.0, available.1, !hash_tables::are_named(options, object))
    else {
        if options.syms {
            out!(out, "\nDynamic symbol information is not available for displaying symbols.\n");
        }
        return;
    };
    if !options.syms {
        return;
    }
    let count = symbols.symbols.len();
    out!(out, "\n");
    object.put_title(out, "Symbol table for image", " the dynamic symbol table");
    out!(out, " contains {count} {}:\n", entries(count));
    show_columns(out, object);
    let versions = SymbolVersions::read(object, object.dynamic.strings);
    let printer = Printer::new(options, object, symbols, Some(strings), None, versions.as_ref());
    printer.show(out);
}

fn show_section_symbols(out: &mut Output, options: &Options, object: &Object<'_>) {
    for (index, section) in object.sections.iter().enumerate() {
        let is_wanted = match section.kind {
            SHT_SYMTAB => options.syms && !options.use_dynamic,
            SHT_DYNSYM => true,
            _ => false,
        };
        if !is_wanted {
            continue;
        }
        if section.entsize == 0 {
            out!(out, "\nSymbol table '");
            out.put(&text::section_name(object.section_name(section)));
            out!(out, "' has a sh_entsize of zero!\n");
            continue;
        }
        let count = (section.size / section.entsize) as usize;
        out!(out, "\n");
        object.put_title(out, "Symbol table '", " symbol section '");
        out.put(&text::section_name(object.section_name(section)));
        out!(out, "' contains {count} {}:\n", entries(count));
        show_columns(out, object);
        let Some(symbols) = object.read_symbols(out, index as u32) else { continue };
        let strings = strings_of(out, object, section);
        let is_dynamic = section.kind == SHT_DYNSYM;
        let versions = is_dynamic.then(|| SymbolVersions::read(object, strings)).flatten();
        let printer =
            Printer::new(options, object, symbols, strings, Some(section), versions.as_ref());
        printer.show(out);
    }
}

/// Appends an index as a signed number, as wide as small ones are.
fn push_signed(line: &mut Vec<u8>, index: i32) {
    match u32::try_from(index) {
        Ok(index) => format::dec_right(line, index.into(), 3),
        Err(_) => line.extend_from_slice(format!("{index:3}").as_bytes()),
    }
}

/// Appends where a symbol is defined: the index of the section, or what a reserved one means, to
/// the right of `width` columns.
pub fn push_section_index(
    line: &mut Vec<u8>,
    object: &Object<'_>,
    symbols: &Symbols<'_>,
    index: usize,
    symbol: &Symbol,
    width: usize,
) {
    match symbols.definition(index, symbol) {
        // Where there should be no sections, any index may be right.
        Definition::Section(section) if object.shnum != 0 && section >= object.shnum => {
            line.extend_from_slice(b"bad section index[");
            push_signed(line, section.cast_signed());
            line.push(b']');
        }
        Definition::Section(0) => format::right(line, b"UND", width),
        Definition::Section(section) => format::dec_right(line, section.into(), width),
        Definition::Special(index) => {
            let name = names::special_section(&object.header, index);
            format::right(line, name.as_bytes(), width);
        }
    }
}

fn entries(count: usize) -> &'static str {
    if count == 1 { "entry" } else { "entries" }
}

fn show_columns(out: &mut Output, object: &Object<'_>) {
    if object.is_64() {
        out!(out, "   Num:    Value          Size Type    Bind   Vis      Ndx Name\n");
    } else {
        out!(out, "   Num:    Value  Size Type    Bind   Vis      Ndx Name\n");
    }
}

/// The strings of a symbol table; the section names may serve as them.
pub fn strings_of<'data>(
    out: &mut Output,
    object: &Object<'data>,
    section: &SectionHeader,
) -> Option<StringTable<'data>> {
    if section.link == object.shstrndx {
        return object.section_names;
    }
    let strings = object.section(section.link)?;
    object.section_data(out, strings, "string table").map(StringTable::new)
}

/// Prints the symbols of one table.
struct Printer<'a, 'data> {
    options: &'a Options,
    object: &'a Object<'data>,
    symbols: Symbols<'data>,
    strings: Option<StringTable<'data>>,
    /// The section of the table, if it was found through one.
    section: Option<&'a SectionHeader>,
    /// The versions of the symbols, if they have any.
    versions: Option<&'a SymbolVersions<'data>>,
    style: Style,
}

impl<'a, 'data> Printer<'a, 'data> {
    fn new(
        options: &'a Options,
        object: &'a Object<'data>,
        symbols: Symbols<'data>,
        strings: Option<StringTable<'data>>,
        section: Option<&'a SectionHeader>,
        versions: Option<&'a SymbolVersions<'data>>,
    ) -> Self {
        let style = Style::of(options);
        Self { options, object, symbols, strings, section, versions, style }
    }

    fn show(&self, out: &mut Output) {
        let symbols = self.symbols.symbols;
        parallel::for_entries(out, symbols.len(), |out, index| {
            if let Some(symbol) = symbols.get(index) {
                self.show_symbol(out, index, &symbol);
            }
        });
    }

    fn show_symbol(&self, out: &mut Output, index: usize, symbol: &Symbol) {
        let header = &self.object.header;
        let line = out.buf();
        format::dec_right(line, index as u64, 6);
        line.extend_from_slice(b": ");
        format::hex_padded(line, symbol.value, self.object.encoding().word_size() * 2);
        line.push(b' ');
        push_size(line, symbol.size, self.options.sym_base);
        line.push(b' ');
        format::left(line, names::symbol_type(header, symbol.kind()).as_bytes(), 7);
        line.push(b' ');
        format::left(line, names::symbol_binding(header, symbol.binding()).as_bytes(), 6);
        if header.os_abi() == ELFOSABI_SOLARIS && symbol.other > HIGHEST_SOLARIS_VISIBILITY {
            out.error(format_args!("Unrecognized visibility value: {}", symbol.other));
        }
        let line = out.buf();
        line.push(b' ');
        format::left(line, names::symbol_visibility(header, symbol.other).as_bytes(), 7);
        if symbol.other > 3 {
            self.show_other(out, symbol.other);
        }
        let line = out.buf();
        line.push(b' ');
        push_section_index(line, self.object, &self.symbols, index, symbol, 4);
        line.push(b' ');
        self.show_name(out, index, symbol);
        if symbol.binding() == STB_LOCAL {
            self.check_local(out, index);
        }
    }

    /// What `st_other` holds beside the visibility.
    fn show_other(&self, out: &mut Output, other: u8) {
        let header = &self.object.header;
        if let Some(text) = names::symbol_other(header, other) {
            if header.machine == EM_ALPHA && text == UNKNOWN_ALPHA_OTHER {
                let other = other & !STV_MASK;
                out.error(format_args!("Unrecognized alpha specific other value: {other}"));
            }
            out!(out, " [{text}] ");
        }
    }

    fn show_name(&self, out: &mut Output, index: usize, symbol: &Symbol) {
        let name = self.name(index, symbol);
        let version = self.versions.and_then(|versions| {
            let is_defined = self.symbols.is_defined(index, symbol);
            versions.lookup(out, index as u64, is_defined, symbol.name)
        });
        let line = out.buf();
        self.style.push_fitted(line, name, NAME_WIDTH - version.map_or(0, version_width));
        if let Some(version) = version {
            version.push(line);
        }
        line.push(b'\n');
    }

    /// The name of a symbol; that of its section where it has none of its own.
    fn name(&self, index: usize, symbol: &Symbol) -> &'data [u8] {
        if symbol.kind() == STT_SECTION
            && symbol.name == 0
            && let Some(section) = self.section_of(index, symbol)
            && let Some(section) = self.object.section(section)
        {
            return match self.object.section_names {
                Some(_) => self.object.section_name_up_to(section, self.style.name_limit()),
                None => CORRUPT,
            };
        }
        self.strings
            .and_then(|strings| strings.get_up_to(symbol.name.into(), self.style.name_limit()))
            .unwrap_or(CORRUPT)
    }

    /// The section that a symbol is defined in; the reserved one for an undefined symbol.
    fn section_of(&self, index: usize, symbol: &Symbol) -> Option<u32> {
        match self.symbols.definition(index, symbol) {
            Definition::Section(section) => Some(section),
            Definition::Special(index) => (index == SHN_UNDEF).then_some(0),
        }
    }

    /// Local symbols come first in a table, up to its `sh_info`; the tables of IRIX and Solaris do
    /// not heed that.
    fn check_local(&self, out: &mut Output, index: usize) {
        let Some(section) = self.section else { return };
        let header = &self.object.header;
        let is_heeded = header.machine != EM_MIPS && header.os_abi() != ELFOSABI_SOLARIS;
        if index >= section.info as usize && is_heeded {
            out.warn(format_args!(
                "local symbol {index} found at index >= {}'s sh_info value of {}",
                text::section_name_text(self.object.section_name(section)),
                section.info
            ));
        }
    }
}

/// The columns that a version takes from its symbol's name.
fn version_width(version: SymbolVersion<'_>) -> isize {
    let mark = match version.kind {
        VersionKind::Default => 2,
        VersionKind::Hidden => 1,
        VersionKind::Needed(index) => 1 + " ()".len() + index.to_string().len(),
    };
    (version.name.len() + mark).cast_signed()
}

/// A symbol's size in 5 columns.
fn push_size(line: &mut Vec<u8>, size: u64, base: SymBase) {
    match base {
        SymBase::Mixed if size <= DECIMAL_UP_TO => format::dec_right(line, size, 5),
        SymBase::Mixed => {
            line.extend_from_slice(b"0x");
            format::hex(line, size);
        }
        SymBase::Decimal => format::dec_right(line, size, 5),
        SymBase::Octal => {
            let start = line.len();
            format::octal(line, size);
            let digits = line.split_off(start);
            format::right(line, &digits, 5);
        }
        SymBase::Hexadecimal => {
            line.extend_from_slice(b"0x");
            format::hex_padded(line, size, 5);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_base() {
        let shown = |size, base| {
            let mut line = Vec::new();
            push_size(&mut line, size, base);
            String::from_utf8(line).unwrap()
        };
        assert_eq!(shown(99_999, SymBase::Mixed), "99999");
        assert_eq!(shown(100_000, SymBase::Mixed), "0x186a0");
        assert_eq!(shown(8, SymBase::Octal), "   10");
        assert_eq!(shown(8, SymBase::Decimal), "    8");
        assert_eq!(shown(8, SymBase::Hexadecimal), "0x00008");
    }
}
