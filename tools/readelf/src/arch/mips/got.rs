//! The global offset tables of MIPS: the primary one, and that of the procedure linkage table.
//!
//! ```text
//! DT_PLTGOT ->  lazy resolver, module pointer      reserved
//!               ...                                local: DT_MIPS_LOCAL_GOTNO, reserved included
//!               ...                                one for each symbol from DT_MIPS_GOTSYM up to
//!                                                  DT_MIPS_SYMTABNO
//! ```

use common::{Output, format, out};
use libelf::mips::{GP_BIAS, GP_REACH, is_module_pointer};
use libelf::names;
use libelf::raw::{
    DT_JMPREL, DT_MIPS_GOTSYM, DT_MIPS_LOCAL_GOTNO, DT_MIPS_PLTGOT, DT_MIPS_SYMTABNO, DT_PLTGOT,
    DT_PLTREL, DT_PLTRELSZ, DT_RELA,
};
use libelf::reloc::Relocs;

use crate::object::Object;
use crate::options::Options;
use crate::symbols::push_section_index;
use crate::text::Style;

/// The columns of names in the primary table, in files of 32 bits.
const NAME_WIDTH: usize = 27;
/// How many columns more they have in the other table, which does not show the access.
const ACCESS_WIDTH: usize = 11;
/// How many columns more they have in files of 64 bits.
const WIDER: usize = 56;

/// Shows both tables, as far as the dynamic section has them.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    let value = |tag| object.dynamic.value(tag).unwrap_or(0);
    let (table, locals) = (value(DT_PLTGOT), value(DT_MIPS_LOCAL_GOTNO));
    let plt = Plt {
        table: value(DT_MIPS_PLTGOT),
        relocs: value(DT_JMPREL),
        relocs_size: value(DT_PLTRELSZ),
        relocs_kind: value(DT_PLTREL),
    };
    if table != 0 && locals != 0 {
        let symbols = (value(DT_MIPS_GOTSYM), value(DT_MIPS_SYMTABNO));
        if !display_primary(out, options, object, table, locals, symbols) {
            return false;
        }
    }
    if plt.table != 0 && plt.relocs != 0 && plt.relocs_size != 0 && plt.relocs_kind != 0 {
        return display_plt(out, options, object, &plt);
    }
    true
}

/// Shows the table of a file without dynamic section: that in `.got`.
pub fn display_static(out: &mut Output, options: &Options, object: &Object<'_>) {
    let Some((_, section)) = object.section_by_name(b".got") else { return };
    let bytes = object.section_data(out, section, "Global Offset Table data");
    let table = Table::new(options, object, section.addr, bytes);
    table.title(out, "Static GOT");
    if bytes.is_some() {
        // An entry that is missing ends the dump.
        let _complete = table.static_entries(out, section.addr.wrapping_add(section.size));
    }
}

/// A table in memory, as far as the file has it.
struct Table<'a, 'data> {
    object: &'a Object<'data>,
    style: Style,
    /// The address of its start.
    address: u64,
    /// Its bytes, if they could be read.
    bytes: Option<&'data [u8]>,
    word: usize,
    /// The digits of an address.
    digits: usize,
}

impl<'a, 'data> Table<'a, 'data> {
    fn new(
        options: &Options,
        object: &'a Object<'data>,
        address: u64,
        bytes: Option<&'data [u8]>,
    ) -> Self {
        let word = object.encoding().word_size();
        Self { object, style: Style::of(options), address, bytes, word, digits: 2 * word }
    }

    /// The address `count` entries after `address`.
    fn after(&self, address: u64, count: u64) -> u64 {
        address.wrapping_add(count.wrapping_mul(self.word as u64))
    }

    fn entry(&self, address: u64) -> Option<u64> {
        // The table may lie across the end of the address space.
        let at = usize::try_from(address.wrapping_sub(self.address)).ok()?;
        self.object.encoding().word(self.bytes?, at)
    }

    /// Whether the entry at `address` is GNU's pointer to the module.
    fn has_module_pointer(&self, address: u64) -> bool {
        let class = self.object.encoding().class;
        self.entry(address).is_some_and(|entry| is_module_pointer(entry, class))
    }

    fn title(&self, out: &mut Output, title: &str) {
        let gp = self.address.wrapping_add(GP_BIAS);
        out!(out, "\n{title}:\n Canonical gp value: {gp:0width$x}\n\n", width = self.digits);
    }

    /// Shows the heading of entries with the code's way of access to them.
    fn access_columns(&self, out: &mut Output, rest: &str) {
        out!(out, "  {:>width$}     Access {rest}\n", "Address", width = self.digits);
    }

