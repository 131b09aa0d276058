//! Relocations: `-r`, of sections or, with `-D`, of the tables that the dynamic section names.
//!
//! A line, here of a 64-bit file in wide mode:
//!
//! ```text
//! 0000000000023f88  0000006c00000006 R_X86_64_GLOB_DAT      0000000000000000 free@GLIBC_2.2.5 + 0
//! offset            info             type                   symbol's value   name and addend
//! ```
//!
//! Some machines say more, or something else, about a relocation: see [`Special`].

use common::{Output, format, out};
use libelf::names::RelocNames;
use libelf::raw::{
    DT_JMPREL, DT_PLTREL, DT_PLTRELSZ, DT_REL, DT_RELA, DT_RELASZ, DT_RELR, DT_RELRSZ, DT_RELSZ,
    DynamicTag, EM_386, EM_ALPHA, EM_ARM, EM_BPF, EM_IAMCU, EM_MIPS, EM_MIPS_RS3_LE, EM_PARISC,
    EM_SPARCV9, Machine, SHN_ABS, SHN_COMMON, SHN_UNDEF, SHT_DYNSYM, SHT_REL, SHT_RELA, SHT_RELR,
    SHT_SYMTAB, STT_GNU_IFUNC, STT_SECTION,
};
use libelf::reloc::{Reloc, Relocs, relr_addresses, relr_addresses_32};
use libelf::{SectionHeader, StringTable, Symbol, Table, names};

use crate::object::Object;
use crate::options::Options;
use crate::parallel;
use crate::symbol_table::{Definition, Hex, Symbols};
use crate::symbol_version::{SymbolVersion, SymbolVersions};
use crate::text::{self, Style};

/// The columns of a name in narrow mode.
const NAME_WIDTH: isize = 22;
/// The columns of a type in wide mode.
const WIDE_TYPE_WIDTH: usize = 22;
/// The columns of a type in narrow mode.
const TYPE_WIDTH: usize = 17;
/// `R_ALPHA_LITUSE`: its addend says how a literal is used.
const R_ALPHA_LITUSE: u32 = 5;
/// `R_SPARC_OLO10`: the upper bits of its type are a second addend.
const R_SPARC_OLO10: u32 = 33;

/// The machines that the forms of relocations are told by, as far as [`libelf::raw`] has no
/// constant for them.
mod em {
    use libelf::raw::Machine;

    pub const S370: Machine = Machine(9);
    pub const OLD_SPARCV9: Machine = Machine(11);
    pub const I960: Machine = Machine(19);
    pub const M68HC12: Machine = Machine(53);
    pub const M68HC11: Machine = Machine(70);
    pub const PICOJAVA: Machine = Machine(91);
    pub const SNP1K: Machine = Machine(99);
    pub const D30V: Machine = Machine(85);
    pub const IP2K: Machine = Machine(115);
    pub const SCORE: Machine = Machine(135);
    pub const Z80: Machine = Machine(220);
    pub const AMDGPU: Machine = Machine(224);
    pub const NFP: Machine = Machine(250);
    pub const LOONGARCH: Machine = Machine(258);
    pub const S12Z: Machine = Machine(0x4def);
    pub const CYGNUS_M32R: Machine = Machine(0x9041);
    pub const NIOS32: Machine = Machine(0xfebb);
    pub const DLX: Machine = Machine(0x5aa5);
    pub const CYGNUS_D30V: Machine = Machine(0x7650);
}

/// Shows the relocations that are asked for.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.relocs {
        return true;
    }
    if options.use_dynamic {
        show_dynamic(out, options, object)
    } else {
        show_static(out, options, object)
    }
}

/// A table of relocations that the dynamic section names.
struct DynamicTable {
    name: &'static str,
    addr: DynamicTag,
    size: DynamicTag,
    form: Option<Form>,
}

/// How entries are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Rel,
    Rela,
    Relr,
}

const DYNAMIC_TABLES: &[DynamicTable] = &[
    DynamicTable { name: "REL", addr: DT_REL, size: DT_RELSZ, form: Some(Form::Rel) },
    DynamicTable { name: "RELA", addr: DT_RELA, size: DT_RELASZ, form: Some(Form::Rela) },
    DynamicTable { name: "RELR", addr: DT_RELR, size: DT_RELRSZ, form: Some(Form::Relr) },
    // `DT_PLTREL` tells the form.
    DynamicTable { name: "PLT", addr: DT_JMPREL, size: DT_PLTRELSZ, form: None },
];

