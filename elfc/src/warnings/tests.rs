//! What is warned of, and what is not.

use libpeg::notation::{NoFiles, Options, parse};
use libpeg::source::SourceMap;

use crate::Settings;

fn warnings(text: &str) -> Vec<String> {
    let sources = SourceMap::new();
    let id = sources.add("text", text).unwrap();
    let parsed = parse(&sources, id, &Options { files: &NoFiles, ..Options::default() });
    let mut diagnostics = parsed.diagnostics;
    let settings = Settings::default();
    if let Some(file) = crate::build(&parsed.statements, &settings, &mut diagnostics) {
        file.prepare(&settings, &mut diagnostics);
    }
    if diagnostics.has_errors() {
        return vec![diagnostics.render(&sources)];
    }
    diagnostics.iter().map(|warning| warning.message().to_owned()).collect()
}

#[test]
fn sound_files_are_left_alone() {
    for text in [
        "elf type=EXEC; segment LOAD RX covers=[header, table, .text];
         section .text align=16 { hex { c3 } } section .bss size=4;
         section .symtab { symbols { a LOCAL; b; } } section .strtab;",
        "elf;
         section .group GROUP info=symbol(f) { group COMDAT [.text.f, .rela.text.f]; }
         section .text.f PROGBITS AXG { fill 8; }
         section .rela.text.f RELA G { relocs { 8 R_X86_64_NONE; 0 R_X86_64_PC32 f; } }
         section .symtab { symbols { f FUNC WEAK .text.f; g FUNC GLOBAL ABS; } }
         section \".note.GNU-stack\" PROGBITS;",
        "elf type=DYN;
         segment LOAD R covers=[header, table, .dynsym, .dynstr, .hash, .gnu.hash, .gnu.version,
             .gnu.version_d, .gnu.version_r, .note, .dynamic];
         section .dynsym { symbols { f FUNC ABS 1; g FUNC ABS 2; } }
         section .dynstr;
         section .hash { hash; }
         section .gnu.hash { gnu_hash; }
         section .gnu.version { u16 0 2 0x8003; }
         section .gnu.version_d { verdef { version \"x\" flags=[BASE]; version \"X\"; } }
         section .gnu.version_r { verneed { file \"f\" { \"Y\" 3; } } }
         section .note NOTE A align=4 { notes { note GNU BUILD_ID hex { 0102 }; } }
         section .dynamic { dynamic { STRTAB; SYMTAB; STRSZ; SYMENT; NULL; } }",
    ] {
        assert_eq!(warnings(text), [""; 0], "{text}");
    }
}

/// Each text makes a file that one rule forbids.
const FORBIDDEN: &[(&str, &str)] = &[
    ("elf magic=\"\\x7fELG\";", "the file does not start with \\x7fELF"),
    ("elf ident_class=1;", "EI_CLASS is not the class of the file"),
    ("elf ident_data=2;", "EI_DATA is not the byte order of the file"),
    ("elf ident_version=0;", "EI_VERSION is not 1"),
    ("elf version=2;", "e_version is not 1"),
    ("elf ehsize=1;", "e_ehsize is not the size of the ELF header"),
    ("elf machine=NONE;", "there is no machine"),
    ("elf type=EXEC;", "an executable has segments to be loaded"),
    ("elf shentsize=65; section .a;", "e_shentsize is not the size of a section header"),
    ("elf phentsize=57; segment LOAD;", "e_phentsize is not the size of a program header"),
    (
        "elf phoff=0x100 segment_table=0x40; segment LOAD;",
        "e_phoff is not where the program headers are",
    ),
    (
        "elf shoff=0x100 section_table=0x200; section .a;",
        "e_shoff is not where the section headers are",
    ),
    ("elf phnum=2; segment LOAD;", "e_phnum is not the number of program headers"),
    ("elf shnum=2; section .a;", "e_shnum is not the number of section headers"),
    ("elf shstrndx=3; section .a;", "e_shstrndx is the index of no section"),
    ("elf; section \"\" NULL align=4; section .a;", "the fields of the null section are zero"),
    ("elf; section \"\" PROGBITS index=0; section .a;", "the first section is the null section"),
    ("elf; section .a align=3;", "an alignment of 3 is no power of two"),
    ("elf; section .a addr=1 align=2;", "the address 0x1 is not aligned to 2"),
    (
        "elf; section .a offset=0x1000 size=0x1000 { u8 1; } section .shstrtab offset=0x800;",
        "the section ends behind the end of the file",
    ),
    (
        "elf; section .a PROGBITS AC { compressed ZLIB { u8 1; } }",
        "what is loaded is not compressed",
    ),
    ("elf; section .a NOBITS C size=8;", "a section without bytes is not compressed"),
    ("elf; section .a link=9;", "sh_link is 9, and there are 3 sections"),
    (
        "elf; section .a; section .symtab link=.a { symbols { \"\" ABS; } }",
        "sh_link is 1, which is no string table",
    ),
    (
        "elf; section .a; section .hash link=.a { u32 0 0; }",
        "sh_link is 1, which is no symbol table",
    ),
    (
        "elf; section .symtab entsize=7 { symbols { a; } } section .strtab;",
        "48 bytes are no whole number of entries of 7",
    ),
    (
        "elf; section .symtab entsize=0 { symbols { a; } } section .strtab;",
        "a table has entries of a size",
    ),
    (
        "elf; section .a offset=0x40 { u32 1; } section .b offset=0x42 { u32 1; }",
        "sections 1 and 2 have bytes in common",
    ),
    // Symbols.
    (
        "elf; section .symtab { symbols { a; b LOCAL; } } section .strtab;",
        "a local symbol stands behind one that is not",
    ),
    (
        "elf; section .symtab info=9 { symbols { a; } } section .strtab;",
        "sh_info is 9, and 1 symbols are local",
    ),
    (
        "elf; section .symtab { symbols { \"\" index=0 LOCAL value=1; } } section .strtab;",
        "the fields of the first symbol are zero",
    ),
    (
        "elf; section .symtab { symbols { a section=raw(77); } } section .strtab;",
        "st_shndx is 0x4d, and there are 3 sections",
    ),
    (
        "elf; section .symtab { symbols { a name_offset=77; } } section .strtab;",
        "the name lies behind the strings",
    ),
    // Relocations.
    (
        "elf; section .text { u32 1; } section .rela.text { relocs { 0 R_X86_64_PC32 symbol=7; } }
         section .symtab { symbols { a; } } section .strtab;",
        "there is no symbol 7; the linked table has 2",
    ),
    (
        "elf; section .text { u32 1; } section .rela.text { relocs { 5 R_X86_64_NONE; } }
         section .symtab { symbols { a; } } section .strtab;",
        "the place 0x5 lies behind the 4 bytes of the section",
    ),
    (
        "elf; section .rela.text RELA info=99 { relocs { 0 R_X86_64_NONE; } }",
        "sh_info is 99, which is no section",
    ),
    // Groups.
    (
        "elf; section .group GROUP info=1 { group COMDAT [9]; } section .symtab { symbols { f; } }",
        "there is no section 9, a member of the group",
    ),
    (
        "elf; section .group GROUP info=1 { group COMDAT [.a]; } section .a;
         section .symtab { symbols { f; } }",
        "section 2 is a member of the group without the flag GROUP",
    ),
    (
        "elf; section .a G; section .group GROUP info=1 { group COMDAT [.a]; }
         section .symtab { symbols { f; } }",
        "section 1, a member of the group, stands before it",
    ),
    (
        "elf; section .group GROUP info=1 { group 2 [.a]; } section .a G;
         section .symtab { symbols { f; } }",
        "the group has flags that mean nothing: 0x2",
    ),
    (
        "elf; section .group GROUP info=7 { group COMDAT [.a]; } section .a G;
         section .symtab { symbols { f; } }",
        "sh_info is 7, and the linked table has 2 symbols",
    ),
    (
        "elf type=DYN; section .group GROUP info=1 { group COMDAT [.a]; } section .a G;
         section .symtab { symbols { f; } }",
        "a relocatable file has groups, no other",
    ),
    (
        "elf; section .group GROUP info=1 { group COMDAT [.a]; }
         section .group.b GROUP info=1 { group COMDAT [.a]; } section .a G;
         section .symtab { symbols { f; } }",
        "a member is in the group 1 too",
    ),
    ("elf; section .a G;", "no group has this member of a group"),
    // Strings.
    ("elf; section .a STRTAB { ascii \"a\\0\"; }", "a string table starts with a zero byte"),
    ("elf; section .a STRTAB { ascii \"\\0a\"; }", "a string table ends with a zero byte"),
    // What the dynamic linker reads.
    (
        "elf; section .dynamic { dynamic { STRTAB; SYMTAB; STRSZ; SYMENT; NULL count=0; } }
         section .dynstr;",
        "no DT_NULL ends the dynamic section",
    ),
    (
        "elf; section .dynamic { dynamic { STRTAB; SYMTAB; NULL; } } section .dynstr;",
        "the dynamic section lacks DT_STRSZ, DT_SYMENT",
    ),
    (
        "elf; section .n NOTE align=2 offset=0x42 { notes { note GNU 1; } }",
        "notes are aligned to 4 bytes, not to 2",
    ),
    (
        "elf; section .n NOTE align=4 { notes { note GNU 1 namesz=9; } }",
        "n_namesz is 9, and the name has 4 bytes",
    ),
    (
        "elf; section .n NOTE align=4 { notes { note GNU 1 descsz=9; } }",
        "n_descsz is 9, and the descriptor has 0 bytes",
    ),
    (
        "elf; section .n NOTE align=4 { notes { note GNU 1 unterminated=1; } }",
        "a zero byte closes the name of a note",
    ),
    (
        "elf; section .gnu.version_d { verdef { version \"x\" hash=1; } } section .dynstr;",
        "vd_hash is not the hash of the name",
    ),
    (
        "elf; section .gnu.version_d { verdef { version \"x\" version=2; } } section .dynstr;",
        "vd_version is not 1",
    ),
    (
        "elf; section .gnu.version_d { verdef { version \"x\" count=2; } } section .dynstr;",
        "vd_cnt is 2, and there are 1 names",
    ),
    (
        "elf; section .gnu.version_d info=2 { verdef { version \"x\"; } } section .dynstr;",
        "sh_info is 2, and there are 1 structures",
    ),
    (
        "elf; section .gnu.version_r { verneed { file \"f\" { \"x\" 2 hash=1; } } } section .dynstr;",
        "vna_hash is not the hash of the name",
    ),
    (
        "elf; section .gnu.version_r { verneed { file \"f\" version=2 { \"x\" 2; } } } section .dynstr;",
        "vn_version is not 1",
    ),
    (
        "elf; section .gnu.version_r { verneed { file \"f\" count=2 { \"x\" 2; } } } section .dynstr;",
        "vn_cnt is 2, and there are 1 versions",
    ),
    (
        "elf; section .dynsym { symbols { f; g; } } section .dynstr; section .gnu.version { u16 0 1 7; }",
        "symbol 2 has the version 7, which nothing defines",
    ),
    (
        "elf; section .dynsym { symbols { f; g; } } section .dynstr; section .gnu.version { u16 0 1; }",
        "2 versions are those of 3 symbols",
    ),
    (
        "elf; section .dynsym { symbols { f; } } section .dynstr; section .hash { hash buckets=[1] chains=[0]; }",
        "nchain is the number of symbols, 2",
    ),
    (
        "elf; section .dynsym { symbols { f; } } section .dynstr;
         section .hash { hash nbucket=3 buckets=[1] chains=[0, 0]; }",
        "nbucket is the number of buckets, 1",
    ),
    (
        "elf; section .dynsym { symbols { f; } } section .dynstr;
         section .hash { hash buckets=[2] chains=[0, 0]; }",
        "bucket 0 leads to symbol 2, which is none",
    ),
    (
        "elf; section .dynsym { symbols { f; } } section .dynstr;
         section .hash { hash buckets=[1] chains=[0, 1]; }",
        "symbol 1 is met twice",
    ),
    (
        "elf; section .dynsym { symbols { f ABS; } } section .dynstr;
         section .hash { hash buckets=[0] chains=[0, 0]; }",
        "no bucket leads to symbol 1",
    ),
    (
        "elf; section .dynsym { symbols { f; } } section .dynstr;
         section .hash { hash buckets=[0, 0, 0, 0, 0, 0, 0, 1] chains=[0, 0]; }",
        "symbol 1 is in the bucket of another hash",
    ),
    (
        "elf; section .dynsym { symbols { f ABS; } } section .dynstr;
         section .gnu.hash { gnu_hash first=1 bloom=[0] buckets=[1] values=[3]; }",
        "the table has another hash than that of symbol 1",
    ),
    // Segments.
    ("elf; segment LOAD R align=3;", "an alignment of 3 is no power of two"),
    ("elf; segment LOAD R filesz=2 memsz=1;", "0x2 bytes of the file are loaded into 0x1"),
    (
        "elf; segment LOAD R offset=1 vaddr=2 align=4;",
        "offset 0x1 and address 0x2 leave different rests by 0x4",
    ),
    (
        "elf; segment LOAD vaddr=0x1000; segment LOAD vaddr=0;",
        "segments to be loaded are not in the order of their addresses",
    ),
    ("elf; segment INTERP; segment INTERP;", "there is one PT_INTERP at most"),
    ("elf; segment LOAD; segment PHDR;", "PT_PHDR stands before segments to be loaded"),
];

#[test]
fn what_is_forbidden_is_told() {
    let mut wrong = Vec::new();
    for (text, expected) in FORBIDDEN {
        let found = warnings(text);
        if found != [*expected] {
            wrong.push(format!("{text}\nexpected {expected:?}\nfound    {found:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