    /// Shows the heading of entries.
    fn columns(&self, out: &mut Output, rest: &str) {
        let width = self.digits;
        out!(out, "  {:>width$} {:>width$} {rest}\n", "Address", "Initial");
    }

    /// The heading of a symbol's columns.
    fn symbol_columns(&self) -> String {
        format!("{:>width$} {:<7} {:>3} Name", "Sym.Val.", "Type", "Ndx", width = self.digits)
    }

    /// Shows the columns of the symbol with this index, its name in `width` columns.
    fn symbol(&self, out: &mut Output, index: u64, width: usize) {
        let dynamic = &self.object.dynamic;
        let found = dynamic.symbols.and_then(|symbols| {
            let index = usize::try_from(index).ok()?;
            Some((symbols, index, symbols.symbols.get(index)?))
        });
        let Some((symbols, index, symbol)) = found else { return };
        let header = &self.object.header;
        let line = out.buf();
        format::hex_padded(line, symbol.value, self.digits);
        line.push(b' ');
        format::left(line, names::symbol_type(header, symbol.kind()).as_bytes(), 7);
        line.push(b' ');
        push_section_index(line, self.object, &symbols, index, &symbol, 3);
        line.push(b' ');
        match dynamic.strings.and_then(|names| names.get_cut(symbol.name.into())) {
            Some(name) => {
                let width = width + if self.object.is_64() { WIDER } else { 0 };
                self.style.push_cut(line, name, width);
            }
            None => out!(out, "<corrupt: {:14}>", symbol.name),
        }
    }

    fn symbol_count(&self) -> Option<u64> {
        self.object.dynamic.symbols.map(|symbols| symbols.symbols.len() as u64)
    }
}

fn display_primary(
    out: &mut Output,
    options: &Options,
    object: &mut Object<'_>,
    address: u64,
    locals: u64,
    (first_symbol, symbol_end): (u64, u64),
) -> bool {
    let Some(globals) = symbol_end.checked_sub(first_symbol) else {
        out.error(format_args!(
            "The GOT symbol offset ({first_symbol}) is greater than the symbol table size \
             ({symbol_end})"
        ));
        return false;
    };
    let word = object.encoding().word_size() as u64;
    let locals_end = address.wrapping_add(locals.wrapping_mul(word));
    if locals_end.checked_add(globals.wrapping_mul(word)).is_none() {
        out.error(format_args!("Too many GOT symbols: {symbol_end}"));
        return false;
    }
    let size = locals.wrapping_add(globals).wrapping_mul(word);
    let offset = object.offset_of_address(out, address, size);
    let bytes = object.get_data(out, offset, 1, size, Some("Global Offset Table data"));
    let table = Table::new(options, object, address, bytes);
    table.title(out, "Primary GOT");
    if table.primary_entries(out, locals, first_symbol..symbol_end).is_none() {
        // An entry that is missing ends the dump.
        out!(out, "\n");
    }
    true
}

impl Table<'_, '_> {
    fn static_entries(&self, out: &mut Output, end: u64) -> Option<()> {
        let title = format!("{:>width$}", "Value", width = self.digits);
        let mut address = self.address;
        if self.entry(address) == Some(0) {
            out!(out, " Reserved entries:\n");
            self.access_columns(out, &title);
            address = self.access_entry(out, address, "\n")?;
            if self.has_module_pointer(address) {
                address = self.access_entry(out, address, "\n")?;
            }
            out!(out, "\n");
        }
        self.local_entries(out, address, end, &title).map(drop)
    }

    fn primary_entries(
        &self,
        out: &mut Output,
        locals: u64,
        symbols: std::ops::Range<u64>,
    ) -> Option<()> {
        let title = format!("{:>width$}", "Initial", width = self.digits);
        out!(out, " Reserved entries:\n");
        self.access_columns(out, &format!("{title} Purpose"));
        let mut address = self.access_entry(out, self.address, " Lazy resolver\n")?;
        if self.has_module_pointer(address) {
            address = self.access_entry(out, address, " Module pointer (GNU extension)\n")?;
        }
        out!(out, "\n");
        address = self.local_entries(out, address, self.after(self.address, locals), &title)?;
        if !symbols.is_empty() {
            self.global_entries(out, address, symbols, &title)?;
        }
        Some(())
    }

    /// Shows the entries from `address` up to `end`; returns where the last of them ends.
    fn local_entries(
        &self,
        out: &mut Output,
        mut address: u64,
        end: u64,
        title: &str,
    ) -> Option<u64> {
        if address < end {
            out!(out, " Local entries:\n");
            self.access_columns(out, title);
            while address < end {
                address = self.access_entry(out, address, "\n")?;
            }
            out!(out, "\n");
        }
        Some(address)
    }

