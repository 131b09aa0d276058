//! Section headers: `-S` and `-t`, and the checks that are made whether they are shown or not.

use common::{Output, format, out};
use libelf::raw::{
    EM_386, EM_IAMCU, EM_K10M, EM_L10M, EM_SPARC, EM_SPARC32PLUS, EM_SPARCV9, EM_X86_64, ET_DYN,
    ET_EXEC, Machine, SHF_INFO_LINK, SHT_DYNAMIC, SHT_DYNSYM, SHT_FINI_ARRAY, SHT_GNU_HASH,
    SHT_GNU_LIBLIST, SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_GNU_VERSYM, SHT_GROUP, SHT_HASH,
    SHT_INIT_ARRAY, SHT_LOOS, SHT_NOBITS, SHT_NOTE, SHT_NULL, SHT_PREINIT_ARRAY, SHT_PROGBITS,
    SHT_REL, SHT_RELA, SHT_RELR, SHT_STRTAB, SHT_SYMTAB, SHT_SYMTAB_SHNDX, SectionType,
};
use libelf::{Record, SectionHeader, StringTable, Symbol, names};

use crate::object::Object;
use crate::options::Options;
use crate::text;

/// `EM_OLD_SPARCV9`: the number of 64-bit SPARC before it had its own.
const EM_OLD_SPARCV9: Machine = Machine(11);
/// `SHF_GNU_MBIND`: the section goes to memory of a special kind.
const SHF_GNU_MBIND: u64 = 0x0100_0000;
/// `SHN_BEFORE` in an `sh_link`: Solaris puts the section before all others.
const SHN_BEFORE: u32 = 0xff00;
/// `SHN_AFTER` in an `sh_link`: Solaris puts the section after all others.
const SHN_AFTER: u32 = 0xff01;

/// Reads the section headers, notes what later parts need of them, and shows them if they are
/// asked for. `false`: they are there but cannot be used.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if object.shnum == 0 {
        if object.header.shoff != 0 {
            out.warn(format_args!(
                "possibly corrupt ELF file header - it has a non-zero section header offset, but \
                 no section headers"
            ));
            return false;
        }
        if options.sections {
            out!(out, "\nThere are no sections in {}.\n", object.this_file());
        }
        return true;
    }
    if options.sections && !options.header {
        let (verb, plural) = if object.shnum == 1 { ("is", "") } else { ("are", "s") };
        object.put_title(out, "", ": ");
        out!(
            out,
            "There {verb} {} section header{plural}, starting at offset {}{:x}:\n",
            object.shnum,
            if object.header.shoff == 0 { "" } else { "0x" },
            object.header.shoff
        );
    }
    if !object.load_sections(out) {
        return false;
    }
    note_tables(out, options, object);
    if options.sections {
        show(out, options, object);
    }
    true
}

/// Checks the sizes of table entries, and notes the dynamic symbols and strings.
fn note_tables(out: &mut Output, options: &Options, object: &mut Object<'_>) {
    let class = object.encoding().class;
    let word = object.encoding().word_size() as u64;
    for index in 0..object.sections.len() {
        let Some(section) = object.sections.get(index).copied() else { continue };
        match section.kind {
            SHT_DYNSYM => {
                if object.dynamic.symbols.is_some() {
                    out.error(format_args!("File contains multiple dynamic symbol tables"));
                    continue;
                }
                expect_entry_size(out, object, index, Symbol::size(class) as u64);
                object.dynamic.symbols = object.read_symbols_so_far(out, index as u32);
                object.dynamic.symbol_section = object.sections.get(index).copied();
            }
            SHT_STRTAB if object.section_name(&section) == b".dynstr" => {
                if object.dynamic.strings.is_some() {
                    out.error(format_args!("File contains multiple dynamic string tables"));
                    continue;
                }
                object.dynamic.string_section = Some(section);
                object.dynamic.strings =
                    object.section_data(out, &section, "dynamic strings").map(StringTable::new);
            }
            SHT_SYMTAB => expect_entry_size(out, object, index, Symbol::size(class) as u64),
            SHT_GROUP => expect_entry_size(out, object, index, 4),
            SHT_RELR => expect_entry_size(out, object, index, word),
            SHT_REL => {
                expect_entry_size(out, object, index, 2 * word);
                check_reloc_size(out, options, object, &section);
            }
            SHT_RELA => {
                expect_entry_size(out, object, index, 3 * word);
                check_reloc_size(out, options, object, &section);
            }
            SHT_PROGBITS | SHT_NOTE if options.lint && section.size == 0 => {
                let name = text::section_name(object.section_name(&section));
                out.diagnose_bytes(
                    &[b"Warning: Section '", &*name, b"': has a size of zero - is this intended ?"]
                        .concat(),
                );
            }
            _ => {}
        }
    }
}

