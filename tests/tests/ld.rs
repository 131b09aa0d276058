//! Small programs, linked by ours, by GNU ld and by LLVM's.
#![cfg(feature = "exercise")]
// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tests::ld::productions::Productions;
use tests::ld::program::{self, Program};
use tests::ld::{Depth, Linker, compare};

/// The reference.
const GNU: &str = "/usr/bin/ld.bfd";

/// The third linker: programs behave the same with it.
const LLVM: &str = "/usr/bin/ld.lld-14";

/// What differs with [`LLVM`]: a program, what of it ([`ALL`]: something), and why.
const KNOWN_LLVM: &str = "ld-llvm.tsv";

/// The program cannot be compared.
const ALL: &str = "*";

/// A table of what is known to differ, by program: what of it.
type Known<'t> = BTreeSet<(&'t str, &'t str)>;

/// The rows of a table of known differences.
fn known(text: &str) -> Known<'_> {
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let split = |line| {
        let mut words = str::split(line, '\t');
        (words.next().unwrap(), words.next().unwrap())
    };
    rows.map(split).collect()
}

/// All programs, or those whose names have in them what `LD_PROGRAMS` says; the folders of those
/// that fail are kept in `LD_KEEP` if that is set. What stands in [`KNOWN_LLVM`] must differ still.
#[test]
#[ignore = "needs GNU ld, lld, a compiler, and our programs built"]
fn programs_are_the_same_from_all_linkers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (ours, paths) = (binary(), programs());
    let temporary = tempfile::tempdir().unwrap();
    let base =
        std::env::var_os("LD_KEEP").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let linker = |path: &Path, name| Linker::new(path, temporary.path().join(name)).unwrap();
    let gnu = linker(Path::new(GNU), "gnu-bin");
    let llvm = linker(Path::new(LLVM), "llvm-bin");
    let ours = linker(&ours, "our-bin");

    let text = std::fs::read_to_string(root.join(KNOWN_LLVM)).unwrap();
    let known = known(&text);
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                    let program = Program::parse(&std::fs::read_to_string(path).unwrap())
                        .unwrap_or_else(|error| panic!("{name}: {error}"));
                    let folder = base.join(&name);
                    let of_gnu = program.run(&gnu, &folder.join("gnu")).unwrap();
                    let of_ours = program.run(&ours, &folder.join("our")).unwrap();
                    let of_llvm = program.run(&llvm, &folder.join("llvm")).unwrap();
                    let mut wrong = compare(&program, &of_gnu, &of_ours, Depth::Everything);
                    // What comes behind the command that failed would be compared with nothing.
                    if of_gnu.printed.contains(program::FAILED) {
                        wrong.push(format!("GNU's fails; say `fails`: {}", of_gnu.printed));
                    }
                    let found = compare(&program, &of_llvm, &of_ours, Depth::Behaviour);
                    let found = unexpected(&name, &found, &known);
                    wrong.extend(found.into_iter().map(|text| format!("LLVM: {text}")));
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
    let differ = programs_in(&known);
    println!("{} programs, {differ} differ from what LLVM's linker makes", paths.len());
    assert!(failed.is_empty(), "{failed:?}");
}

/// Programs with options that GNU ld 2.40 does not know, and LLVM's linker does, behave the same.
#[test]
#[ignore = "needs lld, a compiler, and our programs built"]
fn words_of_llvm_alone_mean_the_same() {
    let temporary = tempfile::tempdir().unwrap();
    let linker = |path: &Path, name| Linker::new(path, temporary.path().join(name)).unwrap();
    let (llvm, ours) = (linker(Path::new(LLVM), "llvm-bin"), linker(&binary(), "our-bin"));
    let mut wrong = Vec::new();
    for path in programs_in_folder("ld-words") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let program = Program::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let folder = temporary.path().join(&name);
        let of_llvm = program.run(&llvm, &folder.join("llvm")).unwrap().printed;
        let of_ours = program.run(&ours, &folder.join("our")).unwrap().printed;
        if of_llvm.contains(program::FAILED) || of_llvm != of_ours {
            wrong.push(format!("{name}:\n{of_llvm}\nours:\n{of_ours}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What no link of GNU ld 2.40 can use, and why.
const OF_OURS_ALONE: &[(&str, &str)] = &[
    ("asciz", LATER),
    ("asciz_word", LATER),
    ("body_keyword: asciz", LATER),
    ("linker_version", LATER),
    ("body_keyword: linker_version", LATER),
    ("file_sort: \"REVERSE\"", LATER),
    ("sort: \"REVERSE\"", LATER),
    ("sorted_files: sorted_files", LATER),
    ("operator: \"^\"", LATER),
    ("operator_of_assignment: \"^=\"", LATER),
    ("expression_alone", "no option of ld(1) takes an expression alone; callers of libld may"),
];
/// A word of later releases of GNU ld; see the difference L-ASCIZ.
const LATER: &str = "later than 2.40";

/// Each production of the grammar of scripts is used by some program in a link that GNU ld makes,
/// too, or stands in [`OF_OURS_ALONE`].
#[test]
#[ignore = "needs GNU ld and a compiler"]
fn each_production_of_scripts_is_used() {
    let temporary = tempfile::tempdir().unwrap();
    let paths = programs();
    let next = AtomicUsize::new(0);
    let seen = Mutex::new((Productions::new().unwrap(), Vec::new()));
    let work = || {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let program = Program::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
            let folder = temporary.path().join(&name);
            let record = folder.join("record");
            let linker = Linker::recording(Path::new(GNU), folder.join("bin"), &record).unwrap();
            program.run(&linker, &folder.join("work")).unwrap();
            let (productions, failed) = &mut *seen.lock().unwrap();
            for link in std::fs::read_dir(&record).unwrap() {
                if let Err(error) = productions.see_link(&link.unwrap().path()) {
                    failed.push(format!("{name}: {error:#}"));
                }
            }
            std::fs::remove_dir_all(&folder).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let (productions, mut failed) = seen.into_inner().unwrap();
    let unused: BTreeSet<&str> = productions.unused().into_iter().collect();
    let known: BTreeSet<&str> = OF_OURS_ALONE.iter().map(|(words, _)| *words).collect();
    failed.extend(unused.difference(&known).map(|words| format!("unused: {words}")));
    failed.extend(known.difference(&unused).map(|words| format!("used after all: {words}")));
    println!("{} productions", productions.count());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// How many programs there are in a table.
fn programs_in(known: &Known<'_>) -> usize {
    known.iter().map(|(program, _)| program).collect::<BTreeSet<_>>().len()
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
    programs_in_folder("ld")
}

/// Those of a folder.
fn programs_in_folder(folder: &str) -> Vec<PathBuf> {
    let wanted = std::env::var("LD_PROGRAMS").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
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
fn unexpected(name: &str, found: &[String], known: &Known<'_>) -> Vec<String> {
    let what =
        |text: &str| text.lines().next().unwrap_or_default().trim_end_matches(':').to_owned();
    let has_any = known.contains(&(name, ALL));
    let new = found.iter().filter(|text| !has_any && !known.contains(&(name, what(text).as_str())));
    let is_gone = |part: &str| match part {
        ALL => found.is_empty(),
        _ => !found.iter().any(|text| what(text) == part),
    };
    let gone = known.iter().filter(|(program, part)| *program == name && is_gone(part));
    let gone =
        gone.map(|(_, part)| format!("{part}: differs no more; take the line out of {KNOWN_LLVM}"));
    new.cloned().chain(gone).collect()
}
