//! The two streams of a program.
//!
//! Text is built as bytes in one large buffer for each stream. Where both streams go to the same
//! file (a terminal, a pipe with `2>&1`), they go through one buffer, so that diagnostics stand
//! between the lines of output where GNU's do. Where they go to different files, no one can tell
//! which of them was written first.
//!
//! A unit of work that runs on another thread prints to a [`Output::recorder`]; [`Output::replay`]
//! then prints what it recorded, in order. So output never depends on the number of threads. The
//! outputs of [`crate::in_order`] are recorders that print by themselves when it is their turn.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;

use crate::in_order::Place;

/// The buffer is handed to the system when it is longer than this.
const FLUSH_AT: usize = 1 << 18;

/// So many bytes at once are handed to the system as they are: that is cheaper than a copy.
const DIRECT_FROM: usize = 1 << 15;

/// The status of a program that a closed pipe ended: 128 + SIGPIPE, as a shell reports it.
const CLOSED_PIPE_STATUS: i32 = 141;

/// A stretch of text for one of the two streams.
enum Piece {
    Out(Vec<u8>),
    Err(Vec<u8>),
}

enum Target {
    Process(Process),
    Recorder(Recording),
}

/// What a recorder was told to print, but for what its buffer holds.
#[derive(Default)]
struct Recording {
    pieces: Vec<Piece>,
    /// The bytes of the pieces.
    size: usize,
    /// The place in the line, of an output that waits in one.
    place: Option<Place>,
}

/// The standard streams of this process.
#[derive(Default)]
struct Process {
    /// Text for standard error, where that is a file of its own.
    diagnostics: Vec<u8>,
    /// Whether both streams go to the same file; settled by the first diagnostic.
    is_one_file: Option<bool>,
}

/// A recorder that holds more than this is full: see [`Output::is_full`]. One in a line waits for
/// its turn then.
const RECORDER_LIMIT: usize = 1 << 19;

/// Standard output and standard error of a program, or a recording of both.
pub struct Output {
    target: Target,
    program: String,
    buf: Vec<u8>,
    diagnostics: usize,
}

impl Output {
    /// The streams of this process. `program` is the name that diagnostics start with.
    pub fn process(program: impl Into<String>) -> Self {
        Self {
            target: Target::Process(Process::default()),
            program: program.into(),
            buf: Vec::with_capacity(1 << 14),
            diagnostics: 0,
        }
    }

    /// An output that keeps what is printed to it, for [`Self::replay`].
    #[must_use]
    pub fn recorder(&self) -> Self {
        self.recorder_of(Recording::default(), Vec::new())
    }

    /// A recorder that has a place in a line. `buf` is an empty buffer for it.
    pub(crate) fn placed(&self, place: Place, buf: Vec<u8>) -> Self {
        self.recorder_of(Recording { place: Some(place), ..Recording::default() }, buf)
    }

    fn recorder_of(&self, recording: Recording, buf: Vec<u8>) -> Self {
        let target = Target::Recorder(recording);
        Self { target, program: self.program.clone(), buf, diagnostics: 0 }
    }

    /// The name that diagnostics start with.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Whether a recorder holds so much that it should be replayed before more is printed to it.
    pub fn is_full(&self) -> bool {
        self.recorded_size() > RECORDER_LIMIT
    }

    /// The bytes that a recorder holds.
    pub(crate) fn recorded_size(&self) -> usize {
        match &self.target {
            Target::Recorder(recording) => recording.size + self.buf.len(),
            Target::Process(_) => 0,
        }
    }

    /// Moves what the buffer holds to one that is not larger than need be, and returns the large
    /// one.
    pub(crate) fn shrink_buffer(&mut self) -> Option<Vec<u8>> {
        if self.buf.len() > self.buf.capacity() / 2 {
            return None;
        }
        let small = self.buf.clone();
        let mut large = std::mem::replace(&mut self.buf, small);
        large.clear();
        Some(large)
    }

