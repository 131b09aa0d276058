//! `cargo xtask install`: the multi-call binary, a link for each program, and the manual pages.

use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ::tests::corpus::root;
use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::build::{self, Profile};
use crate::shell;

/// Where manual pages lie in the project.
const MANUALS: &[&str] = &["tools/*/*.[1-9]", "lib*/*.[1-9]", "elfc/*.[1-9]"];

/// Runs the chore.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut prefix = None;
    let mut program_prefix = String::new();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Long("prefix") => prefix = Some(PathBuf::from(parser.value()?)),
            Long("program-prefix") => program_prefix = parser.value()?.string()?,
            _ => return Err(arg.unexpected().into()),
        }
    }
    let prefix = prefix.context("--prefix DIR is wanted")?;
    if !program_prefix.is_empty() && !program_prefix.ends_with('-') {
        bail!("a program is known by what follows the last '-': --program-prefix must end with it");
    }
    let binary = build::programs(Profile::Release)?;
    install(&binary, &prefix, &program_prefix)
}

fn install(binary: &Path, prefix: &Path, program_prefix: &str) -> Result<()> {
    let bin = prefix.join("bin");
    std::fs::create_dir_all(&bin).with_context(|| bin.display().to_string())?;
    let multi_call = format!("{program_prefix}elftoolchain");
    put(&bin.join(&multi_call), |place| std::fs::copy(binary, place).map(drop))?;
    for program in programs()? {
        put(&bin.join(format!("{program_prefix}{program}")), |place| symlink(&multi_call, place))?;
    }
    for page in manuals()? {
        let file = page.file_name().context("a file")?.to_string_lossy();
        let section = file.rsplit('.').next().unwrap_or_default();
        let folder = prefix.join("share/man").join(format!("man{section}"));
        std::fs::create_dir_all(&folder)?;
        // Functions have no prefix; only programs do.
        let name = match section {
            "1" | "8" => format!("{program_prefix}{file}"),
            _ => file.into_owned(),
        };
        put(&folder.join(name), |place| std::fs::copy(&page, place).map(drop))?;
    }
    Ok(())
}

/// Makes a file at a place that may be taken. A program that runs keeps the old file.
fn put(place: &Path, make: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<()> {
    if place.symlink_metadata().is_ok() {
        std::fs::remove_file(place)?;
    }
    make(place).with_context(|| place.display().to_string())?;
    println!("{}", place.display());
    Ok(())
}

/// The names of all programs: the folders of `tools/`, but for a name that no crate may have.
fn programs() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for item in std::fs::read_dir(root().join("tools"))? {
        let name = item?.file_name().to_string_lossy().into_owned();
        match name.as_str() {
            "common" | "elftoolchain" => {}
            "cxxfilt" => names.push("c++filt".to_owned()),
            _ => names.push(name),
        }
    }
    names.sort();
    Ok(names)
}

/// All manual pages of the project.
///
/// # Errors
/// Where a folder cannot be read.
pub fn manuals() -> Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for pattern in MANUALS {
        for page in glob::glob(&shell::text(&root().join(pattern)))? {
            pages.push(page?);
        }
    }
    pages.sort();
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_linked_twice_without_complaint() {
        let folder = std::env::temp_dir().join(format!("install-test-{}", std::process::id()));
        for _ in 0..2 {
            install(Path::new("/bin/sh"), &folder, "et-").unwrap();
        }
        let target = std::fs::read_link(folder.join("bin/et-readelf")).unwrap();
        assert_eq!(target, Path::new("et-elftoolchain"));
        assert!(folder.join("bin/et-elftoolchain").is_file());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
