//! `cargo xtask corpus`: test inputs from package registries, and made on the spot.
//!
//! It is done in steps. A step fills one folder below `corpus/` and notes in `corpus/.steps/`
//! which files it made, under a name with a hash of its recipe; it runs again when the recipe
//! changes, or when its note is taken away. What is downloaded stays in `corpus/.packages/`.

mod archives;
mod cores;
mod damage;
pub mod debian;
mod debug;
mod described;
mod foreign;
mod kernel;
mod native;
mod npm;
mod odd;
mod step;
mod tables;

use std::collections::BTreeMap;
use std::ffi::OsString;

use ::tests::corpus::{self, Entry, Subset};
use anyhow::Result;
use lexopt::prelude::*;

use step::Step;

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut subset = Subset::Ci;
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("all") => subset = Subset::All,
            _ => return Err(arg.unexpected().into()),
        }
    }
    gather(subset)
}

/// Gathers the corpus, or what is missing of it, and prints what it holds.
///
/// # Errors
/// Where a package cannot be had, or a tool fails.
pub fn gather(subset: Subset) -> Result<()> {
    std::fs::create_dir_all(corpus::folder())?;
    let mut steps = debian::steps();
    steps.extend(npm::steps());
    steps.extend(kernel::steps());
    steps.extend(native::steps());
    steps.extend(debug::steps());
    steps.extend(foreign::steps());
    steps.extend(odd::steps());
    steps.extend(archives::steps());
    steps.extend(cores::steps());
    steps.extend(damage::steps());
    steps.extend(tables::steps());
    steps.extend(described::steps());
    debian::download(&steps, subset)?;
    for step in steps.iter().filter(|step| step.subset <= subset) {
        step.run_if_needed()?;
    }
    let entries = list(&steps)?;
    corpus::write_list(&entries)?;
    summarise(&entries);
    Ok(())
}

/// All files of all steps that are done, of the larger subset too, so that gathering the small
/// one does not forget what is there.
fn list(steps: &[Step]) -> Result<Vec<Entry>> {
    let known: BTreeMap<String, Entry> = match corpus::read_list(Subset::All) {
        Ok(entries) => entries.into_iter().map(|entry| (entry.path.clone(), entry)).collect(),
        Err(_) => BTreeMap::new(),
    };
    let folder = corpus::folder();
    let mut entries = Vec::new();
    for step in steps {
        let Some(made) = step.made()? else {
            continue;
        };
        for (subset, path) in made.files {
            // Hashing is spared where the step did not run again.
            let entry = match known.get(&path) {
                Some(entry) if !made.is_new => Entry { subset, ..entry.clone() },
                _ => Entry::describe(&folder, &path, subset)?,
            };
            entries.push(entry);
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries.dedup_by(|a, b| a.path == b.path);
    Ok(entries)
}

fn summarise(entries: &[Entry]) {
    let mut by_machine: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let mut by_system: BTreeMap<&str, usize> = BTreeMap::new();
    let mut size = 0;
    let mut small = 0;
    for entry in entries {
        let kind = &entry.kind;
        let in_ci = usize::from(entry.subset == Subset::Ci);
        let label = format!("{} {} {}", kind.machine, kind.bits, kind.order);
        let [all, ci] = by_machine.entry(label).or_default();
        *all += 1;
        *ci += in_ci;
        *by_system.entry(&kind.os).or_default() += 1;
        size += entry.size;
        small += in_ci;
    }
    for (label, [all, ci]) in &by_machine {
        println!("{label:<24}{all:>6}  ({ci} in CI)");
    }
    let systems: Vec<_> =
        by_system.iter().map(|(system, count)| format!("{system} {count}")).collect();
    println!("systems: {}", systems.join(", "));
    println!("{} files, {small} of them in CI; {} MB", entries.len(), size / 1_000_000);
}
