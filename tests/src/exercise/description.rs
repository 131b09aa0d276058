//! Descriptions: any bytes described and built again are the same, and no text does harm.

use elfc::{Failure, Settings};
use libpeg::diagnostic::Diagnostics;
use libpeg::notation::{Limits, NoFiles, Options, parse};
use libpeg::source::SourceMap;

/// Memory that an expanded description may take in these trials, in bytes.
const MEMORY: u64 = 64 << 20;

/// The bytes that a file may have in these trials.
const LARGEST_FILE: u64 = 100 << 20;

/// What came of a description.
#[derive(Debug)]
pub struct Built {
    /// The bytes of the file, if one was made.
    pub bytes: Option<Vec<u8>>,
    /// The diagnostics as text.
    pub messages: String,
}

/// Describes a file.
pub fn describe(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = elfc::describe(bytes, "a file", &mut text);
    text
}

/// Builds what a text describes.
pub fn build(text: &[u8]) -> Built {
    let sources = SourceMap::new();
    let limits = Limits { memory: MEMORY, ..Limits::default() };
    let options = Options { files: &NoFiles, limits, ..Options::default() };
    let mut diagnostics = Diagnostics::default();
    let id = match sources.add("text", text) {
        Ok(id) => id,
        Err(error) => return Built { bytes: None, messages: error.render(&sources) },
    };
    let parsed = parse(&sources, id, &options);
    diagnostics.append(parsed.diagnostics);
    let settings = Settings { largest_file: LARGEST_FILE, ..Settings::default() };
    let mut bytes = None;
    if !diagnostics.has_errors()
        && let Some(file) = elfc::build(&parsed.statements, &settings, &mut diagnostics)
        && let Some(prepared) = file.prepare(&settings, &mut diagnostics)
    {
        let mut written = Vec::new();
        match prepared.write(&mut written) {
            Ok(()) => bytes = Some(written),
            Err(Failure::Description(error)) => diagnostics.push(error),
            Err(Failure::Output(reason)) => return Built { bytes: None, messages: reason },
        }
    }
    Built { bytes, messages: diagnostics.render(&sources) }
}

/// Describes a file and builds it again; gives the description.
///
/// # Errors
/// What went wrong, if the bytes are not the same.
pub fn round_trip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let text = describe(bytes);
    let built = build(&text);
    let Some(again) = built.bytes else {
        return Err(format!("not built:\n{}", built.messages));
    };
    if again == bytes {
        return Ok(text);
    }
    let same = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    let (was, is) = (bytes.len(), again.len());
    Err(format!("first difference at {same:#x}; {was:#x} bytes were described, {is:#x} built"))
}

/// Any bytes as a file to be described.
///
/// # Panics
/// If they are not built again.
#[expect(clippy::panic, reason = "how a trial tells what it found")]
pub fn exercise_bytes(bytes: &[u8]) {
    if let Err(message) = round_trip(bytes) {
        panic!("{message}");
    }
}

/// Any bytes as a description.
pub fn exercise_text(text: &[u8]) {
    let _ = build(text);
}
