//! The output while it is made, and the file that it becomes.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use common::output::system_message;
use common::output_file::{Mode, OutputFile};
use libelf::map::OutputMap;
use libld::options::{Kind, MapFile, Options, Output};
use libld::{Sink, TextKind};

/// The rights of a program, less the umask.
const PROGRAM: u32 = 0o777;
/// The rights of an object, less the umask.
const PLAIN: u32 = 0o666;

/// The output.
pub struct Image<'o> {
    output: &'o Output,
    map: Option<&'o MapFile>,
    /// The map, if it is for standard output.
    pub printed: Vec<u8>,
    /// The file to be.
    path: PathBuf,
    /// Whether what is there is to go if the link fails.
    has_begun: bool,
    file: Option<OutputFile>,
    bytes: Bytes,
    /// How it went to put the file in its place.
    placed: Option<io::Result<()>>,
}

/// The bytes of the output.
enum Bytes {
    /// They are those of the file.
    Mapped(OutputMap),
    /// They are to be written to it.
    Made(Vec<u8>),
}

impl Sink for Image<'_> {
    fn begin(&mut self, path: &Path) {
        path.clone_into(&mut self.path);
        self.has_begun = true;
    }

    fn image(&mut self, path: &Path, size: usize, is_sparse: bool) -> Result<&mut [u8], String> {
        path.clone_into(&mut self.path);
        let mapped = self.create(size, is_sparse).map_err(|error| self.cannot_open(&error))?;
        self.bytes = mapped.map_or_else(|| Bytes::Made(vec![0; size]), Bytes::Mapped);
        Ok(match &mut self.bytes {
            Bytes::Mapped(map) => map,
            Bytes::Made(bytes) => bytes,
        })
    }

    fn text(&mut self, kind: TextKind, text: &[u8]) -> Result<(), String> {
        let (path, what) = match kind {
            TextKind::Map => {
                let Some(MapFile::File(path)) = self.map else {
                    self.printed.extend_from_slice(text);
                    return Ok(());
                };
                (path, "map")
            }
            TextKind::Dependencies => match &self.output.dependency_file {
                Some(path) => (path, "dependency"),
                None => return Ok(()),
            },
        };
        std::fs::write(path, text).map_err(|error| {
            let path = path.display();
            format!("cannot open {what} file {path}: {}", system_message(&error))
        })
    }

    /// Puts the file in its place: whole, or not at all.
    fn finish(&mut self) {
        let Some(mut file) = self.file.take() else { return };
        let written = match std::mem::replace(&mut self.bytes, Bytes::Made(Vec::new())) {
            Bytes::Mapped(map) => {
                drop(map);
                Ok(())
            }
            Bytes::Made(bytes) => file.write_all(&bytes),
        };
        self.placed = Some(written.and_then(|()| file.commit()));
    }
}

impl<'o> Image<'o> {
    /// Of the output that these options ask for; nothing is done yet.
    pub fn new(options: &'o Options) -> Self {
        let (output, map) = (&options.output, options.report.map.as_ref());
        let path = output.path().to_owned();
        let bytes = Bytes::Made(Vec::new());
        Self {
            output,
            map,
            printed: Vec::new(),
            path,
            has_begun: false,
            file: None,
            bytes,
            placed: None,
        }
    }

    fn create(&mut self, size: usize, is_sparse: bool) -> io::Result<Option<OutputMap>> {
        let mode = if self.output.kind == Kind::Relocatable { PLAIN } else { PROGRAM };
        let file = OutputFile::create(&self.path, Mode::Fresh(mode))?;
        let mapped = file.map(size, is_sparse)?;
        self.file = Some(file);
        Ok(mapped)
    }

    fn cannot_open(&self, error: &io::Error) -> String {
        let path = self.path.display();
        format!("cannot open output file {path}: {}", system_message(error))
    }

    /// Takes away what is in the place of the output, as the link failed: nobody shall take an older
    /// output for this one. Only files go, not devices.
    pub fn abandon(self) {
        let is_file = |it: std::fs::Metadata| it.is_file() || it.is_symlink();
        if self.has_begun && self.path.symlink_metadata().is_ok_and(is_file) {
            // If it cannot be taken away, there is nothing more to say: the link failed.
            drop(std::fs::remove_file(&self.path));
        }
    }

    /// Whether the file is in its place, after a link that did not fail.
    ///
    /// # Errors
    /// What there is to say.
    pub fn outcome(self) -> Result<(), String> {
        let Some(Err(error)) = self.placed else { return Ok(()) };
        Err(format!("final link failed: {}: {}", self.path.display(), system_message(&error)))
    }
}
