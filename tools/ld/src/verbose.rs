//! What `--verbose` prints before the link and behind the version: the script.
//!
//! Build systems take the script from between the two lines of equals signs.

use std::fmt::Write as _;

use common::Output;
use libld::options::{Argument, Options};

/// How long the lines around the script are.
const LINE: usize = 50;

/// Prints it; tells whether there is something to link.
pub fn print(options: &Options, out: &mut Output) -> bool {
    out.put(&script(options));
    let has_inputs = options.inputs.arguments.iter().any(|it| matches!(it, Argument::File(_)));
    if has_inputs {
        let line = format!("{}: mode {}\n", out.program(), options.emulation.name());
        out.put(line.as_bytes());
    }
    has_inputs
}

/// The built-in script, or those that take its place.
fn script(options: &Options) -> Vec<u8> {
    let line = "=".repeat(LINE);
    let mut opened = String::new();
    let mut texts = Vec::new();
    for argument in &options.inputs.arguments {
        if let Argument::Script(path) = argument {
            let _ = writeln!(opened, "opened script file {}", path.display());
            // What cannot be read here is looked for elsewhere by the link.
            texts.extend(std::fs::read(path).unwrap_or_default());
        }
    }
    let kind = if opened.is_empty() { "internal" } else { "external" };
    if opened.is_empty() {
        texts = libld::built_in_script(options).into_bytes();
    }
    let mut text = format!("{opened}using {kind} linker script:\n{line}\n").into_bytes();
    text.extend(texts);
    text.extend(format!("\n{line}\n").into_bytes());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stands_between_lines() {
        let text = String::from_utf8(script(&Options::default())).unwrap();
        let parts: Vec<&str> =
            text.split("==================================================\n").collect();
        assert_eq!(parts.len(), 3, "{text}");
        assert_eq!(parts[0], "using internal linker script:\n");
        assert!(parts[1].contains("SEARCH_DIR(\"=/usr/lib\");"));
    }

    #[test]
    fn a_script_of_the_command_line_is_only_named() {
        let mut options = Options::default();
        options.inputs.arguments.push(Argument::Script("x.ld".into()));
        let text = String::from_utf8(script(&options)).unwrap();
        assert!(text.starts_with("opened script file x.ld\nusing external linker script:\n==="));
    }
}