    /// The buffer of an output that is not used any more.
    pub(crate) fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buf)
    }

    /// Whether this is one of many outputs that are printed to at the same time, on as many
    /// threads as are of use: see [`crate::in_order`].
    pub fn is_in_line(&self) -> bool {
        matches!(&self.target, Target::Recorder(Recording { place: Some(_), .. }))
    }

    /// Waits until all that comes before this output in its line is printed, and done. Nothing to
    /// wait for if it is in no line.
    pub fn await_turn(&mut self) {
        if let Target::Recorder(Recording { place: Some(place), .. }) = &mut self.target {
            place.await_turn();
        }
    }

    /// How many diagnostics were printed so far.
    pub fn diagnostics(&self) -> usize {
        self.diagnostics
    }

    /// What a recorder's standard output holds so far.
    pub fn recorded_text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Target::Recorder(recording) = &self.target {
            for piece in &recording.pieces {
                if let Piece::Out(bytes) = piece {
                    text.extend_from_slice(bytes);
                }
            }
        }
        text.extend_from_slice(&self.buf);
        text
    }

    /// What a recorder's two streams hold so far, in the order in which it was printed.
    pub fn recorded_streams(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Target::Recorder(recording) = &self.target {
            for piece in &recording.pieces {
                let (Piece::Out(bytes) | Piece::Err(bytes)) = piece;
                text.extend_from_slice(bytes);
            }
        }
        text.extend_from_slice(&self.buf);
        text
    }

    /// Prints what `recorded` recorded, and makes it empty for further use.
    pub fn replay(&mut self, recorded: &mut Self) {
        self.diagnostics += std::mem::take(&mut recorded.diagnostics);
        if let Target::Recorder(recording) = &mut recorded.target {
            recording.replay(self);
        }
        self.put(&recorded.buf);
        recorded.buf.clear();
    }

    /// The buffer of standard output, for code that formats by hand. Call [`Self::relieve`] now
    /// and then.
    pub fn buf(&mut self) -> &mut Vec<u8> {
        &mut self.buf
    }

    /// Appends bytes to standard output; many at once are handed on without a copy.
    pub fn put(&mut self, bytes: &[u8]) {
        if bytes.len() >= DIRECT_FROM && matches!(self.target, Target::Process(_)) {
            self.flush();
            write_or_exit(&mut io::stdout().lock(), bytes, &self.program);
        } else {
            self.buf.extend_from_slice(bytes);
            self.relieve();
        }
    }

    /// Appends formatted text to standard output; see [`crate::out!`].
    pub fn print(&mut self, text: fmt::Arguments<'_>) {
        // `Write::write_str` below never fails.
        let _ = fmt::Write::write_fmt(self, text);
    }

    /// Hands the buffer on if it has grown large.
    pub fn relieve(&mut self) {
        if self.buf.len() < FLUSH_AT {
            return;
        }
        match &self.target {
            Target::Process(_) => self.flush(),
            Target::Recorder(_) => self.relieve_line(),
        }
    }

    /// Prints what a recorder in a line holds, if that is much or all before it is printed.
    fn relieve_line(&mut self) {
        let is_full = self.is_full();
        let Self { target: Target::Recorder(recording), buf, diagnostics, .. } = self else {
            return;
        };
        let Some(mut place) = recording.place.take() else { return };
        if is_full || place.is_first() {
            place.print(|out| {
                out.diagnostics += std::mem::take(diagnostics);
                recording.replay(out);
                out.put(buf);
                buf.clear();
            });
        }
        recording.place = Some(place);
    }

    /// Hands all buffered text on.
    pub fn flush(&mut self) {
        match &mut self.target {
            Target::Process(process) => {
                process.flush();
                if !self.buf.is_empty() {
                    write_or_exit(&mut io::stdout().lock(), &self.buf, &self.program);
                    self.buf.clear();
                }
            }
            Target::Recorder(recording) => recording.add_text(&mut self.buf),
        }
    }

    /// Prints `program: message` and a line end to standard error, after all output before it.
    pub fn diagnose(&mut self, message: fmt::Arguments<'_>) {
        let line = format!("{}: {message}\n", self.program);
        self.diagnostics += 1;
        self.put_err(line.as_bytes());
    }

    /// As [`Self::diagnose`] for a message that is bytes of a file in part. They must be fit for a
    /// terminal.
    pub fn diagnose_bytes(&mut self, message: &[u8]) {
        let line = [self.program.as_bytes(), b": ", message, b"\n"].concat();
        self.diagnostics += 1;
        self.put_err(&line);
    }

    /// As [`Self::diagnose_bytes`] for a message that begins with a place in a text that the user
    /// wrote: `ld:script.ld:3: message`, with no blank before the place, as GNU's programs print it.
    pub fn diagnose_placed(&mut self, message: &[u8]) {
        let line = [self.program.as_bytes(), b":", message, b"\n"].concat();
        self.diagnostics += 1;
        self.put_err(&line);
    }

    /// As [`Self::warn`] for a message of parts, some of them bytes of a file. They must be fit for
    /// a terminal.
    pub fn warn_bytes(&mut self, parts: &[&[u8]]) {
        self.diagnose_bytes(&[b"Warning: ", &*parts.concat()].concat());
    }

    /// As [`Self::error`] for a message of parts, some of them bytes of a file. They must be fit
    /// for a terminal.
    pub fn error_bytes(&mut self, parts: &[&[u8]]) {
        self.diagnose_bytes(&[b"Error: ", &*parts.concat()].concat());
    }

    /// As [`Self::diagnose`], but the line is left open: what is printed next continues it.
    pub fn diagnose_open(&mut self, message: fmt::Arguments<'_>) {
        let line = format!("{}: {message}", self.program);
        self.diagnostics += 1;
        self.put_err(line.as_bytes());
    }

    /// Prints `program: Warning: message`, as readelf and the DWARF dumper word their warnings.
    pub fn warn(&mut self, message: fmt::Arguments<'_>) {
        self.diagnose(format_args!("Warning: {message}"));
    }

    /// Prints `program: Error: message`, as readelf and the DWARF dumper word their errors.
    pub fn error(&mut self, message: fmt::Arguments<'_>) {
        self.diagnose(format_args!("Error: {message}"));
    }

    /// Appends raw bytes to standard error, after all output before them.
    pub fn put_err(&mut self, bytes: &[u8]) {
        match &mut self.target {
            Target::Process(process) => {
                if process.is_one_file() {
                    self.put(bytes);
                    return;
                }
                process.diagnostics.extend_from_slice(bytes);
                if process.diagnostics.len() >= FLUSH_AT {
                    process.flush();
                }
            }
            Target::Recorder(recording) => {
                recording.add_text(&mut self.buf);
                recording.add_error(bytes);
                if self.is_full() {
                    self.relieve_line();
                }
            }
        }
    }
}

