//! The archives of the corpus, and those that other programs make, read and written again.
#![cfg(feature = "exercise")]

use std::path::{Path, PathBuf};
use std::process::Command;

use libelf::archive::Build;
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
