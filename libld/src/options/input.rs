//! The ordered part of a command line: inputs, and what holds for each.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Format;

/// Files and scripts, in order, and where they are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// What is read and done, in order.
    pub arguments: Vec<Argument>,
    /// `-L`: folders in which libraries, and scripts without a folder, are looked for, in order,
    /// before those of scripts and of the emulation. The sysroot stands in its place already. All
    /// of them hold for all libraries, wherever they stand on the command line.
    pub library_path: Vec<PathBuf>,
    /// `-Y`: folders that are searched after those of `-L` and before those of scripts, in order;
    /// the sysroot stands in its place already.
    pub default_path: Vec<PathBuf>,
    /// `--sysroot`: what `=` and `$SYSROOT` in front of a folder stand for, and where absolute
    /// names in a script that lies below it begin. Empty if there is none.
    pub sysroot: PathBuf,
    /// `-nostdlib`: only folders of `-L` are searched, none of a script.
    pub nostdlib: bool,
    /// `-dT`: the script that takes the place of the built-in one unless `-T` gives one.
    pub default_script: Option<PathBuf>,
    /// `--version-script`, in order.
    pub version_scripts: Vec<PathBuf>,
    /// `--dynamic-list`, in order.
    pub dynamic_lists: Vec<PathBuf>,
    /// `--export-dynamic-symbol-list`, in order.
    pub export_lists: Vec<PathBuf>,
    /// `--retain-symbols-file`: a file with the names of the only symbols that `.symtab` keeps.
    pub retain_symbols: Option<PathBuf>,
    /// `-plugin` with its `-plugin-opt`s, in order.
    pub plugins: Vec<Plugin>,
    /// `--rpath-link`: folders for libraries that libraries need, before `dynamic.rpath`.
    pub rpath_link: Vec<PathBuf>,
    /// `LD_LIBRARY_PATH`: folders in which the loader looks first, for libraries that libraries need,
    /// after those of `rpath_link` and `dynamic.rpath`.
    pub library_path_of_loader: Vec<PathBuf>,
    /// `--accept-unknown-input-arch`: files of an unknown machine are no error.
    pub accept_unknown_machine: bool,
}

/// A linker plugin: gcc names its own in every link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// The shared library.
    pub path: PathBuf,
    /// What it is told.
    pub options: Vec<OsString>,
}

/// One step of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A file: an object, an archive, a shared library, or a script that says more of the same.
    File(Input),
    /// `--start-group`: the archives up to the group's end are searched until none gives more.
    /// A group in a group is searched with it.
    StartGroup,
    /// `--end-group`.
    EndGroup,
    /// `-T`: a script that takes the place of the built-in one. Where it is not found as named, it
    /// is looked for in the library path. Several add up.
    Script(PathBuf),
    /// `--defsym`: at this place among scripts.
    Define(Definition),
}

/// `--defsym=SYMBOL=EXPRESSION`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The whole text after `--defsym`: an assignment in the language of scripts, without `;`.
    pub text: Vec<u8>,
}

/// A file to link, and what holds for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What it is called.
    pub name: InputName,
    /// What holds where it stands.
    pub state: State,
}

/// How a command line or a script calls a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputName {
    /// `FILE`
    Path(PathBuf),
    /// `-lNAME`: `libNAME.so` (unless linkage is static) or `libNAME.a`, the first in the library
    /// path that fits the output.
    Library(OsString),
    /// `-l:NAME`: `NAME`, in the library path.
    LibraryFile(OsString),
}

/// What `-l` looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Linkage {
    /// `-Bdynamic`: in each folder a shared library, then an archive.
    #[default]
    Dynamic,
    /// `-Bstatic`: archives. A shared library that is named by its path is an error.
    Static,
}

/// What holds for an input, by the options before it. `--push-state` keeps it, `--pop-state` brings
/// it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What `-l` looks for.
    pub linkage: Linkage,
    /// `--whole-archive`: every member of an archive is linked.
    pub whole_archive: bool,
    /// `--as-needed`: a shared library is `DT_NEEDED` only if an object refers to it.
    pub as_needed: bool,
    /// `--copy-dt-needed-entries`: the libraries that a shared library needs resolve symbols too,
    /// and are `DT_NEEDED` then.
    pub copy_dt_needed: bool,
    /// `-R` of a file: only the values of its symbols are taken.
    pub just_symbols: bool,
    /// `-b`: the format that the file must have; `None`: what it looks like.
    pub format: Option<Format>,
}
