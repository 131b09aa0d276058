//! What the reference printed, remembered, so that it runs once for a file and a set of options.
//!
//! Only digests are kept: output may be long, and is needed only where a pair differs, when the
//! reference runs again. There is one small file of lines for each program and corpus file, named
//! by a hash of everything the output depends on; it lies beside the corpus, so that clones that
//! share a corpus share it too.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::corpus::{self, Entry};
use crate::programs::Program;
use crate::run::Outcome;

/// Raised when what a digest means changes.
const FORMAT: &str = "1";

/// What is remembered of one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digest of an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(outcome.stdout.len() as u64).to_le_bytes());
        hasher.update(&outcome.stdout);
        hasher.update(&outcome.stderr);
        hasher.update(outcome.end.to_string().as_bytes());
        Self(hasher.finalize().to_hex().to_string())
    }
}

/// The digests of a program's reference on one file.
#[derive(Debug)]
pub struct Memory {
    path: Option<PathBuf>,
    known: HashMap<String, Digest>,
}

impl Memory {
    /// What is known of `program` on `entry`.
    pub fn load(program: &Program, entry: &Entry) -> Self {
        // The output for a thin archive depends on files beside it.
        if entry.kind.form == "thin archive" {
            return Self { path: None, known: HashMap::new() };
        }
        let plugins = match program.reference.plugin_files {
            [] => "",
            _ if program.reference.asks_plugins(&entry.path) => "\nplugins",
            _ => "\nno plugins",
        };
        let hash = format!("{}{plugins}", entry.hash);
        let key = [FORMAT, program.name, program.reference.version, &entry.path, &hash].join("\n");
        let key = blake3::hash(key.as_bytes()).to_hex();
        let path = corpus::folder().join(".reference").join(key.as_str());
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let known = text
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(digest, set)| (set.to_owned(), Digest(digest.to_owned())))
            .collect();
        Self { path: Some(path), known }
    }

    /// The digest for a set of options.
    pub fn recall(&self, set: &str) -> Option<&Digest> {
        self.known.get(set)
    }

    /// Remembers one more. Lines are short, so that writers at the same time do not mix.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn keep(&mut self, set: &str, digest: Digest) -> Result<()> {
        if let Some(path) = &self.path {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            file.write_all(format!("{}\t{set}\n", digest.0).as_bytes())?;
        }
        self.known.insert(set.to_owned(), digest);
        Ok(())
    }
}
