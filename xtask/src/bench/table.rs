//! The results as text and as `BENCHMARKS.md`.

use std::fmt::Write as _;

use anyhow::Result;

use super::Cost;
use crate::shell;

/// A workload's results; ours are the first.
pub struct Row {
    /// What was done with which input.
    pub title: String,
    /// How often each ran.
    pub runs: usize,
    /// The median cost of each contender.
    pub medians: Vec<(&'static str, Cost)>,
}

impl Row {
    /// The results for the terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{} ({} runs)", self.title, self.runs);
        for (name, cost) in &self.medians {
            let [wall, processor, memory] = columns(*cost);
            let [wall_ratio, processor_ratio] = self.ratios(*cost);
            // Writing to a string does not fail.
            let _ = write!(
                text,
                "\n  {name:<10}{wall:>10} ms {wall_ratio:>7}  {processor:>10} ms CPU \
                 {processor_ratio:>7}  {memory:>7} MB{}",
                note(*cost)
            );
        }
        text
    }

    /// How many times ours a contender's times are.
    fn ratios(&self, cost: Cost) -> [String; 2] {
        let ours = self.medians.first().map_or(cost, |(_, ours)| *ours);
        let ratio = |value: u64, base: u64| format!("×{:.2}", float(value) / float(base.max(1)));
        [ratio(cost.wall, ours.wall), ratio(cost.processor, ours.processor)]
    }
}

#[allow(clippy::cast_precision_loss, reason = "times and sizes are far below 2^52")]
fn float(value: u64) -> f64 {
    value as f64
}

/// What is said of a program that reported a failure.
fn note(cost: Cost) -> &'static str {
    if cost.failed { " (failed)" } else { "" }
}

/// Milliseconds, milliseconds and megabytes.
fn columns(cost: Cost) -> [String; 3] {
    let milliseconds = |value: u64| format!("{:.1}", float(value) / 1000.0);
    let megabytes = format!("{:.1}", float(cost.memory) / 1024.0);
    [milliseconds(cost.wall), milliseconds(cost.processor), megabytes]
}

/// What stands above the rows.
const HEAD: &str = "# Benchmarks

`cargo xtask bench` makes this file. It runs each command of a workload in turns, output to
`/dev/null`, and takes medians: of wall time, of time on the processor (user and system), and of
peak memory. `×` is how many times ours that is. A program that reported a failure is marked. GNU
is binutils 2.40, LLVM is 14. Links write to a file system in memory; mold and wild are told not to
fork, as their first process would end before the work is done. Libraries are called by programs of `tests/peers/`; the index of
addresses of `libsymtab` takes 20 bytes a symbol, 28 where they span 4 GiB or more. A workload's
programs ran together, on the day that stands in its first row.
";

/// What stands above the columns.
const COLUMNS: &str = "
| workload | day | program | wall, ms | | CPU, ms | | memory, MB |
|---|---|---|--:|--:|--:|--:|--:|
";

/// The rows of a workload, as the file has them.
struct Block<'t> {
    title: &'t str,
    text: std::borrow::Cow<'t, str>,
}

/// The whole file: the rows of `before`, the file as it is, with those of the workloads that were
/// measured in their places, and new ones behind them. With `is_all` no other workload is kept.
///
/// # Errors
/// Where the date cannot be had.
pub fn document(before: &str, rows: &[Row], is_all: bool) -> Result<String> {
    let date = shell::output(&mut shell::command(&["date", "-u", "+%F"]))?;
    let date = String::from_utf8_lossy(&date).trim().to_owned();
    let mut blocks = if is_all { Vec::new() } else { blocks_of(before) };
    for row in rows {
        let block = Block { title: &row.title, text: row.lines(&date).into() };
        match blocks.iter_mut().find(|known| known.title == row.title) {
            Some(known) => *known = block,
            None => blocks.push(block),
        }
    }
    let blocks: String = blocks.into_iter().map(|block| block.text).collect();
    Ok(format!("{HEAD}\n{}.\n{COLUMNS}{blocks}", machine()))
}

/// The workloads of a file. Rows without a day are of an older form, and left out.
fn blocks_of(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let is_current = text.contains("| day |");
    let rows = text.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    for line in rows.filter(|line| is_current && line.starts_with('|')) {
        let title = line.trim_start_matches('|').split('|').next().unwrap_or_default().trim();
        match blocks.last_mut() {
            Some(block) if title.is_empty() => {
                let text = block.text.to_mut();
                text.push_str(line);
                text.push('\n');
            }
            _ => blocks.push(Block { title, text: format!("{line}\n").into() }),
        }
    }
    blocks
}

impl Row {
    /// The rows of the file.
    fn lines(&self, date: &str) -> String {
        let (mut title, mut date) = (self.title.as_str(), date);
        let mut text = String::new();
        for (name, cost) in &self.medians {
            let [wall, processor, memory] = columns(*cost);
            let [wall_ratio, processor_ratio] = self.ratios(*cost);
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {title} | {date} | {name} | {wall} | {wall_ratio} | {processor} | \
                 {processor_ratio} | {memory}{} |",
                note(*cost)
            );
            (title, date) = ("", "");
        }
        text
    }
}

/// The processor, and how many of it.
fn machine() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_to_ours() {
        let ours = Cost { wall: 2000, processor: 1000, memory: 2048, failed: false };
        let theirs = Cost { wall: 5000, processor: 9000, memory: 4096, failed: true };
        let row =
            Row { title: "t".into(), runs: 3, medians: vec![("ours", ours), ("GNU", theirs)] };
        let text = row.text();
        assert!(
            text.contains("×1.00") && text.contains("×2.50") && text.contains("×9.00"),
            "{text}"
        );
        let other = Row { title: "u".into(), runs: 3, medians: vec![("ours", theirs)] };
        let file = document("", &[row, other], true).unwrap();
        assert!(file.contains("| ours | 2.0 | ×1.00 | 1.0 | ×1.00 | 2.0 |"), "{file}");
        assert_eq!(file.matches("\n| t | 2").count(), 1);
        // What is measured again takes the place of what was there.
        let again = Row { title: "t".into(), runs: 3, medians: vec![("ours", theirs)] };
        let merged = document(&file, &[again], false).unwrap();
        assert!(!merged.contains("| 2.0 | ×1.00 |"), "{merged}");
        assert!(merged.contains("| u | 2"), "{merged}");
        assert!(merged.find("| t |") < merged.find("| u |"));
    }
}
