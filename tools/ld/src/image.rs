//! The output while it is made, and the file that it becomes.

use std::io;

use common::output_file::{self, Mode};
use libld::Sink;
use libld::options::{Kind, Output};

/// The rights of a program, less the umask.
const PROGRAM: u32 = 0o777;
/// The rights of an object, less the umask.
const PLAIN: u32 = 0o666;

/// The bytes of the output.
#[derive(Default)]
pub struct Image {
    bytes: Vec<u8>,
}

impl Sink for Image {
    fn image(&mut self, size: usize) -> io::Result<&mut [u8]> {
        self.bytes = vec![0; size];
        Ok(&mut self.bytes)
    }
}

impl Image {
    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write(&self, output: &Output) -> io::Result<()> {
        let mode = if output.kind == Kind::Relocatable { PLAIN } else { PROGRAM };
        output_file::write(output.path(), Mode::Fresh(mode), &self.bytes)
    }
}
