//! The corpus: the files that every program is run on, and the list that says what they are.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::elfkind::{self, Kind};

/// The list's name in the corpus folder.
const LIST: &str = "list.tsv";
/// Its first line.
const HEADING: &str = "path\tsize\tblake3\tsubset\tform\tmachine\tbits\torder\tos";

/// How much of the corpus is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subset {
    /// What is run at every change: gathered and run in minutes.
    Ci,
    /// Everything.
    All,
}

impl Subset {
    fn name(self) -> &'static str {
        match self {
            Self::Ci => "ci",
            Self::All => "all",
        }
    }
}

/// One file of the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the corpus folder.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// The BLAKE3 hash of its bytes, in hex.
    pub hash: String,
    /// The smallest subset that it is part of.
    pub subset: Subset,
    /// What it is.
    pub kind: Kind,
}

impl Entry {
    /// Describes a file that lies in the corpus folder.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn describe(folder: &Path, path: &str, subset: Subset) -> Result<Self> {
        let full = folder.join(path);
        let bytes = std::fs::read(&full).with_context(|| full.display().to_string())?;
        Ok(Self {
            path: path.to_owned(),
            size: bytes.len() as u64,
            hash: blake3::hash(&bytes).to_hex().to_string(),
            subset,
            kind: elfkind::of(&bytes),
        })
    }

    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [path, size, hash, subset, form, machine, bits, order, os] = fields.as_slice() else {
            return None;
        };
        Some(Self {
            path: (*path).to_owned(),
            size: size.parse().ok()?,
            hash: (*hash).to_owned(),
            subset: match *subset {
                "ci" => Subset::Ci,
                "all" => Subset::All,
                _ => return None,
            },
            kind: Kind {
                form: (*form).to_owned(),
                machine: (*machine).to_owned(),
                bits: bits.parse().ok()?,
                order: (*order).to_owned(),
                os: (*os).to_owned(),
            },
        })
    }
}

/// The top folder of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// The corpus folder. It may be a link to that of another clone.
pub fn folder() -> PathBuf {
    root().join("corpus")
}

/// Writes the list.
///
/// # Errors
/// Where it cannot be written.
pub fn write_list(entries: &[Entry]) -> Result<()> {
    let mut text = format!("{HEADING}\n");
    for entry in entries {
        let Entry { path, size, hash, subset, kind } = entry;
        writeln!(text, "{path}\t{size}\t{hash}\t{}\t{kind}", subset.name())?;
    }
    std::fs::write(folder().join(LIST), text)?;
    Ok(())
}

/// Reads the list: all files of `subset`.
///
/// # Errors
/// Where there is no corpus yet, or its list is broken.
pub fn read_list(subset: Subset) -> Result<Vec<Entry>> {
    let path = folder().join(LIST);
    let Ok(text) = std::fs::read_to_string(&path) else {
        bail!("there is no corpus yet: run `cargo xtask corpus`");
    };
    let mut entries = Vec::new();
    for line in text.lines().skip(1) {
        let Some(entry) = Entry::parse(line) else {
            bail!("{}: bad line {line:?}", path.display());
        };
        if entry.subset <= subset {
            entries.push(entry);
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_list_is_read_back() {
        let line = "a/b.o\t12\tabcd\tci\tREL\tmips\t32\tMSB\t-";
        let entry = Entry::parse(line).unwrap();
        assert_eq!(entry.path, "a/b.o");
        assert_eq!(entry.subset, Subset::Ci);
        assert_eq!(entry.kind.machine, "mips");
        assert_eq!(Entry::parse("a/b.o\t12"), None);
        assert_eq!(Entry::parse(&line.replace("\tci\t", "\tsome\t")), None);
    }
}
