//! Libraries that only libraries need: not part of the link, but what they define is not missing.
//!
//! They are looked for as the loader will look for them, as far as that is known here, in the order
//! of GNU ld's manual (`-rpath-link`).

use std::collections::{HashSet, VecDeque};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use foldhash::fast::RandomState;
use libelf::File;
use libelf::raw::{DT_RPATH, DT_RUNPATH};

use super::shared::SharedSymbol;
use super::{Loaded, Origin, Shared, Storage, configuration, library};
use crate::arch::Identity;
use crate::names::Names;
use crate::options::Options;

/// Where they are looked for.
pub struct Indirectly<'o> {
    options: &'o Options,
    identity: &'static Identity,
    /// The folders of the system, once they are asked for.
    of_system: std::sync::OnceLock<Vec<PathBuf>>,
}

impl<'o> Indirectly<'o> {
    /// As the command line says.
    pub const fn new(options: &'o Options, identity: &'static Identity) -> Self {
        Self { options, identity, of_system: std::sync::OnceLock::new() }
    }

    /// The first library of this name for the machine, which `needer` at this path asks for.
    pub fn find<'data>(
        &self,
        name: &[u8],
        (needer, file): (&Path, &File<'_>),
        storage: &'data Storage,
    ) -> Option<(&'data Path, &'data [u8])> {
        let path = Path::new(OsStr::from_bytes(name));
        let open = |path: PathBuf| {
            let bytes = storage.map(&path).ok()?;
            let file = File::parse(bytes).ok()?;
            let fits = file.header().machine == self.identity.machine
                && file.encoding() == self.identity.encoding;
            fits.then(|| (storage.keep_path(path), bytes))
        };
        let given = self.given();
        let found = given.chain(run_path(needer, file)).find_map(|folder| open(folder.join(path)));
        found.or_else(|| self.of_system().iter().find_map(|folder| open(folder.join(path))))
    }

    /// The folders that the command line and the environment name.
    fn given(&self) -> impl Iterator<Item = PathBuf> {
        let Options { inputs, dynamic, .. } = self.options;
        let rpath = dynamic.rpath.iter().flat_map(|folders| split(folders));
        let of_loader = inputs.library_path_of_loader.iter();
        inputs.rpath_link.iter().cloned().chain(rpath).chain(of_loader.cloned())
    }

    /// The folders that the loader looks into by itself.
    fn of_system(&self) -> &[PathBuf] {
        self.of_system.get_or_init(|| {
            let root = &self.options.inputs.sysroot;
            let below = |folder: &Path| match folder.strip_prefix("/") {
                Ok(rest) if !root.as_os_str().is_empty() => root.join(rest),
                _ => folder.to_path_buf(),
            };
            let configured = configuration::folders(&below(Path::new("/etc/ld.so.conf")), &below);
            let usual = ["/lib", "/usr/lib"].map(Path::new);
            let of_emulation = self.options.emulation.directories().iter();
            let of_emulation = of_emulation.map(|it| Path::new(it.trim_start_matches('=')));
            let usual = usual.into_iter().chain(of_emulation).map(below);
            configured.into_iter().chain(usual).collect()
        })
    }
}

fn split(folders: &[u8]) -> impl Iterator<Item = PathBuf> {
    let folders = folders.split(|&byte| byte == b':').filter(|folder| !folder.is_empty());
    folders.map(|folder| PathBuf::from(OsStr::from_bytes(folder)))
}

/// `DT_RUNPATH` of a library, or else `DT_RPATH`, with the folder of the library for `$ORIGIN`.
fn run_path<'f>(needer: &Path, file: &'f File<'_>) -> impl Iterator<Item = PathBuf> + 'f {
    let parent = needer.parent().unwrap_or(Path::new(""));
    let origin = std::env::current_dir().unwrap_or_default().join(parent);
    let text = file.dynamic().ok().and_then(|dynamic| {
        let offset = dynamic.value(DT_RUNPATH).or_else(|| dynamic.value(DT_RPATH))?;
        dynamic.strings.get(offset).ok().map(<[u8]>::to_vec)
    });
    let folders: Vec<PathBuf> = split(&text.unwrap_or_default()).collect();
    folders.into_iter().map(move |folder| {
        let first = ["$ORIGIN", "${ORIGIN}"].iter().find_map(|name| folder.strip_prefix(name).ok());
        first.map_or_else(|| folder.clone(), |rest| origin.join(rest))
    })
}

/// The libraries that only libraries need.
#[derive(Default)]
pub struct Indirect<'data> {
    /// Those that are found, in the order in which they are needed.
    pub libraries: Vec<Box<Shared<'data>>>,
    /// Those that are not found, each with the library that needs it.
    pub missing: Vec<(&'data [u8], Origin<'data>)>,
}

/// What a library needs, its name and its file.
type Needs<'data> = (Origin<'data>, File<'data>, Vec<&'data [u8]>);

fn needs_of<'data>(shared: &Shared<'data>) -> Needs<'data> {
    (shared.origin, shared.file, shared.needed.clone())
}

impl<'data> Indirect<'data> {
    /// Looks for all that `linked` need, and what those need. `unused` are libraries of the command
    /// line that are not part of the link.
    pub fn new<'r>(
        linked: impl Iterator<Item = &'r Shared<'data>>,
        mut unused: Vec<Box<Shared<'data>>>,
        search: &Indirectly<'_>,
        names: &Names<'data>,
        storage: &'data Storage,
    ) -> Self
    where
        'data: 'r,
    {
        let mut seen: HashSet<&[u8], RandomState> = HashSet::default();
        let mut open: VecDeque<Needs<'data>> = VecDeque::new();
        for shared in linked {
            seen.insert(shared.needed_name());
            open.push_back(needs_of(shared));
        }
        let mut indirect = Self::default();
        while let Some((origin, file, needed)) = open.pop_front() {
            for name in needed {
                if !seen.insert(name) {
                    continue;
                }
                let known = unused.iter().position(|shared| shared.needed_name() == name);
                let found = match known {
                    Some(at) => Some(unused.swap_remove(at)),
                    None => search.find(name, (origin.path, &file), storage).and_then(|found| {
                        match library::load(Origin::file(found.0), found.1, names) {
                            Ok(Loaded::Shared(shared)) => Some(shared),
                            _ => None,
                        }
                    }),
                };
                match found {
                    Some(found) => {
                        open.push_back(needs_of(&found));
                        indirect.libraries.push(found);
                    }
                    None => indirect.missing.push((name, origin)),
                }
            }
        }
        indirect
    }

    /// The symbols that they define.
    pub fn defined(&self) -> impl Iterator<Item = (&Shared<'data>, &SharedSymbol)> {
        self.libraries.iter().flat_map(|shared| {
            let defined = shared.symbols.iter().filter(|it| !it.is_undefined && !it.is_hidden);
            defined.map(move |symbol| (&**shared, symbol))
        })
    }
}
