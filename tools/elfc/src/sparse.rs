//! A file in the making whose long runs of zeros take no room on the disk.
//!
//! A description can ask for a file of gigabytes in one line. What it asks for is mostly zeros, and
//! a file system gives zeros back for what was never written.

use std::io::{self, Seek, SeekFrom, Write};

use common::output_file::OutputFile;

/// Writes of fewer bytes are made, zero or not: a file system keeps blocks of this size.
const BLOCK: usize = 4096;

/// A file in the making.
#[derive(Debug)]
pub struct Sparse {
    file: OutputFile,
    /// Bytes that are zero, behind those that were written.
    skipped: u64,
}

impl Sparse {
    /// A file of which nothing is written yet.
    pub fn new(file: OutputFile) -> Self {
        Self { file, skipped: 0 }
    }

    /// The file, all of it written.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn finish(mut self) -> io::Result<OutputFile> {
        let skipped = self.skipped;
        self.settle()?;
        if let Some(mut file) = self.file.file()
            && skipped != 0
        {
            let end = file.stream_position()?;
            file.set_len(end)?;
        }
        Ok(self.file)
    }

    /// Goes to where the next byte is written.
    fn settle(&mut self) -> io::Result<()> {
        let skipped = i64::try_from(std::mem::take(&mut self.skipped));
        match (self.file.file(), skipped) {
            (_, Ok(0)) => Ok(()),
            (Some(mut file), Ok(skipped)) => file.seek(SeekFrom::Current(skipped)).map(drop),
            _ => Err(io::ErrorKind::FileTooLarge.into()),
        }
    }
}

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let can_skip = bytes.len() >= BLOCK && self.file.file().is_some();
        if can_skip && bytes.iter().all(|&byte| byte == 0) {
            self.skipped = self.skipped.saturating_add(bytes.len() as u64);
            return Ok(bytes.len());
        }
        self.settle()?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
