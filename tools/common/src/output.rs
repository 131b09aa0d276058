//! The two streams of a program.
//!
//! Text is built as bytes in one large buffer. A diagnostic goes to standard error at once, after
//! what was printed before it, so that both streams interleave on a terminal as GNU's do.
//!
//! A unit of work that runs on another thread prints to a [`Output::recorder`]; [`Output::replay`]
//! then prints what it recorded, in order. So output never depends on the number of threads.

use std::fmt;
use std::io::{self, Write};

/// The buffer is handed to the system when it is longer than this.
const FLUSH_AT: usize = 1 << 18;

/// The status of a program that a closed pipe ended: 128 + SIGPIPE, as a shell reports it.
const CLOSED_PIPE_STATUS: i32 = 141;

/// A stretch of text for one of the two streams.
enum Piece {
    Out(Vec<u8>),
    Err(Vec<u8>),
}

enum Target {
    Process,
    Recorder(Vec<Piece>),
}

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
            target: Target::Process,
            program: program.into(),
            buf: Vec::with_capacity(1 << 14),
            diagnostics: 0,
        }
    }

    /// An output that keeps what is printed to it, for [`Self::replay`].
    #[must_use]
    pub fn recorder(&self) -> Self {
        Self {
            target: Target::Recorder(Vec::new()),
            program: self.program.clone(),
            buf: Vec::new(),
            diagnostics: 0,
        }
    }

    /// The name that diagnostics start with.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// How many diagnostics were printed so far.
    pub fn diagnostics(&self) -> usize {
        self.diagnostics
    }

    /// What a recorder's standard output holds so far.
    pub fn recorded_text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Target::Recorder(pieces) = &self.target {
            for piece in pieces {
                if let Piece::Out(bytes) = piece {
                    text.extend_from_slice(bytes);
                }
            }
        }
        text.extend_from_slice(&self.buf);
        text
    }

    /// Prints what `recorded` recorded, and makes it empty for further use.
    pub fn replay(&mut self, recorded: &mut Self) {
        self.diagnostics += std::mem::take(&mut recorded.diagnostics);
        if let Target::Recorder(pieces) = &mut recorded.target {
            for piece in pieces.drain(..) {
                match piece {
                    Piece::Out(bytes) => self.put_large(&bytes),
                    Piece::Err(bytes) => self.put_err(&bytes),
                }
            }
        }
        self.put_large(&recorded.buf);
        recorded.buf.clear();
    }

    /// The buffer of standard output, for code that formats by hand. Call [`Self::relieve`] now
    /// and then.
    pub fn buf(&mut self) -> &mut Vec<u8> {
        &mut self.buf
    }

    /// Appends bytes to standard output.
    pub fn put(&mut self, bytes: &[u8]) {
        self.buf.extend_from_slice(bytes);
        self.relieve();
    }

    /// Appends formatted text to standard output; see [`crate::out!`].
    pub fn print(&mut self, text: fmt::Arguments<'_>) {
        // `Write::write_str` below never fails.
        let _ = fmt::Write::write_fmt(self, text);
    }

    /// Hands the buffer on if it has grown large.
    pub fn relieve(&mut self) {
        if self.buf.len() >= FLUSH_AT && matches!(self.target, Target::Process) {
            self.flush();
        }
    }

    /// Hands all buffered text of standard output on.
    pub fn flush(&mut self) {
        if self.buf.is_empty() {
            return;
        }
        match &mut self.target {
            Target::Process => {
                write_or_exit(&mut io::stdout().lock(), &self.buf, &self.program);
                self.buf.clear();
            }
            Target::Recorder(pieces) => pieces.push(Piece::Out(std::mem::take(&mut self.buf))),
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
        self.flush();
        match &mut self.target {
            // A closed standard error is nothing a program could report.
            Target::Process => drop(io::stderr().lock().write_all(bytes)),
            Target::Recorder(pieces) => pieces.push(Piece::Err(bytes.to_vec())),
        }
    }

    fn put_large(&mut self, bytes: &[u8]) {
        if bytes.len() >= FLUSH_AT && matches!(self.target, Target::Process) {
            self.flush();
            write_or_exit(&mut io::stdout().lock(), bytes, &self.program);
        } else {
            self.put(bytes);
        }
    }
}

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if matches!(self.target, Target::Process) {
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
        let Target::Recorder(pieces) = &outer.target else { unreachable!() };
        let texts: Vec<_> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Out(bytes) => format!("o:{}", String::from_utf8_lossy(bytes)),
                Piece::Err(bytes) => format!("e:{}", String::from_utf8_lossy(bytes)),
            })
            .collect();
        assert_eq!(texts, ["o:a1", "e:tool: Warning: w\n", "o:b"]);
    }

    #[test]
    fn system_messages_have_no_number() {
        let error = io::Error::from_raw_os_error(2);
        assert_eq!(system_message(&error), "No such file or directory");
    }
}
