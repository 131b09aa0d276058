//! `cargo xtask builds`: real packages, linked by our ld, pass their own tests.
//!
//! A recipe is `tests/builds/NAME.sh`. Its first line names Debian source packages, as
//! `# source: PACKAGE...`, which are downloaded and unpacked side by side without Debian's patches,
//! a package that holds an archive of sources, as `# tarball: PACKAGE`, a folder beside the recipe,
//! as `# folder: NAME`, or a folder of this project, as `# project: FOLDER`. The rest is run by
//! `sh -eu` in the fresh folder of the first source with `$CC`, `$CXX`, the same of clang, `$CLANG`
//! and `$CLANGXX`, `$LD` and the folder of the recipes, `$RECIPES`, set. What it prints is kept beside the source folder, in
//! `target/builds/`, as is a list of all links.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use ::tests::corpus::root;
use anyhow::{Context, Result, bail};

use crate::build::{self, Profile};
use crate::shell;

/// How many lines are shown of what a failed recipe printed.
const SHOWN_LINES: usize = 30;

/// Where the source of a recipe comes from.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// Debian source packages.
    Debian(Vec<String>),
    /// A binary package of Debian that brings `/usr/src/PACKAGE.tar.xz`.
    Tarball(String),
    /// A folder beside the recipe.
    Folder(String),
    /// A folder of this project, without what is not kept in it.
    Project(String),
}

/// Runs the chore: all recipes, or those that are named.
pub fn main(args: Vec<OsString>) -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    for arg in args {
        match arg.into_string() {
            Ok(name) => names.push(name),
            Err(arg) => bail!("no recipe {}", arg.display()),
        }
    }
    if names.is_empty() {
        names = all_recipes()?;
    }
    let program = build::programs(Profile::Checked)?;
    let place = Place::new(&program)?;
    let mut failed = Vec::new();
    for name in &names {
        let start = Instant::now();
        let outcome = place.run(name);
        let seconds = start.elapsed().as_secs();
        match outcome {
            Ok(links) => println!("{name:<16} ok      {links:>5} links {seconds:>5} s"),
            Err(error) => {
                println!("{name:<16} FAILED  {seconds:>5} s\n{error:#}");
                failed.push(name.as_str());
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(" ")) }
}

/// The names of all recipes, sorted.
fn all_recipes() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(recipes())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sh") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

/// The folder of recipes.
pub fn recipes() -> PathBuf {
    root().join("tests/builds")
}

/// Unpacks the archive of sources that a package of Debian brings, `/usr/src/PACKAGE.tar.xz`.
///
/// # Errors
/// It cannot be had.
pub fn unpack_tarball(package: &str, folder: &Path) -> Result<()> {
    Place { folder: fs::canonicalize(build::target())?.join("builds") }
        .unpack_tarball(package, folder)
}

/// The folder where all is built.
struct Place {
    folder: PathBuf,
}

impl Place {
    /// Prepares the folder: `bin/ld` there is our program.
    fn new(program: &Path) -> Result<Self> {
        let folder = fs::canonicalize(build::target())?.join("builds");
        let bin = folder.join("bin");
        fs::create_dir_all(&bin)?;
        let ld = bin.join("ld");
        // Each link is written down, to show that it was ours, and to be done again by hand.
        let script = format!(
            "#!/bin/sh\necho \"cd $PWD; ld $*\" >> \"${{LINKS:-/dev/null}}\"\nexec '{}' ld \"$@\"\n",
            fs::canonicalize(program)?.display()
        );
        fs::write(&ld, script)?;
        fs::set_permissions(&ld, fs::Permissions::from_mode(0o755))?;
        Ok(Self { folder })
    }

