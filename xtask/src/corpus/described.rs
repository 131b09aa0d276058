//! Files made by elfc from descriptions: those in `tests/malformed` break a rule each, those in
//! `tests/odd` are no ELF files. The first line of a description says what is wrong with the file.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use ::tests::corpus::{Subset, root};
use anyhow::{Context, Result, bail};

use super::step::{Folder, Step};
use crate::build::{self, Profile};
use crate::shell;

/// Files that break a rule each.
const MALFORMED: &str = "tests/malformed";

/// The step of the malformed files.
pub fn steps() -> Vec<Step> {
    // It runs again when a description changes.
    let recipe = texts(MALFORMED).unwrap_or_default();
    vec![Step::new("made/malformed", Subset::Ci, &recipe, |folder| make_all(folder, MALFORMED))]
}

/// The texts of all descriptions in a folder of the project.
///
/// # Errors
/// One cannot be read.
pub fn texts(place: &str) -> Result<String> {
    let texts: std::io::Result<Vec<_>> =
        descriptions(place)?.iter().map(std::fs::read_to_string).collect();
    Ok(texts?.concat())
}

/// The descriptions, by name.
fn descriptions(place: &str) -> Result<Vec<PathBuf>> {
    let pattern = root().join(place).join("*.elfc");
    let paths: Result<Vec<_>, _> = glob::glob(&shell::text(&pattern))?.collect();
    Ok(paths?)
}

/// Makes the files that the descriptions in a folder of the project describe.
///
/// # Errors
/// One cannot be made, or there are none.
pub fn make_all(folder: &mut Folder, place: &str) -> Result<()> {
    let paths = descriptions(place)?;
    if paths.is_empty() {
        bail!("there are no descriptions");
    }
    let elfc = build::programs(Profile::Checked)?;
    for path in paths {
        let name = path.file_stem().and_then(|name| name.to_str()).context("a name")?;
        let mut command = Command::new(&elfc);
        command.arg0("elfc").arg("-w").arg(&path).arg("-o").arg(folder.path.join(name));
        shell::quiet(&mut command)?;
        folder.add(Subset::Ci, name);
    }
    Ok(())
}
