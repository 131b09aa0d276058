//! Broken inputs of the linker: objects, libraries, archives and scripts, each linked with a whole
//! object that has the program's start.
//!
//! Seeds are the files of a folder; what they are is told by how their names end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::bombs::Bombs;
use super::change;
use super::random::Random;
use super::seeds::Seed;
use super::trial::{MEMORY, PROGRAM_ITSELF, Peak, faults, memory};
use crate::run::{End, Input, Job, Streams, run};

/// No link may take longer.
const TIME: Duration = Duration::from_secs(10);
/// The object that all inputs are linked with, in the folder of seeds.
const START: &str = "start.o";
/// Other options, in turn.
pub const OPTIONS: &[&[&str]] = &[
    &[],
    &["-shared"],
    &["-pie", "--no-dynamic-linker", "-z", "text"],
    &["-shared", "--gc-sections", "--print-gc-sections", "-Bsymbolic"],
    &["-static", "--eh-frame-hdr", "--build-id", "-O2"],
    &["-r"],
    &["-r", "-d", "--unique", "-x"],
    &["--emit-relocs", "--gc-sections"],
    &["-pie", "-z", "pack-relative-relocs", "--hash-style=both", "-z", "now"],
    &["--compress-debug-sections=zlib", "-S"],
    &["--oformat", "binary"],
    &["-M", "--cref", "-t", "--warn-common", "--print-memory-usage"],
    &["--whole-archive", "--allow-multiple-definition", "-s"],
    &["--unresolved-symbols=ignore-all", "-E", "-z", "separate-code"],
    &["-m", "elf_i386", "-shared"],
    &["-N", "--orphan-handling=warn"],
    &["--just-symbols"],
    &["-b", "binary"],
];
/// What is put into scripts.
const WORDS: &[&str] = &[
    " 0xffffffffffffffff ",
    " . = . + 0x7fffffffffffffff; ",
    " ALIGN(0) ",
    " ALIGN(0x8000000000000000) ",
    " / 0 ",
    " % 0 ",
    " << 64 ",
    " ABSOLUTE(",
    " SIZEOF(.text) ",
    " ADDR(.none) ",
    " { ",
    " } ",
    " ( ",
    " ) ",
    " ; ",
    "\"",
    "/*",
    " KEEP(*(SORT(SORT(.text*)))) ",
    " EXCLUDE_FILE(*) ",
    " FILL(0) ",
    " QUAD(.) ",
    " AT>none ",
    " INCLUDE none ",
    " ASSERT(0, \"no\") ",
    " PROVIDE(_start = .); ",
    " . = 1; ",
    " ? : ",
    " !~-!~-1 ",
    " DATA_SEGMENT_ALIGN(0,0) ",
    " OVERLAY : { } ",
    " { *(*) } ",
    "\\",
    "*",
    "[",
    "@",
];

/// The command of scripts that asks for a map.
const MAP: &[u8] = b"MAP";

/// What links inputs.
#[derive(Debug)]
pub struct Links {
    /// Our multi-call binary.
    pub programs: PathBuf,
    /// The folder of seeds.
    pub seeds: PathBuf,
    /// A folder for the input and the output and nothing else; in memory, if the system has such.
    pub place: PathBuf,
}

/// The seeds in a folder, by name.
///
/// # Errors
/// Where it cannot be read or holds none.
pub fn seeds(folder: &Path) -> Result<Vec<Seed>> {
    let mut seeds = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        seeds.push(Seed { path: name, bytes: std::fs::read(path)? });
    }
    seeds.sort_by(|a, b| a.path.cmp(&b.path));
    if seeds.is_empty() {
        bail!("no seeds in {}", folder.display());
    }
    Ok(seeds)
}

/// The input of that number, made from this seed.
pub fn input(number: u64, seed: &Seed, bombs: &Bombs) -> Vec<u8> {
    let mut random = Random::new(number);
    let mut bytes = seed.bytes.clone();
    for _ in 0..=random.below(4) {
        if is_text(&seed.path) {
            change_text(&mut bytes, &mut random);
        } else {
            change::apply(&mut bytes, &mut random, bombs);
        }
    }
    bytes
}

