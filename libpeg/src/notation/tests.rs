//! The notation as a whole: what texts are read as, what is said about wrong ones, and properties
//! that hold for any text.
#![allow(clippy::format_push_string, reason = "texts of tests need no speed")]

mod built_in;
mod messages;
mod properties;

use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::{Files, Options, parse, print};
use crate::source::SourceMap;

/// Files that are not there but in memory.
#[derive(Default)]
struct Memory(HashMap<&'static str, &'static str>);

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.to_str().unwrap_or_default();
        match self.0.get(name) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Reads a text with these files and definitions; gives the tree printed, and all messages.
fn read_with(
    text: &str,
    files: &[(&'static str, &'static str)],
    defines: &[&str],
) -> (String, String) {
    let files = Memory(files.iter().copied().collect());
    let mut options = Options { files: &files, ..Options::default() };
    for define in defines {
        options.define(define).unwrap();
    }
    let sources = SourceMap::new();
    let id = sources.add("test.elfc", text).unwrap();
    let parsed = parse(&sources, id, &options);
    (print(&parsed.statements), parsed.diagnostics.render(&sources))
}

/// The tree of a text without errors, printed.
fn tree(text: &str) -> String {
    let (tree, messages) = read_with(text, &[], &[]);
    assert_eq!(messages, "", "{text}");
    tree
}

/// The messages about a text.
fn messages(text: &str) -> String {
    read_with(text, &[], &[]).1
}
