//! The archives of the corpus, and those that other programs make, read and written again.
#![cfg(feature = "exercise")]
// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use libelf::archive::{Build, Flavour};
use tests::corpus::{self, Subset};
use tests::exercise::archive_write::{exercise, given};

#[test]
#[ignore = "needs the corpus"]
fn archives_of_the_corpus_are_written_again() {
    let mut count = 0;
    for entry in corpus::read_list(Subset::All).unwrap() {
        let bytes = std::fs::read(corpus::folder().join(&entry.path)).unwrap();
        let Ok(mut build) = Build::open(&bytes) else { continue };
        println!("{}", entry.path);
        exercise(&bytes);
        count += 1;
        build.simplify();
        println!("  {:?} {:?}", build.flavour, given(&build));
    }
    println!("{count} archives");
    assert!(count > 0);
}

/// A folder with the files that archives are made of.
fn material() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = ".globl g\ng: .byte 0\n.weak w\nw: .byte 1\nl: .byte 2\n.comm c,4,4\n\
         .quad undefined\n.type u, @gnu_unique_object\nu: .byte 3\n.globl a\na=5\n.globl h\n\
         .hidden h\nh: .byte 1\n.globl i\n.type i, @gnu_indirect_function\ni: .byte 2\n\
         .section .tbss,\"awT\",@nobits\n.globl t\n.type t, @tls_object\nt: .zero 4\n";
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    };
    write("s.s", source.as_bytes());
    write("odd.s", b".globl bb\nbb: .byte 0\n");
    write("none.s", b"");
    for name in ["s", "odd", "none"] {
        run(folder.path(), &["as", "-o", &format!("{name}.o"), &format!("{name}.s")]);
    }
    write("lto.c", b"int g; int f(void); static int s; int h(void) { return f() + s; }\n");
    run(folder.path(), &["gcc", "-flto", "-c", "lto.c"]);
    run(folder.path(), &["gcc", "-flto", "-ffat-lto-objects", "-o", "fat.o", "-c", "lto.c"]);
    write("empty", b"");
    write("odd.txt", b"abc");
    for name in ["123456789012345", "1234567890123456", "a name.o", "a_name_with_20_chars"] {
        write(name, name.as_bytes());
    }
    folder
}

fn run(folder: &Path, command: &[&str]) {
    let (program, arguments) = command.split_first().unwrap();
    let status =
        Command::new(program).args(arguments).current_dir(folder).env("TZ", "UTC").status();
    let status = status.unwrap_or_else(|error| {
        panic!("{program}: {error}: run `apt-get install -y gcc binutils llvm-14`")
    });
    assert!(status.success(), "{command:?}");
}

/// Sets of members; each is made into an archive of each kind.
const SETS: &[&[&str]] = &[
    &["s.o"],
    &[],
    &["none.o"],
    &["odd.txt"],
    &["empty"],
    &["odd.o", "odd.txt", "s.o", "none.o"],
    &["123456789012345", "1234567890123456"],
    &["a name.o", "a_name_with_20_chars", "odd.o"],
    &["s.o", "odd.o", "none.o", "empty", "odd.txt", "123456789012345", "1234567890123456"],
];

#[test]
#[ignore = "needs gcc, ar and llvm-ar"]
fn archives_are_written_as_ar_and_llvm_ar_write_them() {
    let folder = material();
    // LLVM's archiver does not know GCC's intermediate code.
    let gnu = [SETS, &[&["lto.o", "fat.o", "odd.o"]]].concat();
    for (flavour, is_thin, maker) in [
        (Flavour::Gnu, false, &["ar", "rcD"][..]),
        (Flavour::Gnu, true, &["ar", "rcDT"]),
        (Flavour::BsdAligned, false, &["llvm-ar-14", "rcD", "--format=bsd"]),
        (Flavour::Darwin, false, &["llvm-ar-14", "rcD", "--format=darwin"]),
    ] {
        // Without members, GNU `ar` makes no thin archive.
        let sets = if flavour == Flavour::Gnu { &gnu[..] } else { SETS };
        for set in sets.iter().filter(|set| !(is_thin && set.is_empty())) {
            let archive = folder.path().join("theirs.a");
            let _ = std::fs::remove_file(&archive);
            run(folder.path(), &[maker, &["theirs.a"], set].concat());
            let theirs = std::fs::read(&archive).unwrap();
            let mut build = if is_thin { Build::thin() } else { Build::new(flavour) };
            for name in *set {
                let contents = std::fs::read(folder.path().join(name)).unwrap();
                if is_thin {
                    build.add_external(name.as_bytes(), contents);
                } else {
                    build.add(name.as_bytes(), contents);
                }
            }
            let ours = build.plan().unwrap().to_vec();
            assert!(ours == theirs, "{maker:?} {set:?}: other bytes");
            exercise(&ours);
        }
    }
}
