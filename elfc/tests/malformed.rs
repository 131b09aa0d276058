//! The descriptions of damaged and odd files: each can be built, and says what is wrong with what it makes.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use elfc::Settings;
use libpeg::diagnostic::Diagnostics;
use libpeg::notation::{self, Options};
use libpeg::source::SourceMap;

/// As many there are at least.
const LEAST: usize = 120;
/// None of them makes a file larger than this, in bytes.
const LARGEST: usize = 1 << 20;

fn descriptions() -> Vec<PathBuf> {
    let folder = |name| Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(name);
    let entries = ["malformed", "odd"].map(|name| std::fs::read_dir(folder(name)).unwrap());
    let entries = entries.into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "elfc")).collect();
    paths.sort();
    paths
}

/// The bytes of the file that a description makes, or what is wrong with the description.
fn build(path: &Path) -> Result<Vec<u8>, String> {
    let sources = SourceMap::new();
    let mut diagnostics = Diagnostics::default();
    let id = sources.read(path).map_err(|error| format!("{error:?}"))?;
    let parsed = notation::parse(&sources, id, &Options::default());
    diagnostics.append(parsed.diagnostics);
    let settings = Settings { folder: path.parent().unwrap().to_owned(), ..Settings::default() };
    let file = elfc::build(&parsed.statements, &settings, &mut diagnostics);
    let prepared = file.as_ref().and_then(|file| file.prepare(&settings, &mut diagnostics));
    let mut bytes = Vec::new();
    match prepared {
        Some(prepared) if !diagnostics.has_errors() => {
            prepared.write(&mut bytes).map_err(|error| format!("{error:?}"))?;
            Ok(bytes)
        }
        _ => Err(diagnostics.render(&sources)),
    }
}

#[test]
fn every_description_is_built() {
    let paths = descriptions();
    assert!(paths.len() >= LEAST, "{} descriptions", paths.len());
    let mut files = HashSet::new();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("// ") && first.ends_with('.'), "{name}: {first}");
        let bytes = build(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(bytes.len() <= LARGEST, "{name}: {} bytes", bytes.len());
        assert!(files.insert(bytes), "{name} makes the same file as another");
    }
}
