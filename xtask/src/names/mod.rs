//! `cargo xtask names`: lists of distinct mangled names that real compilers made, and how our
//! demangler's texts of them compare with others'.
//!
//! A list is made from sources (packages of Debian, and what Rust's toolchain and cargo leave
//! here), one after the other, each downloaded, unpacked, read by GNU's nm and deleted again. The
//! names of each source stay in `corpus/names/sources/`, so that gathering goes on where it ended.

mod sources;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ::tests::corpus::{self, Subset};
use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::build::{self, Profile};
use crate::corpus::debian;
use crate::{setup, shell};
use sources::Source;
pub use sources::{LISTS, List};

/// How many names of each list of the small subset are tried.
const CI_NAMES: usize = 50_000;
/// Of a million real names, so many have GNU's text at least.
const FLOOR: usize = 999_000;

/// How many made-up names are tried, and how many of a million agree with a reference at least.
const MADE_UP: usize = 100_000;
const MADE_UP_FLOOR: usize = 990_000;

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut check = false;
    let mut subset = Subset::All;
    let mut show = 1;
    let mut wanted = Vec::new();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("check") => check = true,
            Long("ci") => subset = Subset::Ci,
            Long("show") => show = parser.value()?.parse()?,
            Value(list) => wanted.push(list.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    setup::ensure()?;
    if let Some(unknown) = wanted.iter().find(|name| LISTS.iter().all(|list| list.name != **name)) {
        let known: Vec<_> = LISTS.iter().map(|list| list.name).collect();
        bail!("no list {unknown:?}: there are {}", known.join(", "));
    }
    let mut paths = Vec::new();
    for list in LISTS {
        if wanted.is_empty() || wanted.iter().any(|name| list.name == *name) {
            paths.push(gather(list, subset)?);
        }
    }
    if check { compare(&paths, show, 0) } else { Ok(()) }
}

/// Compares the lists of a subset with the references.
///
/// # Errors
/// Where a reference is missing, or too many names have another text than GNU's.
pub fn check(subset: Subset) -> Result<()> {
    let lists = LISTS.iter().filter(|list| list.has_any_in(subset));
    let paths: Vec<PathBuf> = lists.map(|list| gather(list, subset)).collect::<Result<_>>()?;
    compare(&paths, 0, FLOOR)
}

/// Compares names made from the grammar of the ABI with the references.
///
/// # Errors
/// Where a reference is missing, or too many names agree with none.
pub fn check_made_up() -> Result<()> {
    let [count, floor] = [MADE_UP, MADE_UP_FLOOR].map(|number| number.to_string());
    shell::run(program()?.args(["agree", "--floor", &floor, "1", &count]))
}

/// The program that compares.
fn program() -> Result<Command> {
    let features = ["--package", "tests", "--features", "exercise", "--bin", "names"];
    shell::quiet(build::cargo(&["build", "--quiet", "--release"]).args(features))?;
    Ok(Command::new(build::target().join("release/names")))
}

fn compare(lists: &[PathBuf], show: usize, floor: usize) -> Result<()> {
    let mut command = program()?;
    command.args(["check", "--show", &show.to_string(), "--floor", &floor.to_string()]);
    shell::run(command.args(lists))
}

/// The folder that the lists lie in.
pub fn folder() -> PathBuf {
    corpus::folder().join("names")
}

