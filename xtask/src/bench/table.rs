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

/// The whole file.
///
/// # Errors
/// Where the date cannot be had.
pub fn document(rows: &[Row]) -> Result<String> {
    let date = shell::output(&mut shell::command(&["date", "-u", "+%F"]))?;
    let mut text = format!(
        "# Benchmarks

`cargo xtask bench` makes this file. It runs each command of a workload in turns, output to
`/dev/null`, and takes medians: of wall time, of time on the processor (user and system), and of
peak memory. `×` is how many times ours that is. A program that reported a failure is marked. GNU
is binutils 2.40, LLVM is 14. Libraries are called by programs of `tests/peers/`; the index of
addresses of `libsymtab` takes 20 bytes a symbol, 28 where they span 4 GiB or more.

{}, {}.

| workload | program | wall, ms | | CPU, ms | | memory, MB |
|---|---|--:|--:|--:|--:|--:|
",
        String::from_utf8_lossy(&date).trim(),
        machine()
    );
    for row in rows {
        let mut title = row.title.as_str();
        for (name, cost) in &row.medians {
            let [wall, processor, memory] = columns(*cost);
            let [wall_ratio, processor_ratio] = row.ratios(*cost);
            writeln!(
                text,
                "| {title} | {name} | {wall} | {wall_ratio} | {processor} | {processor_ratio} | {memory}{} |",
                note(*cost)
            )?;
            title = "";
        }
    }
    Ok(text)
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
        assert!(
            document(&[row]).unwrap().contains("| t | ours | 2.0 | ×1.00 | 1.0 | ×1.00 | 2.0 |")
        );
    }
}
