//! Where a file lies that a command line or a script names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::options::{Emulation, InputName, Inputs, Linkage};

/// The folders in which libraries are looked for, in order.
pub struct SearchPath {
    folders: Vec<PathBuf>,
    sysroot: PathBuf,
}

impl SearchPath {
    /// Those of the command line.
    pub fn new(inputs: &Inputs) -> Self {
        Self { folders: inputs.library_path.clone(), sysroot: inputs.sysroot.clone() }
    }

    /// Adds those that the built-in script names, unless the command line says otherwise.
    pub fn add_default(&mut self, inputs: &Inputs, emulation: Emulation) {
        if inputs.nostdlib {
            return;
        }
        if inputs.default_path.is_empty() {
            for folder in emulation.directories() {
                self.add_of_script(folder.as_bytes());
            }
        } else {
            self.folders.extend(inputs.default_path.iter().cloned());
        }
    }

    /// Adds a folder of `SEARCH_DIR`; `=` or `$SYSROOT` in front stands for the sysroot.
    pub fn add_of_script(&mut self, folder: &[u8]) {
        let below = folder.strip_prefix(b"=").or_else(|| folder.strip_prefix(b"$SYSROOT"));
        let folder = match below {
            Some(rest) if !self.sysroot.as_os_str().is_empty() => {
                let mut whole = self.sysroot.as_os_str().to_owned();
                whole.push(OsStr::from_bytes(rest));
                PathBuf::from(whole)
            }
            Some(rest) => PathBuf::from(OsStr::from_bytes(rest)),
            None => PathBuf::from(OsStr::from_bytes(folder)),
        };
        self.folders.push(folder);
    }

    /// The files that a name may mean, the first that exists and fits is the one.
    pub fn candidates(&self, name: &InputName, linkage: Linkage) -> Vec<PathBuf> {
        match name {
            InputName::Path(path) => vec![path.clone()],
            InputName::LibraryFile(file) => {
                self.folders.iter().map(|folder| folder.join(file)).collect()
            }
            InputName::Library(library) => {
                let named = |end: &str| {
                    let mut file = std::ffi::OsString::from("lib");
                    file.push(library);
                    file.push(end);
                    file
                };
                let (shared, archive) = (named(".so"), named(".a"));
                let mut found = Vec::with_capacity(2 * self.folders.len());
                for folder in &self.folders {
                    if linkage == Linkage::Dynamic {
                        found.push(folder.join(&shared));
                    }
                    found.push(folder.join(&archive));
                }
                found
            }
        }
    }

    /// The files that the name of a script may mean: as it stands, and then in the folders.
    pub fn script_places(&self, path: &Path) -> Vec<PathBuf> {
        let mut places = vec![path.to_path_buf()];
        if path.is_relative() {
            places.extend(self.folders.iter().map(|folder| folder.join(path)));
        }
        places
    }

    /// The files that a name in a script may mean: beside the script (if it `is_input` among the
    /// files), as it stands, and then in the folders. In a script below the sysroot, absolute names
    /// begin there.
    pub fn script_candidates(&self, name: &[u8], script: &Path, is_input: bool) -> Vec<PathBuf> {
        let path = Path::new(OsStr::from_bytes(name));
        let has_sysroot = !self.sysroot.as_os_str().is_empty();
        if path.is_absolute() && has_sysroot && script.starts_with(&self.sysroot) {
            let below = path.strip_prefix("/").unwrap_or(path);
            return vec![self.sysroot.join(below), path.to_path_buf()];
        }
        let mut found = Vec::new();
        if path.is_relative() && is_input {
            let folder = script.parent().filter(|folder| !folder.as_os_str().is_empty());
            found.push(folder.unwrap_or(Path::new(".")).join(path));
        }
        found.push(path.to_path_buf());
        if path.is_relative() {
            found.extend(self.folders.iter().map(|folder| folder.join(path)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_shared_before_it_is_an_archive() {
        let inputs = Inputs { library_path: vec!["/a".into(), "/b".into()], ..Inputs::default() };
        let path = SearchPath::new(&inputs);
        let name = InputName::Library("z".into());
        let texts = |linkage| -> Vec<String> {
            let found = path.candidates(&name, linkage);
            found.iter().map(|path| path.display().to_string()).collect()
        };
        assert_eq!(texts(Linkage::Dynamic), ["/a/libz.so", "/a/libz.a", "/b/libz.so", "/b/libz.a"]);
        assert_eq!(texts(Linkage::Static), ["/a/libz.a", "/b/libz.a"]);
    }

    #[test]
    fn folders_of_the_built_in_script_come_last() {
        let mut inputs = Inputs { library_path: vec!["/a".into()], ..Inputs::default() };
        let count = |inputs: &Inputs| {
            let mut path = SearchPath::new(inputs);
            path.add_default(inputs, Emulation::ElfX86_64);
            path.folders.len()
        };
        assert_eq!(count(&inputs), 1 + Emulation::ElfX86_64.directories().len());
        inputs.default_path = vec!["/b".into()];
        assert_eq!(count(&inputs), 2);
        inputs.nostdlib = true;
        assert_eq!(count(&inputs), 1);
    }

    #[test]
    fn names_of_a_script_below_the_sysroot_begin_there() {
        let inputs = Inputs { sysroot: "/root".into(), ..Inputs::default() };
        let path = SearchPath::new(&inputs);
        let found =
            path.script_candidates(b"/lib/libc.so.6", Path::new("/root/usr/lib/libc.so"), true);
        assert_eq!(found.first(), Some(&PathBuf::from("/root/lib/libc.so.6")));
        let found = path.script_candidates(b"x.o", Path::new("/usr/lib/s"), true);
        assert_eq!(found, [PathBuf::from("/usr/lib/x.o"), PathBuf::from("x.o")]);
        let found = path.script_candidates(b"x.o", Path::new("s"), true);
        assert_eq!(found, [PathBuf::from("./x.o"), PathBuf::from("x.o")]);
        let found = path.script_candidates(b"x.o", Path::new("s"), false);
        assert_eq!(found, [PathBuf::from("x.o")]);
    }
}
