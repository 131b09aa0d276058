//! What the tests of descriptions share.

use elfc::Settings;
use libpeg::notation::{self, Options};
use libpeg::source::SourceMap;

/// The file that a description makes, or its errors.
pub fn build(text: &str) -> Result<Vec<u8>, String> {
    let sources = SourceMap::new();
    let id = sources.add("text", text.to_owned()).unwrap();
    let parsed = notation::parse(&sources, id, &Options::default());
    let mut diagnostics = parsed.diagnostics;
    let settings = Settings::default();
    let file = elfc::build(&parsed.statements, &settings, &mut diagnostics);
    let prepared = file.as_ref().and_then(|file| file.prepare(&settings, &mut diagnostics));
    let mut bytes = Vec::new();
    if let Some(prepared) = prepared.filter(|_| !diagnostics.has_errors()) {
        match prepared.write(&mut bytes) {
            Ok(()) => return Ok(bytes),
            Err(elfc::Failure::Description(error)) => diagnostics.push(error),
            Err(elfc::Failure::Output(reason)) => return Err(reason),
        }
    }
    Err(diagnostics.render(&sources))
}
