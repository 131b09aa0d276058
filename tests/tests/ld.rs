//! Small programs, linked by ours and by GNU ld.
#![cfg(feature = "exercise")]
// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tests::ld::program::Program;
use tests::ld::{Linker, compare};

/// The reference.
const GNU: &str = "/usr/bin/ld.bfd";

/// All programs, or those whose names have in them what `LD_PROGRAMS` says; the folders of those
/// that fail are kept in `LD_KEEP` if that is set.
#[test]
#[ignore = "needs GNU ld, a compiler, and our programs built"]
fn programs_are_the_same_from_both_linkers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = std::env::var_os("ELFTOOLCHAIN")
        .map_or_else(|| root.join("../target/debug/elftoolchain"), PathBuf::from);
    let ours = ours.canonicalize().expect("build it: `cargo build -p elftoolchain`");
    let wanted = std::env::var("LD_PROGRAMS").unwrap_or_default();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root.join("ld"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(&wanted))
        .collect();
    paths.sort();
    let temporary = tempfile::tempdir().unwrap();
    let base =
        std::env::var_os("LD_KEEP").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let gnu = Linker::new(Path::new(GNU), temporary.path().join("gnu-bin")).unwrap();
    let ours = Linker::new(&ours, temporary.path().join("our-bin")).unwrap();

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
                    if !found.is_empty() {
                        println!("{name}: {}", program.about);
                        for text in &found {
                            println!("  {text}");
                        }
                        failed.lock().unwrap().push(name);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    println!("{} of {} programs are the same", paths.len() - failed.len(), paths.len());
    assert!(failed.is_empty(), "{failed:?}");
}