fn show_dynamic(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    let mut found = false;
    for table in DYNAMIC_TABLES {
        let size = object.dynamic.value(table.size).unwrap_or(0);
        if size == 0 {
            continue;
        }
        found = true;
        let addr = object.dynamic.value(table.addr).unwrap_or(0);
        let name = table.name;
        let (own, linked) = (format!("'{name}' relocation section"), format!(" section '{name}'"));
        out!(out, "\n");
        object.put_title(out, &own, &linked);
        out!(out, " at offset {} contains {size} bytes:\n", Hex(addr));
        let symbols = object.dynamic.symbols;
        let strings = object.dynamic.strings;
        let context = Context { symbols, strings, has_versions: true };
        let offset = object.offset_of_address(out, addr, size);
        let form = table.form.unwrap_or_else(|| plt_form(out, object));
        show_table(out, options, object, form, (offset, size), context);
    }
    if !found {
        out!(out, "\nThere are no dynamic relocations in {}.\n", object.this_file());
    }
    true
}

/// The form of the PLT's relocations: as `DT_PLTREL` says, else as the machine has it.
fn plt_form(out: &mut Output, object: &Object<'_>) -> Form {
    match object.dynamic.value(DT_PLTREL) {
        Some(tag) if tag == DT_REL.0 as u64 => Form::Rel,
        Some(tag) if tag == DT_RELA.0 as u64 => Form::Rela,
        _ if uses_rel(object.header.machine) => Form::Rel,
        _ if is_known(object) => Form::Rela,
        _ => {
            out.warn(format_args!("Don't know about relocations on this machine architecture"));
            Form::Rel
        }
    }
}

/// Whether readelf knows the form of a machine's relocations: that of most with names for them,
/// and of one without.
fn is_known(object: &Object<'_>) -> bool {
    if object.header.machine == em::NIOS32 {
        return true;
    }
    names::reloc_names(&object.header).is_some()
        && !matches!(
            object.header.machine,
            em::S370
                | em::OLD_SPARCV9
                | EM_PARISC
                | em::M68HC12
                | em::M68HC11
                | em::PICOJAVA
                | em::SNP1K
                | em::Z80
                | em::AMDGPU
                | em::LOONGARCH
                | em::S12Z
        )
}

/// Whether the relocations of a machine hold no addends.
fn uses_rel(machine: Machine) -> bool {
    matches!(
        machine,
        EM_386
            | EM_IAMCU
            | EM_MIPS
            | EM_MIPS_RS3_LE
            | EM_ARM
            | EM_BPF
            | em::I960
            | em::D30V
            | em::IP2K
            | em::SCORE
            | em::NFP
            | em::CYGNUS_M32R
            | em::DLX
            | em::CYGNUS_D30V
    )
}

fn show_static(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    let mut found = false;
    for index in 0..object.sections.len() {
        let Some(section) = object.sections.get(index).copied() else { continue };
        let form = match section.kind {
            SHT_REL => Form::Rel,
            SHT_RELA => Form::Rela,
            SHT_RELR => Form::Relr,
            _ => continue,
        };
        if section.size == 0 {
            continue;
        }
        show_section_title(out, object, &section);
        found |= show_section(out, options, object, &section, form);
    }
    if !found {
        show_none(out, object);
    }
    true
}

fn show_section_title(out: &mut Output, object: &Object<'_>, section: &SectionHeader) {
    out!(out, "\n");
    object.put_title(out, "Relocation section ", " relocation section ");
    if object.section_names.is_some() {
        out.put(b"'");
        out.put(&text::section_name(object.section_name(section)));
        out.put(b"'");
    } else {
        out!(out, "{}", section.name.cast_signed());
    }
    let count = section.size.checked_div(section.entsize).unwrap_or(0);
    let noun = if count == 1 { "entry" } else { "entries" };
    out!(out, " at offset {} contains {count} {noun}:\n", Hex(section.offset));
}

fn show_none(out: &mut Output, object: &Object<'_>) {
    let has_dynamic = DYNAMIC_TABLES
        .iter()
        .any(|table| object.dynamic.value(table.size).is_some_and(|size| size != 0));
    if has_dynamic {
        out!(
            out,
            "\nThere are no static relocations in this file.\nTo see the dynamic relocations add \
             --use-dynamic to the command line.\n"
        );
    } else {
        out!(out, "\nThere are no relocations in {}.\n", object.this_file());
    }
}