/// Reports an entry size that is not the standard's, and goes on with that.
fn expect_entry_size(out: &mut Output, object: &mut Object<'_>, index: usize, size: u64) {
    let Some(section) = object.sections.get_mut(index) else { return };
    if section.entsize != size {
        out.error(format_args!("Section {index} has invalid sh_entsize of {:x}", section.entsize));
        out.error(format_args!("(Using the expected size of {size:x} for the rest of this dump)"));
        section.entsize = size;
    }
}

fn check_reloc_size(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    section: &SectionHeader,
) {
    if options.lint && section.size == 0 {
        let name = text::section_name(object.section_name(section));
        out.warn(format_args!(
            "Section '{}': zero-sized relocation section",
            String::from_utf8_lossy(&name)
        ));
    }
}

fn show(out: &mut Output, options: &Options, object: &Object<'_>) {
    show_title(out, options, object);
    let style = text::Style::of(options);
    for (index, section) in object.sections.iter().enumerate() {
        check_link(out, object, index, section);
        check_info(out, object, index, section);
        check_size(out, object, index, section);
        show_section(out, options, object, style, index, section);
    }
    if !options.section_details {
        out!(out, "{}", names::section_flag_key(&object.header));
    }
}

fn show_title(out: &mut Output, options: &Options, object: &Object<'_>) {
    let title = if object.sections.len() > 1 { "Section Headers" } else { "Section Header" };
    let columns = match (object.is_64(), options.wide, options.section_details) {
        (false, _, false) => {
            "  [Nr] Name              Type            Addr     Off    Size   ES Flg Lk Inf Al\n"
        }
        (true, true, false) => {
            "  [Nr] Name              Type            Address          Off    Size   ES Flg Lk Inf Al\n"
        }
        (true, false, false) => {
            "  [Nr] Name              Type             Address           Offset\n       \
             Size              EntSize          Flags  Link  Info  Align\n"
        }
        (false, _, true) => {
            "  [Nr] Name\n       Type            Addr     Off    Size   ES   Lk Inf Al\n       \
             Flags\n"
        }
        (true, true, true) => {
            "  [Nr] Name\n       Type            Address          Off    Size   ES   Lk Inf Al\n       \
             Flags\n"
        }
        (true, false, true) => {
            "  [Nr] Name\n       Type              Address          Offset            Link\n       \
             Size              EntSize          Info              Align\n       Flags\n"
        }
    };
    out!(out, "\n{title}");
    if object.is_linked {
        out!(out, " in {}", object.this_file());
    }
    out!(out, ":\n{columns}");
}

fn show_section(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    style: text::Style,
    index: usize,
    section: &SectionHeader,
) {
    let name = object.section_name_up_to(section, style.name_limit());
    let line = out.buf();
    line.extend_from_slice(b"  [");
    format::dec_right(line, index as u64, 2);
    line.extend_from_slice(b"] ");
    if options.section_details {
        line.extend_from_slice(&text::section_name(name));
        line.extend_from_slice(b"\n      ");
    } else {
        style.push_padded(line, name, NAME_WIDTH);
    }
    let kind = names::section_type(&object.header, section.kind);
    line.push(b' ');
    if options.wide {
        format::left(line, kind.as_bytes(), TYPE_WIDTH);
    } else {
        format::left_cut(line, kind.as_bytes(), TYPE_WIDTH);
    }
    line.push(b' ');
    let link = link_text(object, section);
    let shown =
        Shown { section, link, flags: names::section_flag_letters(&object.header, section.flags) };
    if options.section_details {
        show_details(out, options, object, index, &shown);
    } else {
        show_row(out, options, object, &shown);
        warn_of_link(out, object, index, &shown);
    }
    out.relieve();
}

const NAME_WIDTH: usize = 17;
const TYPE_WIDTH: usize = 15;

/// A section header with its parts that are text.
struct Shown<'a> {
    section: &'a SectionHeader,
    /// `sh_link`, when it has a meaning other than an index.
    link: Option<&'static str>,
    flags: names::Letters,
}

