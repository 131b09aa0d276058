//! One broken input, tried on the library and on the programs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::exercise;
use crate::run::{End, Input, Job, Outcome, Streams, args, run};

/// No input may take longer.
const TIME: Duration = Duration::from_secs(10);
/// No input may take more memory than its size and this, in bytes.
pub(super) const MEMORY: u64 = 256 << 20;
/// What a program has mapped before it reads its input.
pub(super) const PROGRAM_ITSELF: u64 = 8 << 20;

/// Options that follow `-a` in turn: the dumps that `-a` leaves out.
const MORE: &[(&str, &[&str])] = &[
    ("readelf", &["-aW", "-L", "-D"]),
    ("readelf", &["-z", "-x", "1", "-x", "2", "-x", "3", "-x", "4", "-x", "5", "-x", "6"]),
    ("readelf", &["-z", "-p", "2", "-p", "4", "-p", "7", "-R", "1", "-R", "3", "-R", "9"]),
    ("readelf", &["-c", "-t", "-g", "-u", "-n", "-sW", "-U", "hex"]),
    ("nm", &["-a", "-S"]),
    ("nm", &["-D"]),
    ("nm", &["-n"]),
    ("nm", &["-C", "-s", "-a", "--size-sort", "-f", "sysv", "--synthetic"]),
    ("size", &["-A"]),
    ("size", &["-B", "-t", "--common"]),
    ("strings", &["-a"]),
    ("strings", &["-d", "-f", "-tx"]),
    ("strings", &["-e", "l", "-n", "2"]),
    ("strings", &["-Ue", "-eS"]),
];

/// Options that show debugging information, in turn for other inputs.
const DEBUG: &[(&str, &[&str])] = &[
    ("readelf", &["-w"]),
    ("readelf", &["-wN", "-W"]),
    ("readelf", &["-wNi", "-W"]),
    ("readelf", &["-wNF"]),
    ("readelf", &["-wNf"]),
    ("readelf", &["-wNlL"]),
    ("readelf", &["-wNL", "-W"]),
    ("readelf", &["-wNoR"]),
    ("readelf", &["-wNm"]),
    ("readelf", &["-wNaAsO", "--dwarf-check"]),
    ("readelf", &["-wNgcptr"]),
    ("readelf", &["-wNi", "--dwarf-start=0x30", "--dwarf-depth=3"]),
    ("addr2line", &["-afiC", "0", "10", "0x44", "401000", "401136", "1000", "-e"]),
    ("addr2line", &["-fps", "-j", ".text", "0", "4", "0x20", "-e"]),
    ("nm", &["-l"]),
];

/// What stands before the one byte that readelf shows as it is, because GNU does: no name.
const ONE_BYTE: &[u8] = b"Unknown attributes version '";

/// What tries inputs.
#[derive(Debug)]
pub struct Trial {
    /// Our multi-call binary.
    pub programs: PathBuf,
    /// The file that holds the input; in memory, if the system has such a folder.
    pub input: PathBuf,
}

impl Trial {
    /// Tries an input: what was wrong with it, if anything.
    ///
    /// # Errors
    /// Where the system cannot run a program.
    pub fn run(&self, number: u64, bytes: &[u8]) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        wrong.extend(library(bytes));
        std::fs::write(&self.input, bytes)?;
        wrong.extend(self.program("readelf", &["-a"], bytes.len())?);
        // Every third input runs through one more.
        if number.is_multiple_of(3)
            && let Some((name, options)) = MORE.get((number / 3 % MORE.len() as u64) as usize)
        {
            wrong.extend(self.program(name, options, bytes.len())?);
        }
        if number % 3 == 1
            && let Some((name, options)) = DEBUG.get((number / 3 % DEBUG.len() as u64) as usize)
        {
            wrong.extend(self.program(name, options, bytes.len())?);
        }
        Ok(wrong)
    }

    fn program(&self, name: &str, options: &[&str], size: usize) -> Result<Vec<String>> {
        let mut words = args(options);
        words.push(self.input.clone().into());
        // A program's most memory is counted from this process's, see `Outcome::peak_memory`.
        memory(Peak::Reset);
        let outcome = run(&Job {
            exe: &self.programs,
            name,
            args: &words,
            dir: Path::new("/"),
            input: Input::Nothing,
            streams: Streams::Apart,
            limit: TIME,
            finds_plugins: false,
        })?;
        let command = format!("{name} {}", options.join(" "));
        let allowed = (size as u64).saturating_add(MEMORY + PROGRAM_ITSELF);
        let found = faults(name, &outcome, allowed);
        Ok(found.into_iter().map(|fault| format!("{command}: {fault}")).collect())
    }
}

