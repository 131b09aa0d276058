//! The project's chores, one file each: `cargo xtask help` lists them.
#![forbid(unsafe_code)]

mod build;
mod corpus;
mod diff;
mod pairs;
#[allow(dead_code, reason = "used by the chores that gather")]
mod shell;

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
    Chore { name: "help", args: "", about: "show this list", run: help },
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
        None => bail!("no chore {name:?}: `cargo xtask help` lists them"),
    }
}

fn help(_: Vec<OsString>) -> Result<()> {
    println!("usage: cargo xtask CHORE [ARGUMENT]...\n");
    for Chore { name, args, about, .. } in CHORES {
        println!("  {name} {args}\n      {about}");
    }
    Ok(())
}
