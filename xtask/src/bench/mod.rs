//! `cargo xtask bench`: our programs next to others' on large inputs, one after the other in
//! turns, so that what else the machine does falls on all alike.

mod descriptions;
mod dwarf;
mod inputs;
mod kernel;
mod links;
mod names;
mod symtab;
mod table;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::build::{self, Profile};
use crate::{setup, shell};
use inputs::Input;
use table::Row;

/// How often each command runs at least and at most.
const RUNS: std::ops::RangeInclusive<usize> = 5..=101;
/// A workload of commands that are quicker is run more often, until it takes so long, in
/// microseconds.
const ENOUGH: u64 = 6_000_000;
/// A command that took so long in all runs no more, so that one slow program does not make the
/// others wait for minutes; in microseconds.
const TOO_LONG: u64 = 10_000_000;

/// A program that a workload runs: its name in the tables, and its command line.
struct Contender {
    name: &'static str,
    words: Vec<String>,
    /// Its own form of the input, if it takes another one than the others.
    input: Option<PathBuf>,
}

/// What all contenders do with one input.
struct Workload {
    title: String,
    input: PathBuf,
    contenders: Vec<Contender>,
}

/// What one run took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    /// Microseconds from start to end.
    wall: u64,
    /// Microseconds on the processor.
    processor: u64,
    /// The most memory, in kilobytes.
    memory: u64,
    /// Whether the program reported a failure: its times say little then.
    failed: bool,
}

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut only: Option<String> = None;
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("only") => only = Some(parser.value()?.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    setup::ensure()?;
    let programs = build::programs(Profile::Release)?;
    shell::quiet(&mut build::cargo(&[
        "build",
        "--quiet",
        "--release",
        "--package",
        "xtask",
        "--bin",
        "measure",
        "--bin",
        "coprocess",
    ]))?;
    let measure = build::target().join("release/measure");
    let links = links_to(&programs)?;
    let mut rows = Vec::new();
    for workload in workloads(&links)? {
        if only.as_ref().is_some_and(|part| !workload.title.contains(part.as_str())) {
            continue;
        }
        if workload.title.starts_with("ld, ") {
            links::check_threads(&links, &workload)?;
        }
        let row = run(&measure, &workload)?;
        println!("{}", row.text());
        rows.push(row);
        // Each as it comes, so that what is measured is not lost.
        if only.is_some() {
            write(&rows, false)?;
        }
    }
    if rows.is_empty() {
        bail!("no workload has that in its title");
    }
    write(&rows, only.is_none())?;
    println!("written: {}", path().display());
    Ok(())
}

/// The file of the results.
fn path() -> PathBuf {
    ::tests::corpus::root().join("BENCHMARKS.md")
}

/// Writes the file, with `is_all` without the workloads that were not measured.
fn write(rows: &[Row], is_all: bool) -> Result<()> {
    let before = std::fs::read_to_string(path()).unwrap_or_default();
    std::fs::write(path(), table::document(&before, rows, is_all)?)?;
    Ok(())
}

/// Links that call the binary by its programs' names.
fn links_to(programs: &Path) -> Result<PathBuf> {
    let folder = build::target().join("bench/bin");
    std::fs::create_dir_all(&folder)?;
    for name in ["addr2line", "c++filt", "elfc", "ld", "nm", "readelf", "size", "strings"] {
        let link = folder.join(name);
        if link.symlink_metadata().is_ok() {
            std::fs::remove_file(&link)?;
        }
        std::os::unix::fs::symlink(programs, link)?;
    }
    Ok(folder)
}

fn workloads(links: &Path) -> Result<Vec<Workload>> {
    let mut found = Vec::new();
    let inputs = inputs::gather()?;
    for Input { title, path } in &inputs {
        for options in ["-aW", "-sW", "-rW", "-hW"] {
            let letters = options.trim_end_matches('W');
            let contenders = vec![
                contender("ours", &shell::text(&links.join("readelf")), options),
                contender("GNU", "/usr/bin/readelf", options),
                contender("LLVM", "llvm-readelf-14", options),
                // It has no -W: its lines are never folded.
                contender("elfutils", "eu-readelf", letters),
            ];
            found.push(Workload {
                title: format!("readelf {options}, {title}"),
                input: path.clone(),
                contenders,
            });
        }
        // `-a` but for `-C`, `-D` and `-n`: programs do not agree on what is listed without it.
        for options in ["-a", "-C", "-D", "-n"] {
            let contenders = vec![
                contender("ours", &shell::text(&links.join("nm")), options),
                contender("GNU", "/usr/bin/nm", options),
                contender("LLVM", "llvm-nm-14", options),
                contender("elfutils", "eu-nm", options),
            ];
            found.push(Workload {
                title: format!("nm {options}, {title}"),
                input: path.clone(),
                contenders,
            });
        }
        if path.ends_with("tiny.o") {
            found.push(start_up(links, path));
        }
        for options in ["-B", "-A"] {
            let contenders = vec![
                contender("ours", &shell::text(&links.join("size")), options),
                contender("GNU", "/usr/bin/size", options),
                contender("LLVM", "llvm-size-14", options),
                contender("elfutils", "eu-size", options),
            ];
            found.push(Workload {
                title: format!("size {options}, {title}"),
                input: path.clone(),
                contenders,
            });
        }
        for options in ["-a", "-d", "-el"] {
            let mut elfutils = contender("elfutils", "eu-strings", options);
            // Sections with data are its default.
            elfutils.words.retain(|word| word != "-d");
            let mut contenders = vec![
                contender("ours", &shell::text(&links.join("strings")), options),
                contender("GNU", "/usr/bin/strings", options),
                elfutils,
            ];
            // It has no wide characters, and never looks at sections.
            if options == "-a" {
                contenders.push(contender("LLVM", "llvm-strings-14", options));
            }
            found.push(Workload {
                title: format!("strings {options}, {title}"),
                input: path.clone(),
                contenders,
            });
        }
    }
    found.extend(names::workloads(&shell::text(&links.join("c++filt")))?);
    found.extend(descriptions::workloads(links)?);
    found.extend(links::workloads(links)?);
    for input in inputs.iter().filter(|input| input.path.ends_with("generics")) {
        found.extend(symtab::workloads(input)?);
        found.extend(dwarf::workloads(links, input)?);
    }
    Ok(found)
}

