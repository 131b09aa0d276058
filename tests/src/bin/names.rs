//! Mangled names through our demangler and others': `names check [--show N] [--floor MILLIONTHS]
//! [--only REFERENCE] LIST...` compares each list of names, a line each; of each class of
//! differences `N` examples are shown, and fewer equal ones than the floor are a failure.
//!
//! `names generate SEED COUNT` prints names made from the grammar of the ABI; `names agree [--show N]
//! [--floor MILLIONTHS] SEED COUNT` tells for how many of them c++filt or llvm-cxxfilt agrees.
#![forbid(unsafe_code)]

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use libdemangle::{Demangler, Options, Style};
use tests::names::{self, Reference};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match work(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("names: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn work(args: &[String]) -> Result<()> {
    let mut args = args.iter().map(String::as_str);
    match args.next() {
        Some("check") => check(args),
        Some("generate") => generate(args),
        Some("agree") => agree(args),
        _ => bail!(
            "usage: names check [--show N] [--floor MILLIONTHS] [--only REFERENCE] LIST...
       names generate SEED COUNT
       names agree [--show N] [--floor MILLIONTHS] SEED COUNT"
        ),
    }
}

fn generate<'a>(mut args: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut number = || args.next().context("SEED and COUNT are wanted");
    let (seed, count): (u64, usize) = (number()?.parse()?, number()?.parse()?);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for name in names::generated(seed, count)? {
        out.write_all(&name)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn agree<'a>(mut args: impl Iterator<Item = &'a str>) -> Result<()> {
    let (mut show, mut floor) = (0, 0);
    let mut numbers = Vec::new();
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} wants a value"));
        match arg {
            "--show" => show = value()?.parse()?,
            "--floor" => floor = value()?.parse()?,
            number => numbers.push(number.parse::<u64>()?),
        }
    }
    let [seed, count] = numbers.as_slice() else { bail!("SEED and COUNT are wanted") };
    let names = names::generated(*seed, usize::try_from(*count)?)?;
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let found = names::agree(&names)?;
    let millionths = found.per_million();
    println!(
        "{} made-up names, {} with a meaning: {} as c++filt, {} as llvm-cxxfilt, {} as neither: {}.{:04} % agree",
        found.count,
        found.understood,
        found.gnu,
        found.llvm,
        found.neither.len(),
        millionths / 10_000,
        millionths % 10_000
    );
    for pair in found.neither.iter().take(show) {
        for difference in pair {
            println!("{difference}");
        }
    }
    if millionths < floor {
        bail!("too few names agree with a reference");
    }
    Ok(())
}

fn check<'a>(mut args: impl Iterator<Item = &'a str>) -> Result<()> {
    let (mut show, mut floor, mut only) = (1, 0, None);
    let mut lists = Vec::new();
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} wants a value"));
        match arg {
            "--show" => show = value()?.parse()?,
            "--floor" => floor = value()?.parse()?,
            "--only" => only = Some(value()?),
            list => lists.push(list),
        }
    }
    let mut low = Vec::new();
    for list in lists {
        let bytes = std::fs::read(list).with_context(|| list.to_owned())?;
        let names = names::lines(&bytes);
        println!("{list}");
        let mut rust = Demangler::new(Options { style: Style::Rust, ..Options::NM });
        let is_cxx = |name: &&&[u8]| !name.starts_with(b"_D") && rust.demangle(name).is_err();
        let of_cxx: Vec<&[u8]> = names.iter().filter(is_cxx).copied().collect();
        for reference in Reference::ALL {
            if only.is_some_and(|only| only != reference.name()) {
                continue;
            }
            // LLVM's spelling is one of C++ names.
            let names = if reference == Reference::Llvm { &of_cxx } else { &names };
            if names.is_empty() {
                continue;
            }
            let comparison = names::compare(reference, names)?;
            println!("{comparison}");
            print!("{}", comparison.classes(show));
            if comparison.equal_per_million() < floor {
                low.push(format!("{list} with {}", reference.name()));
            }
        }
    }
    if !low.is_empty() {
        bail!("too few names are equal: {}", low.join(", "));
    }
    Ok(())
}
