//! Asks a program one question after the other, as profilers drive addr2line: a line is written,
//! and its answer of two lines is read before the next.
//!
//! `coprocess QUESTIONS PROGRAM ARGUMENTS...`

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The lines of an answer.
const ANSWER: usize = 2;

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1);
    let questions = args.next().context("a file of questions")?;
    let program = args.next().context("a program")?;
    let questions = std::fs::read_to_string(questions)?;
    let mut child =
        Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut ask = child.stdin.take().context("a pipe to it")?;
    let mut answers = BufReader::new(child.stdout.take().context("a pipe from it")?);
    let mut line = Vec::new();
    for question in questions.lines() {
        ask.write_all(format!("{question}\n").as_bytes())?;
        for _ in 0..ANSWER {
            line.clear();
            if answers.read_until(b'\n', &mut line)? == 0 {
                bail!("it ended before it answered {question}");
            }
        }
    }
    drop(ask);
    if !child.wait()?.success() {
        bail!("it failed");
    }
    Ok(())
}
