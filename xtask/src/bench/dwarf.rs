//! Debugging information: dumps of it, and addresses to places in the source.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::inputs::Input;
use super::{Contender, Workload, made_once};
use crate::{build, shell};

/// What readelf shows, and what others call it.
const DUMPS: &[(&str, Option<&str>, &str)] = &[
    ("-wi", Some("--debug-info"), "--debug-dump=info"),
    ("-wl", Some("--debug-line"), "--debug-dump=line"),
    ("-wL", None, "--debug-dump=decodedline"),
    ("-wF", Some("--eh-frame"), "--debug-dump=frames"),
    ("-wf", Some("--eh-frame"), "--debug-dump=frames"),
];

/// How many addresses are looked up at once, and one by one.
const ADDRESSES: usize = 100_000;
const ANSWERS: usize = 2_000;
/// The version of the crate whose program is compared with ours.
const CRATE: &str = "0.27.1";

/// Dumps of `input` and look-ups in it.
///
/// # Errors
/// Where an input or a program cannot be made.
pub fn workloads(links: &Path, input: &Input) -> Result<Vec<Workload>> {
    let mut found = Vec::new();
    let readelf = shell::text(&links.join("readelf"));
    for (letters, llvm, elfutils) in DUMPS {
        let mut contenders = vec![
            contender("ours", &[&readelf, letters]),
            contender("GNU", &["/usr/bin/readelf", letters]),
        ];
        contenders.extend(llvm.map(|option| contender("LLVM", &["llvm-dwarfdump-14", option])));
        contenders.push(contender("elfutils", &["eu-readelf", elfutils]));
        found.push(workload(format!("readelf {letters}, {}", input.title), input, contenders));
    }
    found.extend(look_ups(links, input)?);
    Ok(found)
}

/// addr2line of one address, of many, and of one after the other as a co-process.
fn look_ups(links: &Path, input: &Input) -> Result<Vec<Workload>> {
    let folder = build::target().join("bench");
    let ours = shell::text(&links.join("addr2line"));
    let of_crate = shell::text(&crate_program(&folder)?);
    let programs = [
        ("ours", ours.as_str()),
        ("GNU", "/usr/bin/addr2line"),
        ("addr2line crate", of_crate.as_str()),
        ("LLVM", "llvm-addr2line-14"),
        ("elfutils", "eu-addr2line"),
    ];
    let functions = functions(&input.path)?;
    let one = functions.get(functions.len() / 3).copied().unwrap_or_default();
    let one = format!("{one:#x}");
    let many = addresses(&folder.join("addresses"), &functions, ADDRESSES)?;
    let few = addresses(&folder.join("few-addresses"), &functions, ANSWERS)?;
    let (many, few) = (shell::text(&many), shell::text(&few));
    let ask = shell::text(&build::target().join("release/coprocess"));
    let all = |words: &dyn Fn(&str) -> Vec<String>| {
        let made = |(name, program): &(&'static str, &str)| Contender {
            name,
            words: words(program),
            input: None,
        };
        programs.iter().map(made).collect()
    };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let filter = format!("exec \"$0\" -fiC -e \"$1\" <'{many}'");
    Ok(vec![
        workload(
            format!("addr2line -fiC, one address, {}", input.title),
            input,
            all(&|program| words(&[program, "-fiC", &one, "-e"])),
        ),
        workload(
            format!("addr2line -fiC, {ADDRESSES} addresses, {}", input.title),
            input,
            all(&|program| words(&["sh", "-c", &filter, program])),
        ),
        workload(
            format!("addr2line -f, {ANSWERS} answers one by one, {}", input.title),
            input,
            all(&|program| words(&[&ask, &few, program, "-f", "-e"])),
        ),
    ])
}

fn workload(title: String, input: &Input, contenders: Vec<Contender>) -> Workload {
    Workload { title, input: input.path.clone(), contenders }
}

fn contender(name: &'static str, words: &[&str]) -> Contender {
    Contender { name, words: words.iter().map(|word| (*word).to_owned()).collect(), input: None }
}

/// The program of the crate addr2line, installed where nothing else is.
fn crate_program(folder: &Path) -> Result<PathBuf> {
    made_once(folder.join("peers/bin/addr2line"), |_| {
        let root = shell::text(&folder.join("peers"));
        let mut command = build::cargo(&["install", "--quiet", "--locked", "addr2line"]);
        shell::run(command.args(["--version", CRATE, "--features", "bin", "--root", &root]))
    })
}

/// The addresses of all functions of a program, ascending.
fn functions(path: &Path) -> Result<Vec<u64>> {
    let printed = shell::output(Command::new("nm").args(["-n", "--defined-only"]).arg(path))?;
    let text = String::from_utf8_lossy(&printed);
    let mut found = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        if let (Some(address), Some("t" | "T")) = (words.next(), words.next()) {
            found.push(u64::from_str_radix(address, 16).context("an address of nm")?);
        }
    }
    Ok(found)
}

/// A file of `count` addresses between the first and the last of `functions`, the same each time.
fn addresses(path: &Path, functions: &[u64], count: usize) -> Result<PathBuf> {
    let first = functions.first().copied().unwrap_or_default();
    let range = functions.last().copied().unwrap_or_default().saturating_sub(first).max(1);
    made_once(path.to_path_buf(), |path| {
        let mut text = String::new();
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        for _ in 0..count {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            writeln!(text, "{:#x}", first.wrapping_add(state % range))?;
        }
        Ok(std::fs::write(path, text)?)
    })
}
