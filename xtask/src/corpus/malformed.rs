//! Files that break a rule each, made by elfc from the descriptions in `tests/malformed`. The first
//! line of a description says what is wrong with the file.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use ::tests::corpus::{Subset, root};
use anyhow::{Context, Result, bail};

use super::step::{Folder, Step};
use crate::build::{self, Profile};
use crate::shell;

/// The only step.
pub fn steps() -> Vec<Step> {
    // It runs again when a description changes.
    let recipe = descriptions().and_then(|paths| {
        let texts: std::io::Result<Vec<_>> = paths.iter().map(std::fs::read_to_string).collect();
        Ok(texts?.concat())
    });
    vec![Step::new("made/malformed", Subset::Ci, &recipe.unwrap_or_default(), make)]
}

/// The descriptions, by name.
fn descriptions() -> Result<Vec<PathBuf>> {
    let pattern = root().join("tests/malformed/*.elfc");
    let paths: Result<Vec<_>, _> = glob::glob(&shell::text(&pattern))?.collect();
    Ok(paths?)
}

fn make(folder: &mut Folder) -> Result<()> {
    let paths = descriptions()?;
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
