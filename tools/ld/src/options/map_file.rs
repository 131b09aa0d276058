//! Where the map goes: the value of `-Map` and the name of the output make it.
//!
//! ```text
//! -o ../dir/foo -Map=bar        bar
//! -o ../dir/foo -Map=-          standard output
//! -o ../dir/foo -Map=folder     folder/foo.map
//! -o ../dir/foo -Map=%          ../dir/foo.map
//! -o ../dir/foo -Map=%.txt      ../dir/foo.txt
//! -o foo        -Map=folder/%   folder/foo.map
//! ```

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use libld::options::MapFile;

/// The ending of maps whose name is made up.
const ENDING: &[u8] = b".map";

/// Where the map of `output` goes.
pub fn place(value: &OsStr, output: &Path) -> MapFile {
    let text = value.as_bytes();
    if text == b"-" {
        return MapFile::Stdout;
    }
    let output_name = output.as_os_str().as_bytes();
    if let Some(at) = text.iter().position(|&byte| byte == b'%') {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + 1..).unwrap_or_default();
        let after = if after.is_empty() { ENDING } else { after };
        return file([before, output_name, after].concat());
    }
    let path = Path::new(value);
    if path.is_dir() {
        let name = output.file_name().unwrap_or_default().as_bytes();
        let folder = text.strip_suffix(b"/").unwrap_or(text);
        return file([folder, b"/", name, ENDING].concat());
    }
    MapFile::File(path.to_owned())
}

fn file(name: Vec<u8>) -> MapFile {
    MapFile::File(PathBuf::from(OsString::from_vec(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(value: &str, output: &str) -> String {
        match place(OsStr::new(value), Path::new(output)) {
            MapFile::Stdout => "stdout".to_owned(),
            MapFile::File(path) => path.display().to_string(),
        }
    }

    #[test]
    fn names_of_maps_are_made_of_names_of_outputs() {
        assert_eq!(placed("bar", "../dir/foo.exe"), "bar");
        assert_eq!(placed("-", "foo"), "stdout");
        assert_eq!(placed("%", "../dir/foo.exe"), "../dir/foo.exe.map");
        assert_eq!(placed("%.bar", "foo.exe"), "foo.exe.bar");
        assert_eq!(placed("../dir/%.bar", "../dir2/foo.exe"), "../dir/../dir2/foo.exe.bar");
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().to_str().unwrap();
        assert_eq!(placed(name, "../dir/foo.exe"), format!("{name}/foo.exe.map"));
    }
}
