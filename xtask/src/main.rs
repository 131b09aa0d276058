//! The project's chores, one file each: `cargo xtask help` lists them.
#![forbid(unsafe_code)]

mod bench;
mod build;
mod builds;
mod corpus;
mod demo;
mod diff;
mod fixtures;
mod fuzz;
mod install;
mod layers;
mod link_seeds;
mod mutate;
mod names;
mod pairs;
mod roundtrip;
mod setup;
mod shell;
mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};

/// A chore: its name, its arguments in short, what it does, and its code.
struct Chore {
    name: &'static str,
    args: &'static str,
    about: &'static str,
    run: fn(Vec<OsString>) -> Result<()>,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "demo",
        args: "",
        about: "show the programs at work on an executable and a library of this system",
        run: demo::main,
    },
    Chore {
        name: "test",
        args: "[--all]",
        about: "run all checks and tests (--all: on the large corpus)",
        run: test::main,
    },
    Chore {
        name: "setup",
        args: "",
        about: "install what demo, tests and benchmarks need (on Debian; elsewhere: list it)",
        run: setup::main,
    },
    Chore {
        name: "corpus",
        args: "[--all]",
        about: "gather the test inputs into corpus/ (--all: the large set)",
        run: corpus::main,
    },
    Chore {
        name: "diff",
        args: "[--no-build] [--lines N] PROGRAM [OPTION]... [FILE|PATTERN]...",
        about: "show how our program's output differs from the reference's",
        run: diff::main,
    },
    Chore {
        name: "pairs",
        args: "[--all] [--no-build] [--show N] [PROGRAM]... [--set 'OPTIONS']... [--file PATTERN]...",
        about: "run pairs of corpus files and option sets through ours and the reference",
        run: pairs::main,
    },
    Chore {
        name: "roundtrip",
        args: "[--all] [--lines] [PATTERN]",
        about: "describe each file of the corpus and build it again (--lines: compare lengths)",
        run: roundtrip::main,
    },
    Chore {
        name: "fixtures",
        args: "",
        about: "make files from short descriptions, and try them with tools and loaders",
        run: fixtures::main,
    },
    Chore {
        name: "builds",
        args: "[NAME]...",
        about: "build and test real packages, linked by our ld",
        run: builds::main,
    },
    Chore {
        name: "bench",
        args: "[--only PART-OF-TITLE]",
        about: "measure the programs next to others' and write BENCHMARKS.md",
        run: bench::main,
    },
    Chore {
        name: "mutate",
        args: "[--count N] [--from N] [--write FOLDER]",
        about: "try broken inputs on libelf and the programs (--write: only write them)",
        run: mutate::main,
    },
    Chore {
        name: "names",
        args: "[--ci] [--check] [--show N] [LIST]...",
        about: "gather mangled names (--check: compare our texts of them with others')",
        run: names::main,
    },
    Chore {
        name: "fuzz",
        args: "[--seconds N] [TARGET]...",
        about: "run the fuzz targets of fuzz/",
        run: fuzz::main,
    },
    Chore {
        name: "check-layers",
        args: "",
        about: "check that no crate uses one that is not on a lower floor",
        run: layers::main,
    },
    Chore {
        name: "install",
        args: "--prefix DIR [--program-prefix P]",
        about: "install the programs and their manual pages",
        run: install::main,
    },
];

fn main() -> ExitCode {
    let mut args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if args.is_empty() {
        args.push("help".into());
    }
    let name = args.remove(0);
    match run(&name.to_string_lossy(), args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str, args: Vec<OsString>) -> Result<()> {
    match CHORES.iter().find(|chore| chore.name == name) {
        Some(chore) => (chore.run)(args),
        None if name == "help" => {
            help();
            Ok(())
        }
        None => bail!("no chore {name:?}: `cargo xtask help` lists them"),
    }
}

fn help() {
    println!("usage: cargo xtask CHORE [ARGUMENT]...\n");
    for Chore { name, args, about, .. } in CHORES {
        println!("  {}\n      {about}", format!("{name} {args}").trim_end());
    }
}
