//! Tries broken inputs: `mutate PROGRAMS FOLDER FIRST END STEP` tries the numbers from `FIRST` to
//! before `END`, every `STEP`th, with the multi-call binary `PROGRAMS`. An input that something
//! is wrong with is kept in `FOLDER`. What was wrong goes to standard output, a line each.
//!
//! `mutate --linker SEEDS PROGRAMS FOLDER FIRST END STEP` links them, made from the files of a folder.
//!
//! `mutate --write FOLDER FIRST END` only writes the inputs, for other uses.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, setrlimit};
use tests::mutate::bombs::Bombs;
use tests::mutate::linker::{self, Links};
use tests::mutate::trial::Trial;
use tests::mutate::{input, seeds};

/// No program may map more than this; the library neither.
const ADDRESS_SPACE: u64 = 4 << 30;
/// No program may print more than this.
const OUTPUT: u64 = 1 << 30;
/// When an input that does not come back is given up.
const STUCK: Duration = Duration::from_secs(60);

/// The number of the input under trial.
static CURRENT: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match work(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mutate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn work(args: &[String]) -> Result<()> {
    if let [option, folder, first, end] = args
        && option == "--write"
    {
        return write(Path::new(folder), first.parse()?, end.parse()?);
    }
    if let [option, seeds, rest @ ..] = args
        && option == "--linker"
    {
        return link(Path::new(seeds), rest);
    }
    let [programs, folder, first, end, step] = args else {
        anyhow::bail!("usage: mutate PROGRAMS FOLDER FIRST END STEP");
    };
    let (first, end, step): (u64, u64, u64) = (first.parse()?, end.parse()?, step.parse()?);
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let seeds = seeds::read()?;
    let bombs = Bombs::make()?;
    limit(Resource::As, ADDRESS_SPACE)?;
    limit(Resource::Fsize, OUTPUT)?;
    limit(Resource::Core, 0)?;
    // What panics is told by the trial.
    std::panic::set_hook(Box::new(|info| println!("panic: {info}")));
    CURRENT.store(first, Ordering::Relaxed);
    std::thread::spawn(watch);
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory } else { &folder };
    let trial = Trial {
        programs: programs.into(),
        input: place.join(format!("mutated-{}", std::process::id())),
    };
    let progress = folder.join(format!("progress-{}", std::process::id()));
    let mut number = first;
    while number < end {
        CURRENT.store(number, Ordering::Relaxed);
        // Who started this process reads it when the process dies.
        std::fs::write(&progress, number.to_string())?;
        let bytes = input(number, &seeds, &bombs);
        let wrong = trial.run(number, &bytes)?;
        if !wrong.is_empty() {
            std::fs::write(folder.join(format!("input-{number}")), &bytes)?;
            let seed = seeds.get((number % seeds.len() as u64) as usize).context("a seed")?;
            for fault in wrong {
                println!("input {number} of {}: {fault}", seed.path);
            }
        }
        number = number.saturating_add(step);
    }
    std::fs::remove_file(&trial.input)?;
    std::fs::remove_file(&progress)?;
    Ok(())
}

/// The largest output of a link: one with holes may be that large and take little room.
const LINKED: u64 = 4 << 30;

/// Links broken inputs.
fn link(seeds: &Path, args: &[String]) -> Result<()> {
    let [programs, folder, first, end, step] = args else {
        anyhow::bail!("usage: mutate --linker SEEDS PROGRAMS FOLDER FIRST END STEP");
    };
    let (first, end, step): (u64, u64, u64) = (first.parse()?, end.parse()?, step.parse()?);
    let folder = PathBuf::from(folder);
    let memory = Path::new("/dev/shm");
    let memory = if memory.is_dir() { memory } else { &folder };
    let place = memory.join(format!("linked-{}", std::process::id()));
    std::fs::create_dir_all(&place)?;
    let links = Links { programs: programs.into(), seeds: seeds.to_owned(), place };
    let seeds = linker::seeds(seeds)?;
    let bombs = Bombs::make()?;
    limit(Resource::As, LINKED + ADDRESS_SPACE)?;
    limit(Resource::Fsize, LINKED)?;
    limit(Resource::Core, 0)?;
    let progress = folder.join(format!("progress-{}", std::process::id()));
    let mut number = first;
    while number < end {
        std::fs::write(&progress, number.to_string())?;
        let seed = seeds.get((number % seeds.len() as u64) as usize).context("a seed")?;
        let bytes = linker::input(number, seed, &bombs);
        let wrong = links.run(number, seed, &bytes)?;
        if !wrong.is_empty() {
            std::fs::write(folder.join(format!("input-{number}-{}", seed.path)), &bytes)?;
            for fault in wrong {
                println!("input {number} of {}: {fault}", seed.path);
            }
        }
        number = number.saturating_add(step);
    }
    std::fs::remove_dir(&links.place)?;
    std::fs::remove_file(&progress)?;
    Ok(())
}

/// Writes inputs to a folder.
fn write(folder: &Path, first: u64, end: u64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let seeds = seeds::read()?;
    let bombs = Bombs::make()?;
    for number in first..end {
        std::fs::write(folder.join(format!("input-{number}")), input(number, &seeds, &bombs))?;
    }
    Ok(())
}

fn limit(resource: Resource, value: u64) -> Result<()> {
    let limit = Rlimit { current: Some(value), maximum: Some(value) };
    setrlimit(resource, limit).context("setrlimit")
}

/// Ends the process when one input takes too long: only the library can, programs have their
/// limit.
fn watch() {
    loop {
        let before = CURRENT.load(Ordering::Relaxed);
        std::thread::sleep(STUCK);
        if CURRENT.load(Ordering::Relaxed) == before {
            println!("input {before}: libelf does not come back");
            std::process::exit(2);
        }
    }
}