    /// Shows an entry from `address` on for each of `symbols`.
    fn global_entries(
        &self,
        out: &mut Output,
        mut address: u64,
        symbols: std::ops::Range<u64>,
        title: &str,
    ) -> Option<()> {
        out!(out, " Global entries:\n");
        self.access_columns(out, &format!("{title} {}", self.symbol_columns()));
        for index in symbols {
            let next = self.access_entry(out, address, " ");
            match self.symbol_count() {
                None => out!(out, "<no dynamic symbols>"),
                Some(count) if index < count => self.symbol(out, index, NAME_WIDTH),
                Some(_) => out!(out, "<symbol index {index} exceeds number of dynamic symbols>"),
            }
            out!(out, "\n");
            address = next?;
        }
        out!(out, "\n");
        Some(())
    }

    /// Shows address, access and value of an entry, and `rest`. Returns where the entry ends, or
    /// `None` if the dump ends with it.
    fn access_entry(&self, out: &mut Output, address: u64, rest: &str) -> Option<u64> {
        let line = out.buf();
        line.extend_from_slice(b"  ");
        format::hex_padded(line, address, self.digits);
        if address < self.address.wrapping_add(GP_REACH) {
            let access = address.wrapping_sub(self.address).wrapping_sub(GP_BIAS) as i64;
            out!(out, " {access:6}(gp) ");
        } else {
            out!(out, " {:10} ", "");
        }
        let value = self.value(out, address);
        out!(out, "{rest}");
        value.map(|()| self.after(address, 1))
    }

    fn value(&self, out: &mut Output, address: u64) -> Option<()> {
        let width = self.digits;
        if self.bytes.is_none() {
            out!(out, "{:>width$}", "<unknown>");
            return None;
        }
        let Some(entry) = self.entry(address) else {
            out.warn(format_args!("MIPS GOT entry extends beyond the end of available data"));
            out!(out, "{:>width$}", "<corrupt>");
            return None;
        };
        format::hex_padded(out.buf(), entry, width);
        Some(())
    }
}

/// What the dynamic section says of the table of the procedure linkage table.
struct Plt {
    /// Its address.
    table: u64,
    /// The address of the relocations that fill it.
    relocs: u64,
    /// Their size in bytes.
    relocs_size: u64,
    /// `DT_RELA`, or else they have no addends.
    relocs_kind: u64,
}

fn display_plt(out: &mut Output, options: &Options, object: &mut Object<'_>, plt: &Plt) -> bool {
    let offset = object.offset_of_address(out, plt.relocs, plt.relocs_size);
    let bits = if object.is_64() { 64 } else { 32 };
    let reason = &format!("{bits}-bit relocation data");
    let Some(bytes) = object.get_data(out, offset, 1, plt.relocs_size, Some(reason)) else {
        return false;
    };
    let (encoding, machine) = (object.encoding(), object.header.machine);
    let relocs = if plt.relocs_kind == DT_RELA.0 as u64 {
        Relocs::rela(bytes, encoding, machine)
    } else {
        Relocs::rel(bytes, encoding, machine)
    };
    let word = encoding.word_size() as u64;
    let size = (relocs.len() as u64).saturating_add(2).saturating_mul(word);
    let offset = object.offset_of_address(out, plt.table, size);
    let reason = Some("Procedure Linkage Table data");
    let Some(bytes) = object.get_data(out, offset, 1, size, reason) else { return false };
    let table = Table::new(options, object, plt.table, Some(bytes));
    out!(out, "\nPLT GOT:\n\n Reserved entries:\n");
    table.columns(out, "Purpose");
    let mut address = plt.table;
    for purpose in ["PLT lazy resolver", "Module pointer"] {
        table.plt_entry(out, address);
        out!(out, " {purpose}\n");
        address = table.after(address, 1);
    }
    out!(out, "\n Entries:\n");
    table.columns(out, &table.symbol_columns());
    for reloc in relocs.iter() {
        table.plt_entry(out, address);
        out!(out, " ");
        let index = u64::from(reloc.symbol);
        if index < table.symbol_count().unwrap_or(0) {
            table.symbol(out, index, NAME_WIDTH + ACCESS_WIDTH);
        } else {
            out!(out, "<corrupt symbol index: {index}>");
        }
        out!(out, "\n");
        address = table.after(address, 1);
    }
    out!(out, "\n");
    true
}

impl Table<'_, '_> {
    /// Shows address and value of an entry.
    fn plt_entry(&self, out: &mut Output, address: u64) {
        let line = out.buf();
        line.extend_from_slice(b"  ");
        format::hex_padded(line, address, self.digits);
        line.push(b' ');
        let _shown = self.value(out, address);
    }
}
