//! The loader's configuration, `/etc/ld.so.conf`: folders, one a line, and patterns of other files
//! of this kind. ldconfig(8).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::script::glob::Glob;

/// How deep files may name files: more is a circle.
const MOST_NESTED: usize = 8;

/// The folders that a file names; `below` tells where each lies below the sysroot.
pub fn folders(file: &Path, below: &dyn Fn(&Path) -> PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    read(file, below, 0, &mut found);
    found
}

fn read(file: &Path, below: &dyn Fn(&Path) -> PathBuf, depth: usize, found: &mut Vec<PathBuf>) {
    if depth > MOST_NESTED {
        return;
    }
    let Ok(text) = std::fs::read(file) else { return };
    for line in text.split(|&byte| byte == b'\n') {
        let line = line.split(|&byte| byte == b'#').next().unwrap_or_default().trim_ascii();
        if let Some(patterns) = line.strip_prefix(b"include").filter(|rest| starts_apart(rest)) {
            let patterns = patterns.split(u8::is_ascii_whitespace).filter(|it| !it.is_empty());
            for pattern in patterns {
                for included in matching(&included_path(pattern, file, below)) {
                    read(&included, below, depth + 1, found);
                }
            }
        } else if line.first() == Some(&b'/') {
            found.push(below(Path::new(OsStr::from_bytes(line))));
        }
    }
}

fn starts_apart(rest: &[u8]) -> bool {
    rest.first().is_some_and(u8::is_ascii_whitespace)
}

/// Where the files of a pattern lie: beside the file that names them, unless it says.
fn included_path(pattern: &[u8], file: &Path, below: &dyn Fn(&Path) -> PathBuf) -> PathBuf {
    let path = Path::new(OsStr::from_bytes(pattern));
    if path.is_absolute() {
        return below(path);
    }
    file.parent().unwrap_or(Path::new("")).join(path)
}

/// The files whose names match the last part of a pattern, sorted.
fn matching(pattern: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (pattern.parent(), pattern.file_name()) else {
        return Vec::new();
    };
    let glob = Glob::new(name.as_bytes());
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let mut found: Vec<_> = names.filter(|name| glob.matches(name.as_bytes())).collect();
    found.sort_unstable();
    found.into_iter().map(|name| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_from_included_files_too() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        std::fs::create_dir(at("conf.d")).unwrap();
        std::fs::write(at("main"), "# of the system\n/first\ninclude conf.d/*.conf\n/last # end\n")
            .unwrap();
        std::fs::write(at("conf.d/b.conf"), "/b\ninclude b.conf\n").unwrap();
        std::fs::write(at("conf.d/a.conf"), "/a\n").unwrap();
        std::fs::write(at("conf.d/c.off"), "/c\n").unwrap();
        let below = |path: &Path| path.to_path_buf();
        let texts: Vec<_> = folders(&at("main"), &below)
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        assert_eq!(texts.first().unwrap(), "/first");
        assert_eq!(texts.get(1).unwrap(), "/a");
        assert!(texts.iter().any(|it| it == "/b") && texts.last().unwrap() == "/last");
        assert!(!texts.iter().any(|it| it == "/c"));
    }
}