    /// Runs a recipe from nothing; tells how many links there were.
    fn run(&self, name: &str) -> Result<usize> {
        let recipe = recipes().join(name).with_extension("sh");
        let text = fs::read_to_string(&recipe)
            .with_context(|| format!("no recipe {}", recipe.display()))?;
        let source = source(&text).context("the first line names no source")?;
        let work = self.folder.join(name);
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work)?;
        let folder = match source {
            Source::Debian(packages) => {
                for package in &packages {
                    self.unpack(package, &work.join(package))?;
                }
                work.join(packages.first().context("the first line names no source")?)
            }
            Source::Tarball(package) => {
                let folder = work.join(&package);
                self.unpack_tarball(&package, &folder)?;
                folder
            }
            Source::Folder(beside) => {
                let folder = work.join(&beside);
                shell::run(Command::new("cp").arg("-R").arg(recipes().join(beside)).arg(&folder))?;
                folder
            }
            Source::Project(inside) => {
                let folder = work.join("project");
                copy_project(&root().join(inside), &folder)?;
                folder
            }
        };
        let log = work.join("log");
        let links = work.join("links");
        let output = fs::File::create(&log)?;
        let bin = self.folder.join("bin");
        let status = Command::new("sh")
            .args(["-eux"])
            .arg(&recipe)
            .current_dir(&folder)
            .env("CC", format!("gcc -B{}", bin.display()))
            .env("CXX", format!("g++ -B{}", bin.display()))
            .env("CLANG", format!("clang-14 --ld-path={}", bin.join("ld").display()))
            .env("CLANGXX", format!("clang++-14 --ld-path={}", bin.join("ld").display()))
            .env("LD", bin.join("ld"))
            .env("LD_FOLDER", &bin)
            .env("RECIPES", recipes())
            .env("LINKS", &links)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .status()?;
        if !status.success() {
            let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
            let lines: Vec<&str> = text.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(SHOWN_LINES)..).unwrap_or_default();
            bail!("{}\n{}: {status}", tail.join("\n"), log.display());
        }
        let links = fs::read_to_string(&links).unwrap_or_default().lines().count();
        if links == 0 {
            bail!("nothing was linked by our ld")
        }
        Ok(links)
    }

    /// Unpacks a source package, downloaded if it is not there yet.
    fn unpack(&self, package: &str, folder: &Path) -> Result<()> {
        let store = self.folder.join("sources").join(package);
        let description = || {
            let pattern = store.join("*.dsc");
            glob::glob(&pattern.to_string_lossy()).ok()?.next()?.ok()
        };
        if description().is_none() {
            fs::create_dir_all(&store)?;
            let apt = self.apt()?;
            let mut command = Command::new("apt-get");
            command.args(&apt).args(["-q", "-q", "source", "--download-only", "--only-source"]);
            shell::quiet(command.arg(package).current_dir(&store))?;
        }
        let description = description().with_context(|| format!("no source package {package}"))?;
        let mut command = Command::new("dpkg-source");
        command.args(["--skip-patches", "--no-check", "-x"]).arg(description).arg(folder);
        shell::quiet(&mut command)
    }

    /// Unpacks the archive that a package brings, installed or else downloaded.
    fn unpack_tarball(&self, package: &str, folder: &Path) -> Result<()> {
        let name = format!("usr/src/{package}.tar.xz");
        let store = self.folder.join("sources").join(package);
        let mut archive = Path::new("/").join(&name);
        if !archive.exists() {
            archive = store.join(&name);
        }
        if !archive.exists() {
            fs::create_dir_all(&store)?;
            let mut command = Command::new("apt-get");
            command.args(["-q", "-q", "download", package]).current_dir(&store);
            shell::quiet(&mut command)?;
            let pattern = store.join("*.deb");
            let found = glob::glob(&pattern.to_string_lossy())?.next();
            let found = found.with_context(|| format!("no package {package}"))??;
            shell::quiet(Command::new("dpkg-deb").arg("-x").arg(found).arg(&store))?;
        }
        fs::create_dir_all(folder)?;
        let mut command = Command::new("tar");
        command.arg("-xJf").arg(archive).arg("--strip-components=1").arg("-C").arg(folder);
        shell::quiet(&mut command)
    }

    /// The options by which apt-get finds sources, with lists of its own: the system's are left
    /// alone.
    fn apt(&self) -> Result<Vec<String>> {
        let apt = self.folder.join("apt");
        for folder in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(apt.join(folder))?;
        }
        let sources = apt.join("sources.list");
        let options = [
            ("Dir::Etc::sourcelist", sources.clone()),
            ("Dir::Etc::sourceparts", apt.join("none")),
            ("Dir::State::lists", apt.join("lists")),
            ("Dir::Cache", apt.join("cache")),
        ];
        let mut words = Vec::new();
        for (name, value) in options {
            words.push("-o".to_owned());
            words.push(format!("{name}={}", value.display()));
        }
        if !sources.exists() {
            // Sources from where the system's own packages come from.
            let format = "deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)";
            let lists = ["indextargets", "--format", format, "Created-By: Packages"];
            let lines = shell::output(Command::new("apt-get").args(lists).arg("Origin: Debian"))?;
            if lines.is_empty() {
                bail!("apt knows no packages of Debian: run `apt-get update`");
            }
            fs::write(&sources, lines)?;
            shell::quiet(Command::new("apt-get").args(&words).args(["-q", "-q", "update"]))?;
        }
        Ok(words)
    }
}

/// Copies the files of a folder that are kept in it, as they are now.
fn copy_project(from: &Path, to: &Path) -> Result<()> {
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(from);
    for name in shell::output(&mut list)?.split(|&byte| byte == 0) {
        let name = Path::new(std::ffi::OsStr::from_bytes(name));
        let (source, target) = (from.join(name), to.join(name));
        if !source.is_file() {
            continue;
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&source, &target)?;
    }
    Ok(())
}

/// The source that the first line of a recipe names.
fn source(recipe: &str) -> Option<Source> {
    let line = recipe.lines().next()?;
    let (kind, name) = line.strip_prefix("# ")?.split_once(": ")?;
    match kind {
        "source" => Some(Source::Debian(name.split_whitespace().map(str::to_owned).collect())),
        "tarball" => Some(Source::Tarball(name.to_owned())),
        "folder" => Some(Source::Folder(name.to_owned())),
        "project" => Some(Source::Project(name.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_names_the_source() {
        let packages = vec!["leveldb".to_owned(), "googletest".to_owned()];
        assert_eq!(source("# source: leveldb googletest\nmake\n"), Some(Source::Debian(packages)));
        assert_eq!(source("# folder: one\n"), Some(Source::Folder("one".to_owned())));
        assert_eq!(source("make\n"), None);
    }

    #[test]
    fn every_recipe_names_a_source() {
        for name in all_recipes().unwrap() {
            let text = fs::read_to_string(recipes().join(&name).with_extension("sh")).unwrap();
            match source(&text) {
                Some(Source::Folder(folder)) => assert!(recipes().join(folder).is_dir(), "{name}"),
                Some(Source::Project(folder)) => assert!(root().join(folder).is_dir(), "{name}"),
                Some(Source::Debian(_) | Source::Tarball(_)) => {}
                None => panic!("{name} names no source"),
            }
        }
    }
}
