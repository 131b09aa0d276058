//! Every statement of contents: built, described and built again, the file is the same, and the
//! description has the statement.

#![allow(clippy::unwrap_used)]

mod support;

use elfc::Settings;
use libpeg::notation::{self, Options};
use libpeg::source::SourceMap;

/// A description, and what its file's description must have in it.
type Case = (&'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    (
        "elf type=DYN;
         segment LOAD RW covers=[.dynstr, .dynamic];
         segment DYNAMIC covers=[.dynamic];
         section .dynstr;
         section .dynamic { dynamic {
             NEEDED \"libc.so.6\"; STRTAB; STRSZ; FLAGS [BIND_NOW]; FLAGS_1 [NOW, 0x40000000];
             0x6000000f 0x1234; DEBUG; NEEDED 0x1000; NULL count=3;
         } }",
        &[
            "NEEDED \"libc.so.6\";",
            "STRTAB;",
            "FLAGS [BIND_NOW];",
            "FLAGS_1 [NOW, NOCOMMON];",
            "0x6000000f 0x1234;",
            "DEBUG;",
            "NEEDED 0x1000;",
            "NULL count=3;",
        ],
    ),
    (
        "elf;
         section .note NOTE A align=4 { notes {
             note GNU BUILD_ID hex { 0102 };
             note GNU ABI_TAG os=0 version=[3, 2, 0];
             note GNU 99 { u32 1 2; };
             note stapsdt STAPSDT location=1 base=2 semaphore=3 provider=\"p\" name=\"n\" args=\"a b\";
             note FreeBSD VERSION [1300139];
             note \"odd\" 7 hex { 01 } unterminated=1 desc_padding=hex { 112233 };
             note \"\" 5;
         } }
         section .note.gnu.property { notes {
             note GNU PROPERTY_TYPE_0 {
                 property X86_FEATURE_1_AND [IBT, SHSTK]; property 0xe0000000 hex { 01 };
                 property NO_COPY_ON_PROTECTED;
             }
         } }",
        &[
            "note GNU BUILD_ID hex { 0102 }",
            "note GNU ABI_TAG os=0 version=[3, 2, 0];",
            "location=0x1 base=0x2 semaphore=0x3 provider=\"p\" name=\"n\" args=\"a b\"",
            "note FreeBSD VERSION [",
            "property X86_FEATURE_1_AND [IBT, SHSTK];",
            "property NO_COPY_ON_PROTECTED;",
        ],
    ),
    (
        "elf type=CORE;
         segment NOTE { notes {
             note CORE PRSTATUS signal=11 cursig=11 pid=42 utime=[1, 2] { registers { fill 216 7; } }
             note CORE PRPSINFO state_letter='R' uid=1000 pid=42 program=\"a.out\" arguments=\"./a.out\";
             note CORE SIGINFO signo=11 code=1 { fill 116 1; }
             note CORE AUXV { entry PAGESZ 4096; entry 0x1234 5; entry NULL 0; }
             note CORE FILE page_size=4096 { map 0x1000 0x2000 3 \"/lib/libc.so.6\"; }
         } }",
        &[
            "note CORE PRSTATUS signal=11 cursig=11 pid=42 utime=[1, 2] { registers {",
            "uid=1000 pid=42 program=\"a.out\" arguments=\"./a.out\";",
            "note CORE SIGINFO signo=11 code=1 {",
            "entry PAGESZ 0x1000;",
            "map 0x1000 0x2000 3 \"/lib/libc.so.6\";",
        ],
    ),
    (
        "elf type=DYN;
         section .dynstr;
         section .gnu.version_d { verdef {
             version \"libx.so.1\" flags=[BASE]; version \"X_2\" \"X_1\" hash=7;
             version index=9 { name \"X_3\" next=0x100; name \"X_4\"; }
         } }
         section .gnu.version_r { verneed {
             file \"libc.so.6\" { \"GLIBC_2.2.5\" 4; \"GLIBC_2.34\" 5 flags=[WEAK] hash=3; }
             file \"libm.so.6\" { \"GLIBC_2.29\" 6; }
         } }",
        &[
            "version \"libx.so.1\" flags=[BASE];",
            "version \"X_2\" \"X_1\" hash=7;",
            "file \"libc.so.6\" {",
            "\"GLIBC_2.2.5\" 4;",
            "\"GLIBC_2.34\" 5 flags=[WEAK] hash=3;",
        ],
    ),
    (
        "elf type=DYN;
         section .dynsym { symbols { f FUNC ABS 1; g FUNC ABS 2; } }
         section .dynstr;
         section .hash { hash; }
         section .gnu.hash { gnu_hash; }
         section .hash.given HASH A link=.dynsym {
             hash buckets=[1] chains=[0, 7, 1];
         }",
        &[
            "section .hash HASH A;",
            "section .gnu.hash GNU_HASH A;",
            "hash buckets=[1] chains=[0, 7, 1];",
        ],
    ),
    (
        "elf type=DYN;
         section .relr.dyn { relr padding=2 { 0x1000 0x1008; 0x2000; } }
         section .relr.odd RELR A { relr words=1 { 3 5; } }",
        &["relr padding=2 {", "0x1000 0x1008 0x2000;", "relr words=1 {"],
    ),
    (
        "elf machine=ARM;
         section .ARM.attributes ARM_ATTRIBUTES { attributes { vendor aeabi {
             file { CPU_name \"7-A\"; CPU_arch 10; compatibility 1 \"gnu\"; 99 \"odd\"; }
             sections [1, 2] { 70 1; }
         } } }",
        &["vendor aeabi {", "CPU_name \"7-A\";", "compatibility 1 \"gnu\";", "sections [1, 2] {"],
    ),
    (
        "elf machine=MIPS;
         section .reginfo MIPS_REGINFO A { reginfo gprs=0xf cprs=[1, 0, 0, 2] gp=0x18ff0; }
         section .MIPS.abiflags type=0x7000002a A {
             abiflags isa=32 revision=2 gpr=32 cpr1=raw(9) fp=1 ases=[DSP, MSA] flags1=1;
         }
         section .MIPS.options MIPS_OPTIONS A { options {
             option 1 reginfo gprs=0xf gp=0x18ff0; option 7 info=1 hex { 00000001 };
         } }",
        &[
            "reginfo gprs=0xf cprs=[1, 0, 0, 2] gp=0x18ff0;",
            "abiflags isa=32 revision=2 gpr=32 cpr1=raw(9) fp=1 ases=[DSP, MSA] flags1=1;",
            "option 1 reginfo gprs=0xf gp=0x18ff0;",
        ],
    ),
    (
        "elf type=DYN osabi=SOLARIS;
         section .dynsym { symbols { f FUNC ABS 1; } }
         section .dynstr;
         section .SUNW_cap type=0x6ffffff5 A { capabilities { HW_1 0x1234; 99 1; } }
         section .SUNW_syminfo type=0x6ffffffc A { syminfo { 1; SELF [DIRECT, LAZYLOAD]; } }
         section .SUNW_move type=0x6ffffffa A {
             move { value=1 info=0x104 offset=8 repeat=3 stride=2; }
         }
         section .gnu.liblist type=0x6ffffff7 A link=.dynstr {
             libraries { \"libc.so.6\" time_stamp=1 checksum=2 flags=0; }
         }",
        &[
            "HW_1 0x1234;",
            "SELF [DIRECT, LAZYLOAD];",
            "value=1 info=0x104 offset=8 repeat=3 stride=2;",
            "\"libc.so.6\" time_stamp=0x1 checksum=0x2",
        ],
    ),
    (
        "elf;
         section .text { fill 16; }
         section .llvm_addrsig LLVM_ADDRSIG E { addrsig [f, 99]; }
         section \".llvm.call-graph-profile\" LLVM_CALL_GRAPH_PROFILE E { call_graph { 89; 1; } }
         section .stack_sizes { stack_sizes { 0x1000 24; } }
         section .llvm_bb_addr_map LLVM_BB_ADDR_MAP { bb_addr_map {
             function version=2 { range 0x1000 { block 0 3 1 id=4; } }
         } }
         section .symtab { symbols { f FUNC .text; } }
         section .strtab;",
        &["addrsig [f, 99];", "call_graph {", "0x1000 24;", "block 0 3 1 id=4;"],
    ),
    (
        "elf;
         section .debug_str PROGBITS C { compressed ZLIB { asciz \"text\" \"more text\"; } }
         section .debug_loc PROGBITS C {
             compressed 77 size=0x1000000000000000 align=8 { payload { hex { 0102 } } }
         }
         section .zdebug_info { compressed ZDEBUG { fill 100; } }
         section .gnu_debuglink { debuglink \"a.debug\" crc=0x12345678; }
         section .gnu_debugaltlink { debugaltlink \"common\" hex { 0102 }; }",
        &[
            "compressed ZLIB { payload {",
            "compressed 77 size=0x1000000000000000 align=8 { payload {",
            "compressed ZDEBUG { payload {",
            "debuglink \"a.debug\" crc=0x12345678;",
            "debugaltlink \"common\" hex { 0102 };",
        ],
    ),
];

/// The bytes of the file that a description makes.
fn build(text: &str) -> Vec<u8> {
    support::build(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

fn describe(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    elfc::describe(bytes, "file", &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn statements_come_back() {
    for (text, expected) in CASES {
        let made = build(text);
        let described = describe(&made);
        for fragment in *expected {
            assert!(described.contains(fragment), "{fragment} is not in\n{described}");
        }
        assert_eq!(build(&described), made, "{described}");
    }
}

#[test]
fn both_classes_and_orders_hold_the_same() {
    for (text, expected) in CASES {
        if text.contains("machine=") {
            continue;
        }
        for variant in ["class=32 order=little", "class=32 order=big", "class=64 order=big"] {
            // What only a 64-bit field has room for.
            let text = text.replacen("elf", &format!("elf {variant}"), 1);
            let text = text.replace("size=0x1000000000000000", "size=0x10000000");
            let made = build(&text);
            let described = describe(&made);
            assert_eq!(build(&described), made, "{described}");
            assert!(described.contains(expected[0]) || variant.contains("32"), "{described}");
        }
    }
}

/// What is wrong with a description, as it is shown.
fn errors(text: &str) -> String {
    let sources = SourceMap::new();
    let id = sources.add("text", text.to_owned()).unwrap();
    let parsed = notation::parse(&sources, id, &Options::default());
    let mut diagnostics = parsed.diagnostics;
    elfc::build(&parsed.statements, &Settings::default(), &mut diagnostics);
    assert!(diagnostics.has_errors(), "{text}");
    diagnostics.render(&sources)
}

#[test]
fn mistakes_are_told_with_their_place() {
    let cases = [
        ("section .dynamic { dynamic { NEDED 1; } }", "text:2:30: error: expected a dynamic tag"),
        ("section .dynamic { dynamic { NEEDED 1 2; } }", "expected `;`"),
        ("section .note { notes { note GNU BUILD 1; } }", "expected a note type of this owner"),
        ("section .note { notes { note GNU 1 odd=1; } }", "`odd` is no attribute of this"),
        ("section .hash { hash buckets=1; }", "expected a list of numbers"),
        ("section .hash { hash; u32 1; }", "nothing can follow these contents"),
        ("section .x { compressed LZMA { } }", "expected `ZLIB`, `ZSTD` or `ZDEBUG`"),
        ("section .x { compressed 7 { u8 1; } }", "nobody can compress like this"),
        ("section .x { abiflags gpr=33; }", "expected 0, 32, 64 or 128"),
        ("section .x { debuglink \"x\" file=\"/none/of/it\"; }", "cannot read"),
        ("section .x { addrsig [f]; }", "there is no symbol table"),
    ];
    for (text, expected) in cases {
        let found = errors(&format!("elf;\n{text}"));
        assert!(found.contains(expected), "{text}\n{found}");
    }
}

#[test]
fn tables_of_names_are_there_by_themselves() {
    let names = |text: &str| {
        let bytes = build(text);
        let file = libelf::File::parse(&bytes).unwrap();
        let strings = file.section_names().unwrap();
        let headers = file.section_headers().unwrap();
        let names: Vec<_> = headers
            .iter()
            .map(|header| String::from_utf8_lossy(strings.get(header.name.into()).unwrap()))
            .collect();
        names.join(" ")
    };
    let symbols = "section .symtab { symbols { main FUNC GLOBAL ABS; } }";
    assert_eq!(names(&format!("elf;\n{symbols}")), " .symtab .shstrtab .strtab");
    let linked = "section .symtab link=.names { symbols { main FUNC GLOBAL ABS; } }";
    let table = "section .names STRTAB;";
    assert_eq!(names(&format!("elf;\n{linked}\n{table}")), " .symtab .names .shstrtab");
    let unnamed = "section .symtab { symbols { \"\" SECTION LOCAL ABS; } }";
    assert_eq!(names(&format!("elf;\n{unnamed}")), " .symtab .shstrtab");
}
