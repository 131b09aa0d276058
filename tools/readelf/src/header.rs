//! The ELF header: `-h`.

use std::borrow::Cow;

use common::{Output, out};
use libelf::raw::{DF_1_PIE, DT_FLAGS_1, ELFMAG, ET_DYN, PN_XNUM, SHN_UNDEF, SHN_XINDEX};
use libelf::{Header, names};

use crate::object::Object;
use crate::options::Options;

/// How a file of LLVM's intermediate code starts.
const LLVM_BITCODE_MAGIC: &[u8] = b"BC\xc0\xde";
/// How an object file of the Go compiler starts, as far as GNU readelf looks.
const GO_OBJECT_MAGIC: &[u8] = b"go o";

/// Whether the identification is that of an ELF file.
pub fn is_elf(header: &Header) -> bool {
    header.ident.starts_with(&ELFMAG)
}

/// Says what a file is that is no ELF file. `is_stored`: it is a member that an archive holds.
pub fn report_other_format(out: &mut Output, ident: &[u8], is_stored: bool) {
    if ident.starts_with(LLVM_BITCODE_MAGIC) {
        // GNU's spelling.
        let how = if is_stored { "extracing and then using" } else { "using" };
        out.error(format_args!("This is a LLVM bitcode file - try {how} llvm-bcanalyzer"));
    } else if ident.starts_with(GO_OBJECT_MAGIC) {
        out.error(format_args!(
            "This is a GO binary file - try using 'go tool objdump' or 'go tool nm'"
        ));
    } else {
        out.error(format_args!("Not an ELF file - it has the wrong magic bytes at the start"));
    }
}

/// Shows the ELF header if it is asked for.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) {
    if options.header {
        show(out, object);
    }
}

fn show(out: &mut Output, object: &mut Object<'_>) {
    let header = object.header;
    if object.is_linked {
        out!(out, "ELF Header in {}", object.this_file());
    } else {
        out!(out, "ELF Header");
    }
    out!(out, ":\n  Magic:   ");
    for byte in header.ident {
        out!(out, "{byte:02x} ");
    }
    out!(out, "\n  Class:                             {}\n", names::elf_class(header.ident[4]));
    out!(out, "  Data:                              {}\n", names::byte_order(header.ident[5]));
    show_version(out, header.ident_version());
    out!(
        out,
        "  OS/ABI:                            {}\n",
        names::os_abi(header.machine, header.os_abi())
    );
    out!(out, "  ABI Version:                       {}\n", header.abi_version());
    let kind = file_type(out, object);
    out!(out, "  Type:                              {kind}\n");
    out!(out, "  Machine:                           {}\n", names::machine(header.machine));
    out!(out, "  Version:                           0x{:x}\n", header.version);
    out!(out, "  Entry point address:               0x{:x}\n", header.entry);
    out!(
        out,
        "  Start of program headers:          {} (bytes into file)\n",
        header.phoff.cast_signed()
    );
    out!(
        out,
        "  Start of section headers:          {} (bytes into file)\n",
        header.shoff.cast_signed()
    );
    out!(
        out,
        "  Flags:                             0x{:x}{}\n",
        header.flags,
        names::header_flags(&header)
    );
    out!(out, "  Size of this header:               {} (bytes)\n", header.ehsize);
    out!(out, "  Size of program headers:           {} (bytes)\n", header.phentsize);
    show_counts(out, object);
}

fn show_version(out: &mut Output, version: u8) {
    let suffix = names::ident_version_suffix(version);
    out!(out, "  Version:                           {version}{suffix}\n");
}

/// The numbers of headers, with extended ones in parentheses.
fn show_counts(out: &mut Output, object: &Object<'_>) {
    let header = object.header;
    let first = object.first_section_header();
    out!(out, "  Number of program headers:         {}", header.phnum);
    if header.phnum == PN_XNUM && first.is_some_and(|first| first.info != 0) {
        out!(out, " ({})", object.phnum);
    }
    out!(out, "\n  Size of section headers:           {} (bytes)\n", header.shentsize);
    out!(out, "  Number of section headers:         {}", header.shnum);
    if header.shnum == 0 && first.is_some() {
        out!(out, " ({})", object.shnum);
    }
    out!(out, "\n  Section header string table index: {}", header.shstrndx);
    if header.shstrndx == SHN_XINDEX.0 && first.is_some() {
        out!(out, " ({})", object.shstrndx);
    }
    if object.shstrndx != u32::from(SHN_UNDEF.0) && object.shstrndx >= object.shnum {
        out!(out, " <corrupt: out of range>");
    }
    out!(out, "\n");
}

/// The text of `e_type`, which for shared objects depends on whether they are executables.
pub fn file_type(out: &mut Output, object: &mut Object<'_>) -> Cow<'static, str> {
    let is_pie = object.header.kind == ET_DYN && is_pie(out, object);
    names::file_type(object.header.kind, is_pie)
}

/// Whether the dynamic section says that this is an executable (`DF_1_PIE`).
fn is_pie(out: &mut Output, object: &mut Object<'_>) -> bool {
    if object.phnum == 0 || !object.load_segments(out) {
        return false;
    }
    object.locate_dynamic();
    object.load_dynamic(out);
    object
        .dynamic
        .entries
        .iter()
        .find(|entry| entry.tag == DT_FLAGS_1)
        .is_some_and(|flags| flags.value & DF_1_PIE.0 != 0)
}
