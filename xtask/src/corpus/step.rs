//! One step of gathering: a folder, filled once.

use std::cell::Cell;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::tests::corpus::{self, Subset};
use anyhow::{Context, Result, bail};

use crate::shell;

/// The work of a step.
type Work = Box<dyn Fn(&mut Folder) -> Result<()>>;

/// A step.
pub struct Step {
    /// The folder it fills, below the corpus folder.
    pub folder: String,
    /// The subset that needs it.
    pub subset: Subset,
    /// Text that changes when what it makes changes.
    pub recipe: String,
    /// The package that it unpacks, if any.
    pub package: Option<String>,
    /// Its work.
    pub work: Work,
    /// Whether it ran in this process.
    ran: Cell<bool>,
}

/// What is known of a step that is done.
pub struct Made {
    /// Whether it ran just now.
    pub is_new: bool,
    /// Its files, each with the smallest subset that it is part of.
    pub files: Vec<(Subset, String)>,
}

impl Step {
    /// A step that makes files by itself.
    pub fn new(
        folder: &str,
        subset: Subset,
        recipe: &str,
        work: impl Fn(&mut Folder) -> Result<()> + 'static,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            subset,
            recipe: recipe.to_owned(),
            package: None,
            work: Box::new(work),
            ran: Cell::new(false),
        }
    }

    /// The same step, with a package that must be downloaded before.
    #[must_use]
    pub fn of_package(mut self, package: &str) -> Self {
        self.package = Some(package.to_owned());
        self
    }

    fn note(&self) -> PathBuf {
        let name = self.folder.replace(['/', '@'], "_");
        corpus::folder().join(".steps").join(format!("{name}.{:016x}", fingerprint(&self.recipe)))
    }

    /// Whether it is done already.
    pub fn is_done(&self) -> bool {
        self.note().is_file()
    }

    /// Does it unless it is done.
    ///
    /// # Errors
    /// Where its work fails.
    pub fn run_if_needed(&self) -> Result<()> {
        if self.is_done() {
            return Ok(());
        }
        println!("corpus: {}", self.folder);
        let mut folder = Folder::new(&self.folder, self.subset)?;
        (self.work)(&mut folder).with_context(|| format!("corpus step {}", self.folder))?;
        if folder.files.is_empty() {
            bail!("corpus step {}: it made no file", self.folder);
        }
        let mut text = String::new();
        for (subset, path) in &folder.files {
            let subset = if *subset == Subset::Ci { "ci" } else { "all" };
            writeln!(text, "{subset}\t{path}")?;
        }
        let note = self.note();
        std::fs::create_dir_all(note.parent().unwrap_or(Path::new(".")))?;
        std::fs::write(note, text)?;
        self.ran.set(true);
        Ok(())
    }

    /// The files that it made; `None` before it is done.
    ///
    /// # Errors
    /// Where its note is broken.
    pub fn made(&self) -> Result<Option<Made>> {
        let Ok(text) = std::fs::read_to_string(self.note()) else {
            return Ok(None);
        };
        let mut files = Vec::new();
        for line in text.lines() {
            match line.split_once('\t') {
                Some(("ci", path)) => files.push((Subset::Ci, path.to_owned())),
                Some(("all", path)) => files.push((Subset::All, path.to_owned())),
                _ => bail!("{}: bad line {line:?}", self.note().display()),
            }
        }
        let is_new = self.ran.get();
        Ok(Some(Made { is_new, files }))
    }
}

/// FNV-1a: enough to tell recipes apart.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The folder that a step fills.
pub struct Folder {
    /// Its full path.
    pub path: PathBuf,
    /// Its path below the corpus folder.
    name: String,
    /// The subset that needs the step: no file of it is part of a smaller one.
    subset: Subset,
    files: Vec<(Subset, String)>,
}

impl Folder {
    /// An empty folder.
    fn new(name: &str, subset: Subset) -> Result<Self> {
        let path = corpus::folder().join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        Ok(Self { path, name: name.to_owned(), subset, files: Vec::new() })
    }

    /// Puts a file on the list.
    pub fn add(&mut self, subset: Subset, name: &str) {
        self.files.push((subset.max(self.subset), format!("{}/{name}", self.name)));
    }

    /// Whether a file of that name is on the list.
    pub fn has(&self, name: &str) -> bool {
        let path = format!("{}/{name}", self.name);
        self.files.iter().any(|(_, other)| *other == path)
    }

    /// Writes a file and puts it on the list.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, subset: Subset, name: &str, bytes: &[u8]) -> Result<()> {
        std::fs::write(self.path.join(name), bytes)?;
        self.add(subset, name);
        Ok(())
    }

    /// A command that runs in the folder and sees the sources of the tests as `$S`.
    pub fn shell(&self, script: &str) -> Result<()> {
        let mut command = Command::new("sh");
        command
            .args(["-e", "-c", script])
            .current_dir(&self.path)
            .env("S", corpus::root().join("tests/sources"))
            .env("LC_ALL", "C.UTF-8")
            .env("SOURCE_DATE_EPOCH", "1000000000");
        shell::quiet(&mut command)
    }

    /// Makes one file by a script and puts it on the list.
    ///
    /// # Errors
    /// Where the script fails or does not make it.
    pub fn make(&mut self, subset: Subset, name: &str, script: &str) -> Result<()> {
        self.shell(script)?;
        if !self.path.join(name).is_file() {
            bail!("it was not made: {name}");
        }
        self.add(subset, name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_are_told_apart() {
        assert_ne!(fingerprint("a"), fingerprint("b"));
        let step = |recipe| Step::new("a/@b", Subset::Ci, recipe, |_| Ok(())).note();
        assert_ne!(step("1"), step("2"));
        assert_eq!(step("1").parent().unwrap().file_name().unwrap(), ".steps");
    }
}
