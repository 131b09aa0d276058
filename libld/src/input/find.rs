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
    /// Those of the command line and, unless it says otherwise, those of the emulation.
    pub fn new(inputs: &Inputs, emulation: Emulation) -> Self {
        let mut path =
            Self { folders: inputs.library_path.clone(), sysroot: inputs.sysroot.clone() };
        if !inputs.nostdlib {
            if inputs.default_path.is_empty() {
                for folder in emulation.directories() {
                    path.add_of_script(folder.as_bytes());
                }
            } else {
                path.folders.extend(inputs.default_path.iter().cloned());
            }
        }
        path
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

    /// The files that a name in a script may mean: as it stands, beside the script, and then in the
    /// folders. In a script below the sysroot, absolute names begin there.
    pub fn script_candidates(&self, name: &[u8], script: &Path) -> Vec<PathBuf> {
        let path = Path::new(OsStr::from_bytes(name));
        let has_sysroot = !self.sysroot.as_os_str().is_empty();
        if path.is_absolute() && has_sysroot && script.starts_with(&self.sysroot) {
            let below = path.strip_prefix("/").unwrap_or(path);
            return vec![self.sysroot.join(below), path.to_path_buf()];
        }
        let mut found = vec![path.to_path_buf()];
        if path.is_relative() {
            found.extend(script.parent().map(|folder| folder.join(path)));
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
        let inputs = Inputs {
            library_path: vec!["/a".into(), "/b".into()],
            nostdlib: true,
            ..Inputs::default()
        };
        let path = SearchPath::new(&inputs, Emulation::ElfX86_64);
        let name = InputName::Library("z".into());
        let texts = |linkage| -> Vec<String> {
            let found = path.candidates(&name, linkage);
            found.iter().map(|path| path.display().to_string()).collect()
        };
        assert_eq!(texts(Linkage::Dynamic), ["/a/libz.so", "/a/libz.a", "/b/libz.so", "/b/libz.a"]);
        assert_eq!(texts(Linkage::Static), ["/a/libz.a", "/b/libz.a"]);
    }

    #[test]
    fn names_of_a_script_below_the_sysroot_begin_there() {
        let inputs = Inputs { sysroot: "/root".into(), nostdlib: true, ..Inputs::default() };
        let path = SearchPath::new(&inputs, Emulation::ElfX86_64);
        let found = path.script_candidates(b"/lib/libc.so.6", Path::new("/root/usr/lib/libc.so"));
        assert_eq!(found.first(), Some(&PathBuf::from("/root/lib/libc.so.6")));
        let found = path.script_candidates(b"x.o", Path::new("/usr/lib/s"));
        assert_eq!(found, [PathBuf::from("x.o"), PathBuf::from("/usr/lib/x.o")]);
    }
}
