//! Counts of pairs, and the differences found.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::corpus::Entry;
use crate::programs::Program;

/// What came of one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both agree.
    Same,
    /// They differ, as the row of that id says.
    Kept(String),
    /// They differ; the text tells where.
    Differs(String),
}

impl Verdict {
    /// Judges a pair: its difference, and the id of the row that allows one.
    pub fn of(difference: Option<String>, allowed: Option<&str>) -> Self {
        match (difference, allowed) {
            (None, None) => Self::Same,
            (Some(_), Some(id)) => Self::Kept(id.to_owned()),
            (Some(text), None) => Self::Differs(text),
            (None, Some(id)) => Self::Differs(format!(
                "difference {id} no longer occurs here: take the line out of tests/exceptions.tsv"
            )),
        }
    }
}

/// Pairs of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Pairs that agree.
    pub same: u64,
    /// Pairs that differ on purpose.
    pub kept: u64,
    /// Pairs that differ.
    pub differs: u64,
}

impl Count {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Same => self.same += 1,
            Verdict::Kept(_) => self.kept += 1,
            Verdict::Differs(_) => self.differs += 1,
        }
    }
}

/// All that came of a run.
#[derive(Debug, Default)]
pub struct Report {
    total: Count,
    by_set: BTreeMap<(&'static str, usize, &'static str), Count>,
    by_machine: BTreeMap<String, (Count, std::collections::BTreeSet<String>)>,
    differences: BTreeMap<String, String>,
}

impl Report {
    /// Adds a pair. A command line that is about no single file has no `entry`.
    pub fn record(
        &mut self,
        program: &'static Program,
        set: &'static str,
        entry: Option<&Entry>,
        verdict: Verdict,
    ) {
        self.total.add(&verdict);
        // Option sets are listed in the order of their table, command lines as one group after.
        let place = program.option_sets.iter().position(|other| *other == set);
        let (order, label) = match place {
            Some(order) if entry.is_some() => (order, set),
            _ => (usize::MAX, "(command lines)"),
        };
        let key = (program.name, order, label);
        self.by_set.entry(key).or_default().add(&verdict);
        if let Some(entry) = entry {
            let kind = &entry.kind;
            let label = format!("{} {} {}", kind.machine, kind.bits, kind.order);
            let (count, files) = self.by_machine.entry(label).or_default();
            count.add(&verdict);
            files.insert(entry.path.clone());
        }
        if let Verdict::Differs(text) = verdict {
            let file = entry.map_or("", |entry| entry.path.as_str());
            let command = format!("{} {set} {file}", program.name);
            self.differences.insert(command.trim_end().to_owned(), text);
        }
    }

    /// Adds a failure that is no pair.
    pub fn complain(&mut self, about: String, text: String) {
        self.total.differs += 1;
        self.differences.insert(about, text);
    }

    /// The sum of all counts.
    pub fn total(&self) -> Count {
        self.total
    }

    /// Every differing pair with its first difference.
    pub fn differences(&self) -> impl Iterator<Item = (&str, &str)> {
        self.differences.iter().map(|(command, text)| (command.as_str(), text.as_str()))
    }

    /// The counts as tables.
    pub fn tables(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write_tables(&mut text);
        text
    }

    fn write_tables(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "{:<44}{:>8}{:>8}{:>8}", "", "same", "kept", "differ")?;
        for ((program, _, label), count) in &self.by_set {
            write_count(text, &format!("{program} {label}"), *count)?;
        }
        writeln!(text)?;
        for (machine, (count, files)) in &self.by_machine {
            let files = files.len();
            write_count(text, &format!("{machine}: {files} files"), *count)?;
        }
        writeln!(text)?;
        write_count(text, "all pairs", self.total)
    }
}

fn write_count(text: &mut String, label: &str, count: Count) -> std::fmt::Result {
    let Count { same, kept, differs } = count;
    let mark = if differs > 0 { "  <--" } else { "" };
    writeln!(text, "{label:<44}{same:>8}{kept:>8}{differs:>8}{mark}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_that_no_longer_occurs_differs() {
        assert_eq!(Verdict::of(None, None), Verdict::Same);
        assert_eq!(Verdict::of(Some("x".into()), Some("R1")), Verdict::Kept("R1".into()));
        assert!(matches!(Verdict::of(None, Some("R1")), Verdict::Differs(_)));
    }

    #[test]
    fn counts_add_up() {
        let program = crate::programs::named("size").unwrap();
        let set = program.option_sets.first().copied().unwrap();
        let mut report = Report::default();
        report.record(program, set, None, Verdict::Same);
        report.record(program, set, None, Verdict::Differs("line 1".into()));
        assert_eq!(report.total().same, 1);
        assert_eq!(report.total().differs, 1);
        assert_eq!(report.differences().count(), 1);
        assert!(report.tables().contains("(command lines)"));
    }
}
