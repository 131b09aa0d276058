//! Small programs, linked by ours and by GNU ld.
#![cfg(feature = "exercise")]
// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tests::ld::program::Program;
use tests::ld::{Linker, compare};

/// The reference.
const GNU: &str = "/usr/bin/ld.bfd";

/// What is known to differ and to be mended: a program and what of it, a line each.
const KNOWN: &str = "ld-open.tsv";

/// All programs, or those whose names have in them what `LD_PROGRAMS` says; the folders of those
/// that fail are kept in `LD_KEEP` if that is set. What stands in [`KNOWN`] must differ still.
#[test]
#[ignore = "needs GNU ld, a compiler, and our programs built"]
fn programs_are_the_same_from_both_linkers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (ours, paths) = (binary(), programs());
    let temporary = tempfile::tempdir().unwrap();
    let base =
        std::env::var_os("LD_KEEP").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let gnu = Linker::new(Path::new(GNU), temporary.path().join("gnu-bin")).unwrap();
    let ours = Linker::new(&ours, temporary.path().join("our-bin")).unwrap();

    let text = std::fs::read_to_string(root.join(KNOWN)).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let known: BTreeSet<(&str, &str)> = rows.map(|line| line.split_once('\t').unwrap()).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) =
                    paths.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                    let program = Program::parse(&std::fs::read_to_string(path).unwrap())
                        .unwrap_or_else(|error| panic!("{name}: {error}"));
                    let folder = base.join(&name);
                    let of_gnu = program.run(&gnu, &folder.join("gnu")).unwrap();
                    let of_ours = program.run(&ours, &folder.join("our")).unwrap();
                    let found = compare(&program, &of_gnu, &of_ours);
                    let wrong = unexpected(&name, &found, &known);
                    if !wrong.is_empty() {
                        // In one piece, as others print at the same time.
                        println!("{name}: {}\n  {}", program.about, wrong.join("\n  "));
                        failed.lock().unwrap().push(name);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    let open: BTreeSet<&str> = known.iter().map(|(program, _)| *program).collect();
    println!("{} programs, {} of which differ in what is known", paths.len(), open.len());
    assert!(failed.is_empty(), "{failed:?}");
}

/// Our multi-call binary.
fn binary() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = std::env::var_os("ELFTOOLCHAIN")
        .map_or_else(|| root.join("../target/debug/elftoolchain"), PathBuf::from);
    let found = ours.canonicalize();
    found.unwrap_or_else(|error| panic!("build it: `cargo build -p elftoolchain`: {error}"))
}

/// The programs, or those whose names have in them what `LD_PROGRAMS` says.
fn programs() -> Vec<PathBuf> {
    let wanted = std::env::var("LD_PROGRAMS").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ld");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(&wanted))
        .collect();
    paths.sort();
    paths
}

/// A number that nobody guesses is another one in each run.
const IS_RANDOM: &str = "--build-id=uuid";

/// The same bytes come out, however many threads there are. Each number of threads is a run of its
/// own, so what differs from run to run would show, too.
#[test]
#[ignore = "needs a compiler, and our programs built"]
fn outputs_do_not_depend_on_threads() {
    let ours = binary();
    let temporary = tempfile::tempdir().unwrap();
    let linkers = [1, 2, 16].map(|threads| {
        let folder = temporary.path().join(format!("bin-{threads}"));
        Linker::with_option(&ours, &format!("--threads={threads}"), folder).unwrap()
    });
    let mut differ = Vec::new();
    let mut compared = 0;
    for path in programs() {
        let text = std::fs::read_to_string(&path).unwrap();
        let program = Program::parse(&text).unwrap();
        if text.contains(IS_RANDOM) {
            continue;
        }
        // One folder for all: its name is part of debugging information.
        let folder = temporary.path().join("work");
        let of_each = linkers.each_ref().map(|linker| {
            let printed = program.run(linker, &folder).unwrap().printed;
            let files = elf_files(&folder);
            std::fs::remove_dir_all(&folder).unwrap();
            (printed, files)
        });
        let [first, others @ ..] = &of_each;
        compared += first.1.len();
        if others.iter().any(|other| other != first) {
            differ.push(path);
        }
    }
    println!("{compared} files compared");
    assert!(differ.is_empty(), "{differ:?}");
    assert!(compared != 0);
}

/// The ELF files of a folder, by name.
fn elf_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            if bytes.starts_with(b"\x7fELF") {
                files.insert(path.display().to_string(), bytes);
            }
        }
    }
    files
}

/// What of the differences `found` is not known, and what is known and was not found.
fn unexpected(name: &str, found: &[String], known: &BTreeSet<(&str, &str)>) -> Vec<String> {
    let what =
        |text: &str| text.lines().next().unwrap_or_default().trim_end_matches(':').to_owned();
    let new = found.iter().filter(|text| !known.contains(&(name, what(text).as_str())));
    let gone = known.iter().filter(|(program, part)| {
        *program == name && !found.iter().any(|text| what(text) == *part)
    });
    let gone =
        gone.map(|(_, part)| format!("{part}: differs no more; take the line out of {KNOWN}"));
    new.cloned().chain(gone).collect()
}