/// Makes a list, or what is missing of it; gives its path.
///
/// # Errors
/// Where a source cannot be had.
pub fn gather(list: &List, subset: Subset) -> Result<PathBuf> {
    std::fs::create_dir_all(folder().join("sources"))?;
    let sources: Vec<&Source> =
        list.sources.iter().filter(|source| source.subset() <= subset).collect();
    let mut names = BTreeSet::new();
    for source in &sources {
        let text = std::fs::read(names_of(source)?)?;
        let known = lines(&text).filter(|name| list.takes(name));
        names.extend(known.map(<[u8]>::to_vec));
    }
    if let Some(other) = list.without {
        for source in LISTS.iter().filter(|list| other.contains(&list.name)) {
            let text = std::fs::read(gather(source, subset)?)?;
            for name in lines(&text) {
                names.remove(name);
            }
        }
    }
    let (suffix, stride) = match subset {
        Subset::Ci => ("-ci", names.len().div_ceil(CI_NAMES).max(1)),
        Subset::All => ("", 1),
    };
    let path = folder().join(format!("{}{suffix}.txt", list.name));
    let mut text = Vec::new();
    let mut count = 0_usize;
    for name in names.iter().step_by(stride) {
        text.extend_from_slice(name);
        text.push(b'\n');
        count += 1;
    }
    std::fs::write(&path, text)?;
    println!("{count:>9} names: {}", path.display());
    Ok(path)
}

/// The file with the names of a source, which is made where it is missing.
fn names_of(source: &Source) -> Result<PathBuf> {
    let path = folder().join("sources").join(format!("{}.txt", source.key()));
    if path.is_file() {
        return Ok(path);
    }
    println!("names: {}", source.key());
    let mut names = BTreeSet::new();
    match source {
        Source::Package(package) => {
            debian::fetch(std::iter::once(*package))?;
            let unpacked = debian::extract(package)?;
            read_all(&unpacked, &mut names)?;
            std::fs::remove_dir_all(unpacked)?;
            std::fs::remove_file(debian::package_file(package)?)?;
        }
        Source::File(file) => read_names(Path::new(file), &mut names)?,
        Source::Sysroot => read_all(&sysroot()?, &mut names)?,
        Source::Programs => read_names(&build::programs(Profile::Checked)?, &mut names)?,
        Source::Build(mangling) => read_all(&built(mangling)?, &mut names)?,
    }
    let text: Vec<u8> =
        names.into_iter().flat_map(|name| [name, b"\n".to_vec()].concat()).collect();
    // A file that is there is whole.
    let unfinished = path.with_extension("new");
    std::fs::write(&unfinished, text)?;
    std::fs::rename(unfinished, &path)?;
    Ok(path)
}

/// The lines of a text, empty ones left out.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty())
}

/// The libraries of the Rust compiler and its standard library.
fn sysroot() -> Result<PathBuf> {
    let printed = shell::output(&mut shell::command(&["rustc", "--print", "sysroot"]))?;
    Ok(Path::new(String::from_utf8(printed)?.trim()).join("lib"))
}

/// This workspace, built without optimisation and with this mangling.
fn built(mangling: &str) -> Result<PathBuf> {
    let target = build::target().join("names").join(mangling);
    let mut command = build::cargo(&["build", "--quiet", "--workspace", "--all-features"]);
    command
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", format!("-C symbol-mangling-version={mangling} -C opt-level=0"));
    shell::quiet(&mut command)?;
    Ok(target.join("debug/deps"))
}

/// The names of all ELF files and archives below a folder.
fn read_all(folder: &Path, names: &mut BTreeSet<Vec<u8>>) -> Result<()> {
    for item in std::fs::read_dir(folder).with_context(|| shell::text(folder))? {
        let item = item?;
        let kind = item.file_type()?;
        if kind.is_dir() {
            read_all(&item.path(), names)?;
        } else if kind.is_file() && debian::is_wanted(&item.path())? {
            read_names(&item.path(), names)?;
        }
    }
    Ok(())
}

/// The mangled names among the symbols of a file; a file that nm cannot read has none.
fn read_names(file: &Path, names: &mut BTreeSet<Vec<u8>>) -> Result<()> {
    for options in ["-j", "-jD"] {
        let output = Command::new("/usr/bin/nm")
            .args([options, "--without-symbol-versions"])
            .arg(file)
            .stderr(Stdio::null())
            .output()
            .context("nm is not there: apt-get install binutils")?;
        let mangled = lines(&output.stdout).filter(|line| sources::is_mangled(line));
        names.extend(mangled.map(<[u8]>::to_vec));
    }
    Ok(())
}
