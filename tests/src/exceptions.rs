//! Differences that are kept on purpose: rows of `docs/differences.md`, and the pairs where each
//! shows.
//!
//! `tests/exceptions.tsv` has a line for each group of pairs: program, pattern of option sets,
//! pattern of corpus paths, and the id of the row. Every pair that a line matches must differ: a
//! line that covers more than it has to would hide mistakes.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use glob::Pattern;

use crate::corpus;

/// One line of the table.
#[derive(Debug)]
struct Line {
    program: String,
    set: Pattern,
    file: Pattern,
    id: String,
    /// Whether a pair has asked for it.
    used: AtomicBool,
}

/// The table.
#[derive(Debug)]
pub struct Exceptions(Vec<Line>);

impl Exceptions {
    /// Reads the table, and checks that each line names a row of `docs/differences.md`.
    ///
    /// # Errors
    /// Where a line is broken or names no row.
    pub fn read() -> Result<Self> {
        let root = corpus::root();
        let table = std::fs::read_to_string(root.join("tests/exceptions.tsv"))
            .context("tests/exceptions.tsv")?;
        let rows = std::fs::read_to_string(root.join("docs/differences.md"))
            .context("docs/differences.md")?;
        Self::parse(&table, &rows)
    }

    fn parse(table: &str, rows: &str) -> Result<Self> {
        let mut lines = Vec::new();
        for text in table.lines() {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> = text.split('\t').collect();
            let [program, set, file, id] = fields.as_slice() else {
                bail!("tests/exceptions.tsv: four fields parted by tabs are wanted: {text:?}");
            };
            let row = format!("| {id} | {program} |");
            if !rows.lines().any(|line| line.starts_with(&row)) {
                bail!("docs/differences.md has no row that starts with {row:?}");
            }
            lines.push(Line {
                program: (*program).to_owned(),
                set: Pattern::new(set)?,
                file: Pattern::new(file)?,
                id: (*id).to_owned(),
                used: AtomicBool::new(false),
            });
        }
        Ok(Self(lines))
    }

    /// The id of the row that allows this pair to differ.
    pub fn allows(&self, program: &str, set: &str, file: &str) -> Option<&str> {
        let line = self.0.iter().find(|line| {
            line.program == program && line.set.matches(set) && line.file.matches(file)
        })?;
        line.used.store(true, Ordering::Relaxed);
        Some(&line.id)
    }

    /// The lines that no pair so far has matched: their program, option sets, files and id.
    pub fn unused(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter(|line| !line.used.load(Ordering::Relaxed)).map(|line| {
            let Line { program, set, file, id, .. } = line;
            format!("{program} {set} {file} {id}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "| id | program | what |\n|---|---|---|\n| R1 | readelf | it crashes |\n";

    #[test]
    fn lines_match_by_pattern() {
        let table = "# comment\n\nreadelf\t-n*\tcores/*\tR1\n";
        let exceptions = Exceptions::parse(table, ROWS).unwrap();
        assert_eq!(exceptions.unused().count(), 1);
        assert_eq!(exceptions.allows("readelf", "-nW", "cores/a"), Some("R1"));
        assert_eq!(exceptions.unused().count(), 0);
        assert_eq!(exceptions.allows("readelf", "-a", "cores/a"), None);
        assert_eq!(exceptions.allows("size", "-nW", "cores/a"), None);
    }

    #[test]
    fn a_line_without_a_row_is_refused() {
        assert!(Exceptions::parse("readelf\t*\t*\tR2\n", ROWS).is_err());
        assert!(Exceptions::parse("size\t*\t*\tR1\n", ROWS).is_err());
        assert!(Exceptions::parse("readelf *\n", ROWS).is_err());
    }
}