/// The meaning of a link that is no section index, on the machines of Solaris. Only 32-bit files
/// are looked at, as in GNU readelf.
fn link_text(object: &Object<'_>, section: &SectionHeader) -> Option<&'static str> {
    if object.is_64() || !is_solaris_machine(object.header.machine) || section.link < object.shnum {
        return None;
    }
    match section.link {
        SHN_BEFORE => Some("BEFORE"),
        SHN_AFTER => Some("AFTER"),
        _ => None,
    }
}

/// Warns of a link to a section that does not exist, in 32-bit files.
fn warn_of_link(out: &mut Output, object: &Object<'_>, index: usize, shown: &Shown<'_>) {
    let link = shown.section.link;
    if !object.is_64() && link >= object.shnum && shown.link.is_none() {
        out.warn(format_args!(
            "section {index}: sh_link value of {link} is larger than the number of sections"
        ));
    }
}

/// The machines whose files may hold the links of Solaris.
fn is_solaris_machine(machine: Machine) -> bool {
    matches!(
        machine,
        EM_SPARC
            | EM_386
            | EM_IAMCU
            | EM_OLD_SPARCV9
            | EM_SPARC32PLUS
            | EM_SPARCV9
            | EM_X86_64
            | EM_L10M
            | EM_K10M
    )
}

/// A header as one line, or as two where addresses have 64 bits and lines 80 columns.
fn show_row(out: &mut Output, options: &Options, object: &Object<'_>, shown: &Shown<'_>) {
    let SectionHeader { addr, offset, size, entsize, link, info, addralign, .. } = *shown.section;
    let is_two_lines = object.is_64() && !options.wide;
    let line = out.buf();
    if is_two_lines {
        line.push(b' ');
        format::hex_padded(line, addr, 16);
        line.extend_from_slice(b"  ");
        format::hex_padded(line, offset, 8);
        line.extend_from_slice(b"\n       ");
        format::hex_padded(line, size, 16);
        line.extend_from_slice(b"  ");
        format::hex_padded(line, entsize, 16);
    } else {
        format::hex_padded(line, addr, object.encoding().word_size() * 2);
        line.push(b' ');
        format::hex_padded(line, offset, 6);
        line.push(b' ');
        format::hex_padded(line, size, 6);
        line.push(b' ');
        format::hex_padded(line, entsize, 2);
    }
    line.push(b' ');
    format::right(line, shown.flags.as_bytes(), 3);
    let gap: &[u8] = if is_two_lines { b"      " } else { b" " };
    line.extend_from_slice(gap);
    format::dec_right(line, link.into(), 2);
    line.extend_from_slice(if is_two_lines { b"   " } else { b" " });
    format::dec_right(line, info.into(), 3);
    line.extend_from_slice(if is_two_lines { b"     " } else { b" " });
    format::dec_right(line, addralign, if is_two_lines { 0 } else { 2 });
    line.push(b'\n');
}

/// A header as `-t` shows it, with its flags by name.
fn show_details(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    index: usize,
    shown: &Shown<'_>,
) {
    let SectionHeader { addr, offset, size, entsize, link, info, addralign, .. } = *shown.section;
    let link = match shown.link {
        Some(meaning) => format!("<{meaning}>"),
        None => format!("{link}"),
    };
    if object.is_64() && !options.wide {
        out!(
            out,
            " {addr:016x}  {offset:016x}  {link}\n       {size:016x} {entsize:016x}  {info:<16}  \
             {addralign}\n"
        );
    } else {
        if object.is_64() {
            out!(out, "{addr:016x}");
        } else {
            out!(out, "{addr:08x}");
        }
        out!(out, " {offset:06x} {size:06x} {entsize:02x}  {link:>2} {info:3} {addralign:2}\n");
    }
    warn_of_link(out, object, index, shown);
    let flags = shown.section.flags;
    let digits = object.encoding().word_size() * 2;
    out!(out, "       [{flags:0digits$x}]: {}\n", names::section_flag_names(&object.header, flags));
    if shown.section.is_compressed() {
        show_compression(out, object, shown.section);
    }
}

/// The bytes of a compression header of 64 bits; GNU readelf reads as many in either class.
const COMPRESSION_HEADER_SIZE: u64 = 24;

/// The compression header of a section: its kind, size and alignment when decompressed.
fn show_compression(out: &mut Output, object: &Object<'_>, section: &SectionHeader) {
    let encoding = object.encoding();
    let (size_at, align_at) = if object.is_64() { (8, 16) } else { (4, 8) };
    let Some(bytes) = object.get_data(
        out,
        section.offset,
        COMPRESSION_HEADER_SIZE,
        1,
        Some("compression header"),
    ) else {
        return;
    };
    let kind = encoding.u32(bytes, 0).unwrap_or_default();
    let size = encoding.word(bytes, size_at).unwrap_or_default();
    let align = encoding.word(bytes, align_at).unwrap_or_default();
    out!(out, "       {}, ", names::compression_type(kind));
    let digits = encoding.word_size() * 2;
    out!(out, "{size:0digits$x}, {align}\n");
}

/// Warns of an `sh_link` that is of no use for a section of this type.
fn check_link(out: &mut Output, object: &Object<'_>, index: usize, section: &SectionHeader) {
    let link = section.link;
    let links_to = |kinds: &[SectionType]| {
        link != 0 && object.section(link).is_some_and(|target| kinds.contains(&target.kind))
    };
    match section.kind {
        // Without symbols, dynamic relocations need no symbol table.
        SHT_REL | SHT_RELA if link == 0 && is_linked(object) => {}
        SHT_REL | SHT_RELA | SHT_SYMTAB_SHNDX | SHT_GROUP | SHT_HASH | SHT_GNU_HASH
        | SHT_GNU_VERSYM
            if !links_to(&[SHT_SYMTAB, SHT_DYNSYM]) =>
        {
            out.warn(format_args!(
                "[{index:2}]: Link field ({link}) should index a symtab section."
            ));
        }
        SHT_DYNAMIC | SHT_SYMTAB | SHT_DYNSYM | SHT_GNU_VERNEED | SHT_GNU_VERDEF
        | SHT_GNU_LIBLIST
            if !links_to(&[SHT_STRTAB]) =>
        {
            out.warn(format_args!(
                "[{index:2}]: Link field ({link}) should index a string section."
            ));
        }
        SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY if link != 0 => {
            out.warn(format_args!("[{index:2}]: Unexpected value ({link}) in link field."));
        }
        _ => {}
    }
}

/// Whether the file is an executable or a shared library.
fn is_linked(object: &Object<'_>) -> bool {
    matches!(object.header.kind, ET_EXEC | ET_DYN)
}

/// Warns of an `sh_info` that is of no use for a section of this type.
#[expect(clippy::collapsible_match, reason = "a condition that fails must not try later arms")]
fn check_info(out: &mut Output, object: &Object<'_>, index: usize, section: &SectionHeader) {
    let info = section.info;
    match section.kind {
        SHT_REL | SHT_RELA if info == 0 && is_linked(object) => {}
        SHT_REL | SHT_RELA => {
            let target = object.section(info).filter(|_| info != 0);
            if !target.is_some_and(|target| can_be_relocated(target.kind)) {
                out.warn(format_args!(
                    "[{index:2}]: Info field ({info}) should index a relocatable section."
                ));
            }
        }
        SHT_DYNAMIC | SHT_HASH | SHT_SYMTAB_SHNDX | SHT_INIT_ARRAY | SHT_FINI_ARRAY
        | SHT_PREINIT_ARRAY => {
            if info != 0 {
                out.warn(format_args!("[{index:2}]: Unexpected value ({info}) in info field."));
            }
        }
        // A symbol index, or left over when a file was stripped to its debug information.
        SHT_GROUP | SHT_SYMTAB | SHT_DYNSYM | SHT_NOBITS => {}
        _ if section.flags & SHF_INFO_LINK.0 != 0 => {
            if info < 1 || info >= object.shnum {
                // GNU readelf ends no line here.
                out.diagnose_open(format_args!(
                    "Warning: [{index:2}]: Expected link to another section in info field"
                ));
            }
        }
        kind if kind.0 < SHT_LOOS && section.flags & SHF_GNU_MBIND == 0 && info != 0 => {
            out.warn(format_args!("[{index:2}]: Unexpected value ({info}) in info field."));
        }
        _ => {}
    }
}

/// Whether relocations can apply to a section of this type.
fn can_be_relocated(kind: SectionType) -> bool {
    matches!(
        kind,
        SHT_PROGBITS | SHT_NOBITS | SHT_NOTE | SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY
    ) || kind.0 >= SHT_LOOS
}

fn check_size(out: &mut Output, object: &Object<'_>, index: usize, section: &SectionHeader) {
    if section.size > object.file_size
        && !matches!(section.kind, SHT_NULL | SHT_NOBITS)
        && section.kind.0 < SHT_LOOS
    {
        out.warn(format_args!("Size of section {index} is larger than the entire file!"));
    }
}
