//! The output while it is made, and the file that it becomes.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use common::output::system_message;
use common::output_file::{Mode, OutputFile};
use libld::options::{Kind, MapFile, Options, Output};
use libld::room::{Memory, Room};
use libld::{Sink, TextKind};

use crate::room::FileRoom;

/// The rights of a program, less the umask.
const PROGRAM: u32 = 0o777;
/// The rights of an object, less the umask.
const PLAIN: u32 = 0o666;

/// The output.
pub struct Image<'o> {
    output: &'o Output,
    /// The map, if it is for standard output.
    pub printed: Vec<u8>,
    /// The file to be.
    path: PathBuf,
    /// Whether what is there is to go if the link fails.
    has_begun: bool,
    bytes: Bytes,
    /// How it went to put the file in its place.
    placed: Option<io::Result<()>>,
}

/// Where the bytes of the output are.
enum Bytes {
    /// Nowhere yet.
    None,
    /// In the file.
    Written(Box<FileRoom>),
    /// In memory: they are to be written from the first to the last.
    Kept(Memory, OutputFile),
}

impl Bytes {
    fn create(path: &Path, mode: Mode, size: u64) -> io::Result<Self> {
        let file = OutputFile::create(path, mode)?;
        Ok(match FileRoom::new(file, size)? {
            Ok(room) => Self::Written(Box::new(room)),
            Err(file) => {
                let size = usize::try_from(size).map_err(|_| io::ErrorKind::FileTooLarge)?;
                Self::Kept(Memory::new(size), file)
            }
        })
    }

    fn place(self) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Written(room) => room.finish()?.commit(),
            Self::Kept(memory, mut file) => {
                file.write_all(&memory.into_bytes())?;
                file.commit()
            }
        }
    }
}

impl Sink for Image<'_> {
    fn begin(&mut self, path: &Path) {
        path.clone_into(&mut self.path);
        self.has_begun = true;
    }

    fn room(&mut self, path: &Path, size: u64) -> Result<&dyn Room, String> {
        path.clone_into(&mut self.path);
        let rights = if self.output.kind == Kind::Relocatable { PLAIN } else { PROGRAM };
        self.bytes = Bytes::create(path, Mode::Fresh(rights), size).map_err(|error| {
            format!("cannot open output file {}: {}", path.display(), system_message(&error))
        })?;
        match &self.bytes {
            Bytes::Written(room) => Ok(&**room),
            Bytes::Kept(memory, _) => Ok(memory),
            Bytes::None => Err("no output".to_owned()),
        }
    }

    fn text(&mut self, kind: TextKind, options: &Options, text: &[u8]) -> Result<(), String> {
        let (path, what) = match kind {
            TextKind::Map => {
                let Some(MapFile::File(path)) = &options.report.map else {
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
        self.placed = Some(std::mem::replace(&mut self.bytes, Bytes::None).place());
    }
}

impl<'o> Image<'o> {
    /// Of the output that these options ask for; nothing is done yet.
    pub fn new(options: &'o Options) -> Self {
        let output = &options.output;
        let path = output.path().to_owned();
        let has_begun = false;
        let (printed, bytes, placed) = (Vec::new(), Bytes::None, None);
        Self { output, printed, path, has_begun, bytes, placed }
    }

    /// Takes away what is in the place of the output, as the link failed: nobody shall take an older
    /// output for this one. Only files go: not devices, and no symbolic link, as `/dev/stdout` is one.
    pub fn abandon(self) {
        if self.has_begun && self.path.symlink_metadata().is_ok_and(|there| there.is_file()) {
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
