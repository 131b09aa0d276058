//! `elfc --describe FILE`

use std::io::{BufWriter, Write, stdout};

use common::output_file::{Mode, OutputFile};

use crate::failed;
use crate::options::Options;

/// The reason of the system for a pipe without a reader.
const BROKEN_PIPE: &str = "Broken pipe";
/// 128 + SIGPIPE, as a shell reports it.
const CLOSED_PIPE_STATUS: i32 = 141;

/// Describes the file that the command line names.
pub fn run(options: &Options) -> Result<(), String> {
    let Some(path) = options.files.first() else {
        return Err("no input files".to_owned());
    };
    let bytes = libelf::map::read(path).map_err(|error| failed(path, &error))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    if options.is_to_stdout() {
        let result = elfc::describe(&bytes, &name, &mut stdout().lock());
        return result.map_err(|error| closed(&error));
    }
    let target = options.output.as_deref().unwrap_or(path);
    let write = || {
        let mut file = OutputFile::create(target, Mode::Kept(0o666))?;
        elfc::describe(&bytes, &name, &mut file)?;
        file.commit()
    };
    write().map_err(|error| failed(target, &error))
}

/// The message for standard output that takes no more.
pub fn closed(error: &std::io::Error) -> String {
    not_printed(&common::output::system_message(error))
}

/// The message for standard output that takes no more, for this reason. If who reads it has gone,
/// the program ends, as SIGPIPE ends others.
pub fn not_printed(reason: &str) -> String {
    if reason == BROKEN_PIPE {
        std::process::exit(CLOSED_PIPE_STATUS);
    }
    format!("error writing to standard output: {reason}")
}

/// A large buffer around a file in the making.
pub fn buffered<W: Write>(out: W) -> BufWriter<W> {
    const BUFFER: usize = 1 << 18;
    BufWriter::with_capacity(BUFFER, out)
}
