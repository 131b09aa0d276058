//! `--dependency-file`: a rule for make(1) with all files that were read.
//!
//! ```text
//! main: \
//!   layout.ld \
//!   main.o
//!
//! layout.ld:
//!
//! main.o:
//! ```
//!
//! The targets without a rule of their own keep make(1) going when a file is gone.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::input::{Load, Loads};
use crate::options::{Argument, Options};

/// The rule, with a newline at the end of each line.
pub fn rule(options: &Options, loads: &Loads<'_>) -> Vec<u8> {
    let mut files: Vec<&Path> = Vec::new();
    let inputs = &options.inputs;
    for argument in &inputs.arguments {
        if let Argument::Script(path) = argument {
            files.push(path);
        }
    }
    let lists = [&inputs.version_scripts, &inputs.dynamic_lists, &inputs.export_lists];
    files.extend(lists.into_iter().flatten().map(PathBuf::as_path));
    for load in &loads.list {
        match load {
            Load::File(path) => files.push(path),
            // GNU ld opens it twice: to find that it is no object, and to read it.
            Load::Script(path) => files.extend([*path, *path]),
            Load::GroupStart | Load::GroupEnd => {}
        }
    }
    let mut rule = options.output.path().as_os_str().as_bytes().to_vec();
    rule.push(b':');
    for file in &files {
        rule.extend_from_slice(b" \\\n  ");
        rule.extend_from_slice(file.as_os_str().as_bytes());
    }
    rule.push(b'\n');
    for file in &files {
        rule.push(b'\n');
        rule.extend_from_slice(file.as_os_str().as_bytes());
        rule.extend_from_slice(b":\n");
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_named_and_has_a_target() {
        let mut options = Options::default();
        options.inputs.arguments.push(Argument::Script("x.ld".into()));
        let list = vec![Load::File(Path::new("a.o")), Load::GroupStart];
        let loads = Loads { list, ..Loads::default() };
        let text = String::from_utf8(rule(&options, &loads)).unwrap();
        assert_eq!(text, "a.out: \\\n  x.ld \\\n  a.o\n\nx.ld:\n\na.o:\n");
    }
}