fn is_text(name: &str) -> bool {
    [".ld", ".ver", ".list"].iter().any(|end| name.ends_with(end))
}

/// One change of a script: a part goes, comes twice or moves, a word comes, a byte becomes another.
fn change_text(bytes: &mut Vec<u8>, random: &mut Random) {
    let start = random.index(bytes.len() + 1);
    let end = (start + random.index(40)).min(bytes.len());
    match random.below(6) {
        0 => drop(bytes.drain(start..end)),
        1 => {
            let part = bytes.get(start..end).unwrap_or_default().to_vec();
            let at = random.index(bytes.len() + 1);
            drop(bytes.splice(at..at, part));
        }
        2 => {
            if let Some(byte) = bytes.get_mut(start) {
                *byte = random.below(256) as u8;
            }
        }
        3 => bytes.truncate(start),
        _ => {
            let word = random.pick(WORDS).copied().unwrap_or_default();
            drop(bytes.splice(start..start, word.bytes()));
        }
    }
}

impl Links {
    /// Links an input: what was wrong with it, if anything.
    ///
    /// # Errors
    /// Where the system cannot run a program.
    pub fn run(&self, number: u64, seed: &Seed, bytes: &[u8]) -> Result<Vec<String>> {
        let input = self.place.join(&seed.path);
        std::fs::write(&input, bytes)?;
        let output = self.place.join("output");
        let options = OPTIONS.get((number / 7 % OPTIONS.len() as u64) as usize).copied();
        let mut words: Vec<OsString> = Vec::new();
        match seed.path.rsplit('.').next() {
            Some("ld") => words.push("-T".into()),
            Some("ver") => words.extend(["-shared", "--version-script"].map(Into::into)),
            Some("list") => words.extend(["-shared", "--dynamic-list"].map(Into::into)),
            _ => words.extend(options.unwrap_or_default().iter().map(Into::into)),
        }
        words.push(input.clone().into());
        if is_text(&seed.path) {
            words.extend(options.unwrap_or_default().iter().map(Into::into));
        }
        // Such an option tells how the files behind it are read.
        if words.iter().any(|word| word == "binary") {
            words.extend(["-b", "elf64-x86-64"].map(Into::into));
        }
        words.push(self.seeds.join(START).into());
        words.push("-o".into());
        words.push(output.clone().into());
        memory(Peak::Reset);
        let outcome = run(&Job {
            exe: &self.programs,
            name: "ld",
            args: &words,
            dir: &self.place,
            input: Input::Nothing,
            streams: Streams::Apart,
            limit: TIME,
            finds_plugins: false,
        })?;
        std::fs::remove_file(&input)?;
        // What the output takes is part of what a link needs, and never more than its inputs do.
        let allowed = (bytes.len() as u64).saturating_add(MEMORY + PROGRAM_ITSELF);
        let mut wrong = faults("ld", &outcome, allowed);
        let is_made = output.exists();
        if is_made != (outcome.end == End::Status(0)) {
            wrong.push(format!("{}, and the output is there: {is_made}", outcome.end));
        }
        if is_made {
            std::fs::remove_file(&output)?;
        }
        if let Some(left) = std::fs::read_dir(&self.place)?.next() {
            let left = left?.path();
            // A script may ask for a map, under any name.
            let extension = Path::new(&seed.path).extension();
            let is_script = extension.is_some_and(|extension| extension == "ld");
            if !(is_script && bytes.windows(MAP.len()).any(|word| word == MAP)) {
                wrong.push(format!("{} is left", left.display()));
            }
            std::fs::remove_file(left)?;
        }
        let command: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        let command = command.join(" ");
        Ok(wrong.into_iter().map(|fault| format!("ld {command}: {fault}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_makes_one_script() {
        let seed = Seed { path: "a.ld".into(), bytes: b"SECTIONS { .text : { *(.text) } }".into() };
        let bombs = Bombs::default();
        let all: Vec<_> = (0..50).map(|number| input(number, &seed, &bombs)).collect();
        assert_eq!(all, (0..50).map(|number| input(number, &seed, &bombs)).collect::<Vec<_>>());
        assert!(all.iter().filter(|text| **text != seed.bytes).count() > 40);
    }
}