impl Recording {
    /// Takes the text of a buffer for standard output.
    fn add_text(&mut self, buf: &mut Vec<u8>) {
        if !buf.is_empty() {
            self.size += buf.len();
            self.pieces.push(Piece::Out(std::mem::take(buf)));
        }
    }

    fn add_error(&mut self, bytes: &[u8]) {
        self.size += bytes.len();
        match self.pieces.last_mut() {
            Some(Piece::Err(before)) => before.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Err(bytes.to_vec())),
        }
    }

    /// Prints all pieces, and drops them.
    fn replay(&mut self, out: &mut Output) {
        self.size = 0;
        for piece in self.pieces.drain(..) {
            match piece {
                Piece::Out(bytes) => out.put(&bytes),
                Piece::Err(bytes) => out.put_err(&bytes),
            }
        }
    }
}

impl Process {
    fn is_one_file(&mut self) -> bool {
        *self.is_one_file.get_or_insert_with(|| {
            let stdout = identity(io::stdout().as_fd());
            stdout.is_some() && stdout == identity(io::stderr().as_fd())
        })
    }

    fn flush(&mut self) {
        if !self.diagnostics.is_empty() {
            // A closed standard error is nothing a program could report.
            drop(io::stderr().lock().write_all(&self.diagnostics));
            self.diagnostics.clear();
        }
    }
}

/// What tells a file from all others: its device and its number on it.
fn identity(stream: BorrowedFd<'_>) -> Option<(u64, u64)> {
    let file = File::from(stream.try_clone_to_owned().ok()?);
    let metadata = file.metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if matches!(self.target, Target::Process(_)) {
            self.flush();
        }
    }
}

/// Prints formatted text to an [`Output`]; nothing to handle, as output ends the program when
/// its stream is gone.
#[macro_export]
macro_rules! out {
    ($output:expr, $($arg:tt)*) => {
        $output.print(format_args!($($arg)*))
    };
}

/// Writes all of `bytes`, or ends the program: quietly when the reader has gone, else with the
/// system's message.
fn write_or_exit(stream: &mut dyn Write, bytes: &[u8], program: &str) {
    let Err(error) = stream.write_all(bytes).and_then(|()| stream.flush()) else {
        return;
    };
    if error.kind() == io::ErrorKind::BrokenPipe {
        std::process::exit(CLOSED_PIPE_STATUS);
    }
    drop(writeln!(io::stderr().lock(), "{program}: write error: {}", system_message(&error)));
    std::process::exit(1);
}

/// The system's words for an error, without the number that Rust adds: `No such file or
/// directory`.
pub fn system_message(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text.get(..end).unwrap_or(&text).to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_keeps_the_order_of_both_streams() {
        let root = Output::process("tool");
        let mut inner = root.recorder();
        out!(inner, "a{}", 1);
        inner.warn(format_args!("w"));
        out!(inner, "b");
        let mut outer = root.recorder();
        outer.replay(&mut inner);
        outer.flush();
        assert_eq!(outer.diagnostics(), 1);
        let Target::Recorder(recording) = &outer.target else { unreachable!() };
        let texts: Vec<_> = recording
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Out(bytes) => format!("o:{}", String::from_utf8_lossy(bytes)),
                Piece::Err(bytes) => format!("e:{}", String::from_utf8_lossy(bytes)),
            })
            .collect();
        assert_eq!(texts, ["o:a1", "e:tool: Warning: w\n", "o:b"]);
        outer.put(b"c");
        assert_eq!(outer.recorded_streams(), b"a1tool: Warning: w\nbc");
        assert_eq!(inner.recorded_streams(), b"");
    }

    #[test]
    fn system_messages_have_no_number() {
        let error = io::Error::from_raw_os_error(2);
        assert_eq!(system_message(&error), "No such file or directory");
    }
}