/// Shows the relocations of a section. `false`: they are linked to something that is no symbol
/// table, or to one that cannot be read with its strings.
fn show_section(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    section: &SectionHeader,
    form: Form,
) -> bool {
    let Some(context) = section_context(out, object, section) else { return false };
    show_table(out, options, object, form, (section.offset, section.size), context);
    true
}

/// What the relocations of a section refer to.
fn section_context<'data>(
    out: &mut Output,
    object: &Object<'data>,
    section: &SectionHeader,
) -> Option<Context<'data>> {
    if section.link == 0 || section.link >= object.shnum {
        return Some(Context { symbols: None, strings: None, has_versions: false });
    }
    let symtab = object.section(section.link)?;
    if !matches!(symtab.kind, SHT_SYMTAB | SHT_DYNSYM) {
        return None;
    }
    let symbols = object.read_symbols(out, section.link)?;
    if symtab.link >= object.shnum {
        out.error(format_args!("Bad sh_link in symbol table section"));
        return None;
    }
    let strings = match object.section(symtab.link) {
        Some(strings) if symtab.link != 0 => {
            Some(object.section_data(out, strings, "string table").map(StringTable::new)?)
        }
        _ => None,
    };
    Some(Context { symbols: Some(symbols), strings, has_versions: symtab.kind == SHT_DYNSYM })
}

/// What relocations refer to.
#[derive(Clone, Copy)]
struct Context<'data> {
    symbols: Option<Symbols<'data>>,
    strings: Option<StringTable<'data>>,
    /// Whether the symbols are dynamic ones, whose names have versions.
    has_versions: bool,
}

/// Shows the relocations at `place`: offset and size in bytes.
fn show_table(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    form: Form,
    place: (u64, u64),
    context: Context<'_>,
) {
    let class = if object.is_64() { "64" } else { "32" };
    let reason = match form {
        Form::Relr => "RELR relocation data".to_owned(),
        _ => format!("{class}-bit relocation data"),
    };
    let Some(bytes) = object.get_data(out, place.0, 1, place.1, Some(&reason)) else {
        return;
    };
    let encoding = object.encoding();
    let relocs = match form {
        Form::Relr => {
            show_relr(out, object, bytes);
            return;
        }
        Form::Rel => Relocs::rel(bytes, encoding, object.header.machine),
        Form::Rela => Relocs::rela(bytes, encoding, object.header.machine),
    };
    let versions =
        context.has_versions.then(|| SymbolVersions::read(object, context.strings)).flatten();
    let printer = Printer {
        object,
        relocs,
        context,
        versions,
        names: names::reloc_names(&object.header),
        style: Style::of(options),
        wide: options.wide,
    };
    printer.show(out);
}

/// Shows the addresses that a RELR section stands for.
fn show_relr(out: &mut Output, object: &Object<'_>, bytes: &[u8]) {
    let encoding = object.encoding();
    if object.is_64() {
        let words = Table::<u64>::new(bytes, encoding);
        show_addresses(out, || relr_addresses(words), 16);
    } else {
        let words = Table::<u32>::new(bytes, encoding);
        show_addresses(out, || relr_addresses_32(words), 8);
    }
}

fn show_addresses<I: Iterator<Item = u64>>(
    out: &mut Output,
    addresses: impl Fn() -> I,
    digits: usize,
) {
    let count = addresses().count();
    out!(out, "  {count} offset{}\n", if count == 1 { "" } else { "s" });
    for addr in addresses() {
        let line = out.buf();
        format::hex_padded(line, addr, digits);
        line.push(b'\n');
        out.relieve();
    }
}

/// Prints the REL or RELA entries of one table.
struct Printer<'a, 'data> {
    object: &'a Object<'data>,
    relocs: Relocs<'data>,
    context: Context<'data>,
    versions: Option<SymbolVersions<'data>>,
    names: Option<&'static RelocNames>,
    style: Style,
    wide: bool,
}

