//! The file that the output is written to, in parts and from all threads.
//!
//! The system lets one thread at a time write to a file; others would wait for it, spinning. So who
//! finds the file busy leaves its bytes to the thread that writes and goes on with its work:
//!
//! ```text
//! thread 1   make a   write a, then b ........   make c
//! thread 2   make b   leave it   make d ......   write d
//! ```

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use common::output_file::OutputFile;
use libld::room::Room;

/// So many bytes may wait; who brings more waits himself.
const MOST_WAITING: usize = 1 << 24;
/// So many written buffers are kept to be used again.
const MOST_SPARE: usize = 16;
/// Larger buffers are not kept, in bytes.
const MOST_KEPT: usize = 1 << 21;

/// A file in the making.
pub struct FileRoom {
    file: OutputFile,
    waiting: Mutex<Waiting>,
    /// Held by the thread that writes; what kept bytes from being written or read.
    fault: Mutex<Option<io::Error>>,
}

#[derive(Default)]
struct Waiting {
    parts: Vec<(u64, Vec<u8>)>,
    /// The bytes of all parts.
    size: usize,
    /// Buffers to go on with.
    spare: Vec<Vec<u8>>,
}

/// No code panics while it holds a lock; if it did, what is there would be whole all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FileRoom {
    /// Room for `size` bytes in a file that can be written at any offset; answers `file` if it
    /// cannot.
    ///
    /// # Errors
    /// Those of the system.
    pub fn new(file: OutputFile, size: u64) -> io::Result<Result<Self, OutputFile>> {
        let Some(there) = file.file() else { return Ok(Err(file)) };
        there.set_len(size)?;
        Ok(Ok(Self { file, waiting: Mutex::default(), fault: Mutex::default() }))
    }

    /// Writes what waits, and answers the file.
    ///
    /// # Errors
    /// The first that there was.
    pub fn finish(self) -> io::Result<OutputFile> {
        self.write_waiting(&mut lock(&self.fault));
        let Self { file, fault, .. } = self;
        match fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(file),
        }
    }

    fn note<'f>(
        &'f self,
        fault: &mut Option<io::Error>,
        work: impl FnOnce(&'f File) -> io::Result<()>,
    ) {
        if let Some(file) = self.file.file()
            && let Err(error) = work(file)
        {
            fault.get_or_insert(error);
        }
    }

    /// Writes all that others left.
    fn write_waiting(&self, fault: &mut Option<io::Error>) {
        loop {
            let parts = std::mem::take(&mut lock(&self.waiting).parts);
            if parts.is_empty() {
                return;
            }
            for (offset, mut bytes) in parts {
                self.note(fault, |file| file.write_all_at(&bytes, offset));
                let mut waiting = lock(&self.waiting);
                waiting.size = waiting.size.saturating_sub(bytes.len());
                if waiting.spare.len() < MOST_SPARE && bytes.capacity() <= MOST_KEPT {
                    bytes.clear();
                    waiting.spare.push(bytes);
                }
            }
        }
    }

    fn write(&self, fault: &mut Option<io::Error>, offset: u64, bytes: &[u8]) {
        self.note(fault, |file| file.write_all_at(bytes, offset));
        self.write_waiting(fault);
    }
}

impl Room for FileRoom {
    fn give(&self, offset: u64, bytes: Vec<u8>) -> Vec<u8> {
        match self.fault.try_lock() {
            Ok(mut fault) => self.write(&mut fault, offset, &bytes),
            Err(TryLockError::Poisoned(fault)) => {
                self.write(&mut fault.into_inner(), offset, &bytes);
            }
            Err(TryLockError::WouldBlock) => {
                let mut waiting = lock(&self.waiting);
                if waiting.size <= MOST_WAITING {
                    waiting.size = waiting.size.saturating_add(bytes.len());
                    waiting.parts.push((offset, bytes));
                    return waiting.spare.pop().unwrap_or_default();
                }
                drop(waiting);
                self.write(&mut lock(&self.fault), offset, &bytes);
            }
        }
        bytes
    }

    fn get(&self, offset: u64, bytes: &mut [u8]) {
        if !lock(&self.waiting).parts.is_empty() {
            self.write_waiting(&mut lock(&self.fault));
        }
        let read = self.file.file().map_or(Ok(()), |file| file.read_exact_at(bytes, offset));
        if let Err(error) = read {
            lock(&self.fault).get_or_insert(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use common::output_file::Mode;

    use super::*;

    #[test]
    fn all_that_threads_put_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let size = 4000 * 37;
        let file = OutputFile::create(&path, Mode::Fresh(0o666)).unwrap();
        let room = FileRoom::new(file, size + 5).unwrap().ok().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let room = &room;
                scope.spawn(move || {
                    for part in (0..4000).filter(|part| part % 4 == thread) {
                        room.put(part * 37, &[part as u8 | 1; 37]);
                    }
                });
            }
        });
        let mut some = [0; 37];
        room.get(37 * 1234, &mut some);
        assert_eq!(some, [0x4d2_u64 as u8 | 1; 37]);
        room.finish().unwrap().commit().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len() as u64, size + 5);
        let parts = bytes.chunks(37).zip(0_u64..4000);
        assert!(parts.clone().all(|(part, number)| part == [number as u8 | 1; 37]));
        assert_eq!(bytes[size as usize..], [0; 5]);
    }
}