/// What is wrong with how a program ended and what it printed.
pub(super) fn faults(program: &str, outcome: &Outcome, allowed: u64) -> Vec<String> {
    let mut found = Vec::new();
    match outcome.end {
        // A panic ends with 101; size tells several failures apart by small numbers.
        End::Status(0..=4) => {}
        end => {
            let last = outcome.stderr.rsplit(|byte| *byte == b'\n').find(|line| !line.is_empty());
            let text = String::from_utf8_lossy(&outcome.stderr);
            let panic = text.lines().find(|line| line.contains("panicked"));
            let last = String::from_utf8_lossy(last.unwrap_or_default());
            found.push(format!("{end}: {}", panic.unwrap_or(&last)));
        }
    }
    if outcome.peak_memory > allowed {
        found.push(format!("{} MiB of memory", outcome.peak_memory >> 20));
    }
    for (stream, bytes) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        let is_wrong = |(_, byte): &(usize, &u8)| is_control(program, **byte);
        let mut controls = bytes.iter().enumerate().filter(is_wrong);
        let place = controls.find_map(|(at, byte)| {
            let start = bytes.get(..at).unwrap_or_default();
            let line = start.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
            (!line.ends_with(ONE_BYTE)).then_some((line, byte))
        });
        if let Some((line, byte)) = place {
            found.push(format!("{stream} has byte {byte:#04x} after \"{}\"", line.escape_ascii()));
        }
    }
    found
}

/// Whether a byte controls a terminal, and so must not be printed. Bytes 1 and 2 stand in the names
/// that GNU's assembler gives to local labels; nm prints these as they are, as GNU's does.
fn is_control(program: &str, byte: u8) -> bool {
    let is_mark = program == "nm" && matches!(byte, 1 | 2);
    byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t') && !is_mark
}

/// Tries an input on libelf, in this process.
fn library(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let before = memory(Peak::Reset);
    let started = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| exercise::everything(bytes)));
    if result.is_err() {
        found.push("libelf: it panicked".to_owned());
    }
    if started.elapsed() > TIME {
        found.push(format!("libelf: {:?}", started.elapsed()));
    }
    let grown = memory(Peak::Read).saturating_sub(before);
    if grown > (bytes.len() as u64).saturating_add(MEMORY) {
        found.push(format!("libelf: {} MiB of memory", grown >> 20));
    }
    found
}

#[derive(Clone, Copy)]
pub(super) enum Peak {
    Reset,
    Read,
}

/// The most memory that this process had since the last reset, in bytes; 0 where the system
/// does not tell.
pub(super) fn memory(peak: Peak) -> u64 {
    if matches!(peak, Peak::Reset) {
        // "5" resets the mark, proc(5). Where that is not allowed, the mark only grows.
        drop(std::fs::write("/proc/self/clear_refs", "5"));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(end: End, stdout: &[u8], peak_memory: u64) -> Outcome {
        Outcome { stdout: stdout.to_vec(), stderr: Vec::new(), end, peak_memory }
    }

    #[test]
    fn faults_are_seen() {
        let count = |program, outcome: Outcome| faults(program, &outcome, 100).len();
        assert_eq!(count("readelf", outcome(End::Status(1), b"a\tb\n", 10)), 0);
        assert_eq!(count("readelf", outcome(End::Status(101), b"", 10)), 1);
        assert_eq!(count("readelf", outcome(End::Late, b"\x1b", 1000)), 3);
    }

    #[test]
    fn marks_of_local_labels_are_names_of_nm_alone() {
        let count = |program, outcome: Outcome| faults(program, &outcome, 100).len();
        assert_eq!(count("nm", outcome(End::Status(0), b"L0\x01\x021\n", 10)), 0);
        assert_eq!(count("readelf", outcome(End::Status(0), b"L0\x01\n", 10)), 1);
        assert_eq!(count("nm", outcome(End::Status(0), b"L0\x03\n", 10)), 1);
    }

    #[test]
    fn memory_is_measured() {
        let before = memory(Peak::Reset);
        let block = vec![1_u8; 50 << 20];
        std::hint::black_box(&block);
        let grown = memory(Peak::Read).saturating_sub(before);
        assert!(before == 0 || grown > 40 << 20, "{before} {grown}");
    }
}