/// Many runs of nm: what a build of the kernel does, once an object.
fn start_up(links: &Path, input: &Path) -> Workload {
    const LOOP: &str = "for i in $(seq 2000); do \"$0\" \"$1\" >/dev/null; done";
    let contender = |name, program: &str| Contender {
        name,
        words: ["sh", "-c", LOOP, program].map(str::to_owned).to_vec(),
        input: None,
    };
    Workload {
        title: "2000 runs of nm, small object".to_owned(),
        input: input.to_owned(),
        contenders: vec![
            contender("ours", &shell::text(&links.join("nm"))),
            contender("GNU", "/usr/bin/nm"),
            contender("LLVM", "llvm-nm-14"),
            contender("elfutils", "eu-nm"),
        ],
    }
}

fn contender(name: &'static str, program: &str, options: &str) -> Contender {
    Contender { name, words: vec![program.to_owned(), options.to_owned()], input: None }
}

/// Runs a workload's commands in turns.
fn run(measure: &Path, workload: &Workload) -> Result<Row> {
    let mut costs: Vec<Vec<Cost>> = workload.contenders.iter().map(|_| Vec::new()).collect();
    let mut spent: Vec<u64> = workload.contenders.iter().map(|_| 0).collect();
    for round in 0..=*RUNS.end() {
        for ((contender, costs), spent) in
            workload.contenders.iter().zip(&mut costs).zip(&mut spent)
        {
            if *spent > TOO_LONG {
                continue;
            }
            let input = contender.input.as_ref().unwrap_or(&workload.input);
            let cost = cost_of(measure, contender, input)?;
            *spent += cost.wall;
            // The first round warms the page cache; it counts only where it is all there is.
            if round > 0 || *spent > TOO_LONG {
                costs.push(cost);
            }
        }
        if round >= *RUNS.start() && spent.iter().sum::<u64>() > ENOUGH {
            break;
        }
    }
    let medians = workload
        .contenders
        .iter()
        .zip(&costs)
        .map(|(contender, costs)| (contender.name, median(costs)))
        .collect();
    let runs = costs.first().map_or(0, Vec::len);
    Ok(Row { title: workload.title.clone(), runs, medians })
}

fn cost_of(measure: &Path, contender: &Contender, input: &Path) -> Result<Cost> {
    let mut command = Command::new(measure);
    let printed = shell::output(command.args(&contender.words).arg(input))?;
    let printed = String::from_utf8(printed)?;
    let numbers: Vec<i64> = printed.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [wall, user, system, memory, status] = numbers.as_slice() else {
        bail!("measure printed {printed:?}");
    };
    Ok(Cost {
        wall: wall.unsigned_abs(),
        processor: user.unsigned_abs() + system.unsigned_abs(),
        memory: memory.unsigned_abs(),
        failed: *status != 0,
    })
}

/// The median of each number.
fn median(costs: &[Cost]) -> Cost {
    let of = |number: fn(&Cost) -> u64| {
        let mut numbers: Vec<u64> = costs.iter().map(number).collect();
        numbers.sort_unstable();
        numbers.get(numbers.len() / 2).copied().unwrap_or_default()
    };
    Cost {
        wall: of(|cost| cost.wall),
        processor: of(|cost| cost.processor),
        memory: of(|cost| cost.memory),
        failed: costs.iter().any(|cost| cost.failed),
    }
}

/// The path of a tool's output file, made by `make` unless it is there.
fn made_once(path: PathBuf, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    if !path.is_file() {
        println!("bench: making {}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        make(&path).with_context(|| path.display().to_string())?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_taken_of_each_number_by_itself() {
        let cost = |wall, processor, memory| Cost { wall, processor, memory, failed: false };
        let costs = [cost(1, 9, 5), cost(2, 8, 6), cost(3, 7, 4)];
        assert_eq!(median(&costs), cost(2, 8, 5));
        assert_eq!(median(&[]), cost(0, 0, 0));
    }
}
