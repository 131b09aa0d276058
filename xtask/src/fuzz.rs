//! `cargo xtask fuzz`: the fuzz targets of `fuzz/`, built by the stable compiler.
//!
//! `cargo fuzz run TARGET` works too, where cargo-fuzz and a nightly compiler are there. This chore
//! needs neither: the instrumentation that libFuzzer wants is a matter of code generation flags,
//! and safe code has little use for a sanitizer.

use std::ffi::OsString;
use std::path::Path;

use ::tests::corpus::{Subset, folder, read_list, root};
use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::{build, corpus, link_seeds, names, setup, shell};

/// How long each target runs if nothing else is asked, in seconds.
const SECONDS: u32 = 600;
/// Files above this size are no seeds.
const LARGEST_SEED: u64 = 20_000;
/// At most so many names of each list are seeds.
const SEED_NAMES: usize = 1000;
/// No input is larger, in bytes.
const LARGEST_INPUT: &str = "-max_len=65536";
/// No input may take longer, in seconds.
const TIME: &str = "-timeout=10";
/// No input may take more memory, in megabytes: what is always there, and 256.
const MEMORY: &str = "-rss_limit_mb=512";

/// The target that runs the linker.
const LINKER: &str = "ld_link";
/// With so many sets of options each input is a seed.
const LINK_OPTIONS: u8 = 6;

/// What libFuzzer is guided by: counters of edges, and the values that are compared.
const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut seconds = SECONDS;
    let mut targets = Vec::new();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("seconds") => seconds = parser.value()?.parse()?,
            Value(target) => targets.push(target.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if targets.is_empty() {
        targets = all_targets()?;
    }
    setup::ensure()?;
    corpus::gather(Subset::Ci)?;
    let host = host()?;
    let mut command = build::cargo(&["build", "--release", "--quiet", "--target", &host]);
    for target in &targets {
        command.args(["--bin", target]);
    }
    command.current_dir(root().join("fuzz")).env("RUSTFLAGS", FLAGS.join(" "));
    shell::run(command.env_remove("CARGO_TARGET_DIR"))?;
    let built = root().join("fuzz/target").join(host).join("release");
    for target in &targets {
        run(&built, target, seconds)?;
    }
    println!("{} targets, no finding", targets.len());
    Ok(())
}

/// Runs one target; what it finds lies in `target/fuzz/TARGET-found/`.
fn run(built: &Path, target: &str, seconds: u32) -> Result<()> {
    println!("==> {target}: {seconds} s");
    let home = build::target().join("fuzz");
    let grown = home.join(target);
    let seeds = home.join(match target {
        LINKER => "links",
        _ if reads_names(target) => "names",
        _ => "seeds",
    });
    let found = home.join(format!("{target}-found"));
    for place in [&grown, &seeds, &found] {
        std::fs::create_dir_all(place)?;
    }
    if target == LINKER {
        write_links(&seeds)?;
    } else if reads_names(target) {
        write_names(&seeds)?;
    } else {
        for entry in read_list(Subset::Ci)? {
            let seed = seeds.join(entry.path.replace('/', "_"));
            if entry.size <= LARGEST_SEED && !seed.exists() {
                std::fs::copy(folder().join(&entry.path), seed)?;
            }
        }
    }
    let mut command = std::process::Command::new(built.join(target));
    if target == LINKER {
        // Nobody reads what it says of each input.
        command.arg("-close_fd_mask=3");
    }
    command
        .arg(format!("-max_total_time={seconds}"))
        .args([LARGEST_INPUT, TIME, MEMORY, "-print_final_stats=1", "-verbosity=0"])
        .arg(format!("-artifact_prefix={}/", found.display()))
        .args([&grown, &seeds]);
    shell::run(&mut command).with_context(|| format!("fuzz target {target}"))
}

/// Writes the seeds of links, each with several options.
fn write_links(seeds: &Path) -> Result<()> {
    for entry in std::fs::read_dir(link_seeds::make()?)? {
        let path = entry?.path();
        let bytes = std::fs::read(&path)?;
        if bytes.len() as u64 > LARGEST_SEED {
            continue;
        }
        let end = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        // As `tests::exercise::link` reads them.
        let (role, options) = match &*end {
            "ld" => (1, 1),
            "ver" => (2, 1),
            "list" => (3, 1),
            _ => (0, LINK_OPTIONS),
        };
        let name = path.file_name().context("a file")?.to_string_lossy().into_owned();
        for options in 0..options {
            let seed = [&[role, options], &*bytes].concat();
            std::fs::write(seeds.join(format!("{name}-{options}")), seed)?;
        }
    }
    Ok(())
}

/// Whether a target reads mangled names, not files.
fn reads_names(target: &str) -> bool {
    target.starts_with("demangle") || target == "cxxfilt"
}

/// Writes some names of each list into files of a folder.
fn write_names(seeds: &Path) -> Result<()> {
    for list in names::LISTS.iter().filter(|list| list.has_any_in(Subset::Ci)) {
        let text = std::fs::read(names::gather(list, Subset::Ci)?)?;
        let count = memchr::memchr_iter(b'\n', &text).count();
        let stride = count.div_ceil(SEED_NAMES).max(1);
        for (number, name) in text.split(|byte| *byte == b'\n').step_by(stride).enumerate() {
            std::fs::write(seeds.join(format!("{}-{number}", list.name)), name)?;
        }
    }
    Ok(())
}

/// The names of all targets.
fn all_targets() -> Result<Vec<String>> {
    let pattern = shell::text(&root().join("fuzz/fuzz_targets/*.rs"));
    let mut names = Vec::new();
    for path in glob::glob(&pattern)? {
        let path = path?;
        names.push(path.file_stem().context("a file")?.to_string_lossy().into_owned());
    }
    if names.is_empty() {
        bail!("no fuzz targets");
    }
    Ok(names)
}

/// The compiler's own target: naming it keeps the flags from build scripts.
fn host() -> Result<String> {
    let printed = shell::output(&mut shell::command(&["rustc", "-vV"]))?;
    let printed = String::from_utf8(printed)?;
    let line = printed.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc names no host")?.to_owned())
}