impl<'data> Printer<'_, 'data> {
    fn show(&self, out: &mut Output) {
        out!(out, "{}", self.columns());
        parallel::for_entries(out, self.relocs.len(), |out, index| {
            if let Some(reloc) = self.relocs.get(index) {
                self.show_reloc(out, &reloc);
            }
        });
    }

    fn columns(&self) -> &'static str {
        match (self.object.is_64(), self.wide, self.relocs.has_addends()) {
            (false, true, true) => {
                " Offset     Info    Type                Sym. Value  Symbol's Name + Addend\n"
            }
            (false, true, false) => {
                " Offset     Info    Type                Sym. Value  Symbol's Name\n"
            }
            (false, false, true) => {
                " Offset     Info    Type            Sym.Value  Sym. Name + Addend\n"
            }
            (false, false, false) => " Offset     Info    Type            Sym.Value  Sym. Name\n",
            (true, true, true) => {
                "    Offset             Info             Type               Symbol's Value  \
                 Symbol's Name + Addend\n"
            }
            (true, true, false) => {
                "    Offset             Info             Type               Symbol's Value  \
                 Symbol's Name\n"
            }
            (true, false, true) => {
                "  Offset          Info           Type           Sym. Value    Sym. Name + Addend\n"
            }
            (true, false, false) => {
                "  Offset          Info           Type           Sym. Value    Sym. Name\n"
            }
        }
    }

    fn show_reloc(&self, out: &mut Output, reloc: &Reloc) {
        let line = out.buf();
        let digits = match (self.object.is_64(), self.wide) {
            (false, _) => 8,
            (true, false) => 12,
            (true, true) => 16,
        };
        format::hex_padded(line, reloc.offset, digits);
        line.extend_from_slice(b"  ");
        format::hex_padded(line, reloc.info, digits);
        line.push(b' ');
        let kind = self.names.map_or(reloc.kind, |names| names.kind(reloc.kind));
        let width = if self.wide { WIDE_TYPE_WIDTH } else { TYPE_WIDTH };
        self.push_type(line, kind, width);
        match self.special(reloc, kind) {
            Some(Special::LiteralUse(addend)) => {
                line.push(b' ');
                line.extend_from_slice(names::alpha_lituse(addend).as_bytes());
            }
            other => {
                if reloc.symbol != 0 {
                    self.show_symbol(out, reloc);
                } else if let Some(addend) = reloc.addend {
                    self.push_lone_addend(out.buf(), addend);
                }
                if let Some(Special::SecondAddend(addend)) = other {
                    let line = out.buf();
                    line.extend_from_slice(b" + ");
                    format::hex(line, addend);
                }
            }
        }
        out.buf().push(b'\n');
        if self.relocs.has_three_types() {
            self.push_mips_types(out.buf(), reloc);
        }
    }

    fn push_type(&self, line: &mut Vec<u8>, kind: u32, width: usize) {
        match self.names.and_then(|names| names.get(kind)) {
            Some(name) if width == TYPE_WIDTH => format::left_cut(line, name.as_bytes(), width),
            Some(name) => format::left(line, name.as_bytes(), width),
            None => push_unnamed_type(line, kind),
        }
    }

    /// The second and third type of a 64-bit MIPS relocation, a line each.
    fn push_mips_types(&self, line: &mut Vec<u8>, reloc: &Reloc) {
        let [_, second, third] = reloc.mips_types();
        for (number, kind) in [(b'2', second), (b'3', third)] {
            line.extend_from_slice(b"                    Type");
            line.push(number);
            line.extend_from_slice(b": ");
            self.push_type(line, kind.into(), TYPE_WIDTH);
            line.push(b'\n');
        }
    }

    /// What the machine says of this relocation beside symbol and addend.
    fn special(&self, reloc: &Reloc, kind: u32) -> Option<Special> {
        match self.object.header.machine {
            EM_ALPHA if kind == R_ALPHA_LITUSE => reloc.addend.map(Special::LiteralUse),
            EM_SPARCV9 if kind == R_SPARC_OLO10 => {
                // The 24 bits above the type's 8, signed; in both classes.
                let data = (reloc.info as u32).cast_signed() >> 8;
                Some(Special::SecondAddend(i64::from(data).cast_unsigned()))
            }
            _ => None,
        }
    }

    /// The addend of a relocation without a symbol, under the names of the others.
    fn push_lone_addend(&self, line: &mut Vec<u8>, addend: i64) {
        let blank = if self.object.is_64() { 20 } else { 12 };
        line.resize(line.len() + blank, b' ');
        if addend < 0 {
            line.push(b'-');
        }
        format::hex(line, addend.unsigned_abs());
    }

    fn show_symbol(&self, out: &mut Output, reloc: &Reloc) {
        let index = reloc.symbol as usize;
        let symbol =
            self.context.symbols.and_then(|symbols| Some((symbols.symbols.get(index)?, symbols)));
        let Some((symbol, symbols)) = symbol else {
            out.error(format_args!(" bad symbol index: {:08x} in reloc", reloc.symbol));
            return;
        };
        // What the version's look-up reports stands before the symbol.
        let version = self.versions.as_ref().and_then(|versions| {
            versions.lookup(out, index as u64, symbols.is_defined(index, &symbol), symbol.name)
        });
        out.buf().push(b' ');
        self.push_value(out.buf(), &symbol, version);
        self.show_name(out, index, &symbol, symbols, version);
        if let Some(addend) = reloc.addend {
            let line = out.buf();
            line.extend_from_slice(if addend < 0 { b" - " } else { b" + " });
            format::hex(line, addend.unsigned_abs());
        }
    }

    /// The symbol's value; of one whose value is found by calling it, its name and version.
    fn push_value(
        &self,
        line: &mut Vec<u8>,
        symbol: &Symbol,
        version: Option<SymbolVersion<'data>>,
    ) {
        let is_64 = self.object.is_64();
        if symbol.kind() != STT_GNU_IFUNC {
            format::hex_padded(line, symbol.value, if is_64 { 16 } else { 8 });
            line.extend_from_slice(if is_64 { b" " } else { b"   " });
            return;
        }
        let width: usize = if is_64 { 14 } else { 8 };
        let limit = self.style.name_limit();
        let name =
            self.context.strings.and_then(|names| names.get_up_to(symbol.name.into(), limit));
        let name = match name {
            Some(name) if symbol.name != 0 => name,
            _ => b"??",
        };
        let columns = self.style.push_cut(line, name, width);
        if let Some(version) = version {
            version.push_name(line);
        }
        line.extend_from_slice(b"()");
        let blank = if columns <= width { width + 1 - columns } else { 1 };
        line.resize(line.len() + blank, b' ');
    }

    fn show_name(
        &self,
        out: &mut Output,
        index: usize,
        symbol: &Symbol,
        symbols: Symbols<'data>,
        version: Option<SymbolVersion<'data>>,
    ) {
        if symbol.name == 0 {
            self.push_section_name(out.buf(), index, symbol, symbols);
            return;
        }
        let Some(strings) = self.context.strings else {
            out!(out, "<string table index: {:3}>", symbol.name);
            return;
        };
        let limit = self.style.name_limit();
        let Some(name) = strings.get_up_to(symbol.name.into(), limit) else {
            out.error(format_args!("<corrupt string table index: {:3}>", symbol.name));
            return;
        };
        let line = out.buf();
        self.style.push_fitted(line, name, NAME_WIDTH);
        if let Some(version) = version {
            version.push_name(line);
        }
    }

    /// What stands for the name of a symbol without one: mostly that of its section.
    fn push_section_name(
        &self,
        line: &mut Vec<u8>,
        index: usize,
        symbol: &Symbol,
        symbols: Symbols<'data>,
    ) {
        if symbol.kind() != STT_SECTION {
            self.style.push_fitted(line, b"<null>", NAME_WIDTH);
            return;
        }
        match symbols.definition(index, symbol) {
            Definition::Section(section) => match self.object.section(section) {
                Some(section) => {
                    let limit = self.style.name_limit();
                    let name = self.object.section_name_up_to(section, limit);
                    self.style.push_fitted(line, name, NAME_WIDTH);
                }
                None => push_unknown_section(line, section),
            },
            Definition::Special(SHN_ABS) => line.extend_from_slice(b"ABS"),
            Definition::Special(SHN_COMMON) => line.extend_from_slice(b"COMMON"),
            Definition::Special(SHN_UNDEF) => {
                let name = self.object.section(0).map_or(&b""[..], |s| self.object.section_name(s));
                self.style.push_fitted(line, name, NAME_WIDTH);
            }
            Definition::Special(shndx) => push_unknown_section(line, shndx.0.into()),
        }
    }
}

/// What a machine says of a relocation in a way of its own.
enum Special {
    /// How an Alpha literal is used, in place of symbol and addend.
    LiteralUse(i64),
    /// A second addend, on SPARC.
    SecondAddend(u64),
}

fn push_unnamed_type(line: &mut Vec<u8>, kind: u32) {
    line.extend_from_slice(b"unrecognized: ");
    let start = line.len();
    format::hex(line, kind.into());
    let blank = 7_usize.saturating_sub(line.len() - start);
    line.resize(line.len() + blank, b' ');
}

fn push_unknown_section(line: &mut Vec<u8>, section: u32) {
    line.extend_from_slice(b"<section 0x");
    format::hex(line, section.into());
    line.push(b'>');
}
