//! What a link says, on the streams and in the words of GNU ld.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use common::Output;
use libld::diagnostics::{Diagnostic, Missing, Severity};
use libld::options::{Colour, Options};

/// Ends a colour.
const PLAIN: &[u8] = b"\x1b[0m";
const RED: &[u8] = b"\x1b[1;31m";
const MAGENTA: &[u8] = b"\x1b[1;35m";

/// Prints messages, in order. Notes go to standard output as they are.
pub fn print(messages: &[Diagnostic], options: &Options, out: &mut Output) {
    let has_colours = match options.report.colour {
        Colour::Auto => std::io::stderr().is_terminal(),
        Colour::Always => true,
        Colour::Never => false,
    };
    let limit = options.warnings.error_limit;
    let mut errors = 0;
    for message in messages {
        match message.severity {
            Severity::Note => out.put(&[&shown(&message.text)[..], b"\n"].concat()),
            Severity::Line => out.put_err(&[&shown(&message.text)[..], b"\n"].concat()),
            _ if options.warnings.silent => {}
            severity => {
                errors += usize::from(severity >= Severity::Error);
                if limit > 0 && errors > limit {
                    out.diagnose(format_args!(
                        "too many errors, the rest is not shown (--error-limit=0 shows all)"
                    ));
                    return;
                }
                let colour = has_colours.then_some(severity);
                let text = coloured(&shown(&message.text), colour);
                if message.is_bare {
                    out.put_err(&[&text[..], b"\n"].concat());
                } else if message.is_placed {
                    out.diagnose_placed(&text);
                } else {
                    out.diagnose_bytes(&text);
                }
                if let (Some(script), Some(missing)) =
                    (&options.report.error_script, &message.missing)
                {
                    run_script(script, missing, out);
                }
            }
        }
    }
}

/// Lets the program of `--error-handling-script` tell what to do about something that is missing.
fn run_script(script: &Path, missing: &Missing, out: &mut Output) {
    let (kind, name) = match missing {
        Missing::Symbol(name) => ("undefined-symbol", OsStr::from_bytes(name)),
        Missing::Library(name) => ("missing-lib", OsStr::new(name)),
    };
    out.flush();
    if let Err(error) = Command::new(script).arg(kind).arg(name).status() {
        out.diagnose(format_args!(
            "Failed to run error handling script '{}', reason: execvp: {}",
            script.display(),
            common::output::system_message(&error)
        ));
    }
}

/// The text as a terminal may have it: names of damaged files have control characters in them,
/// which become `^A` and the like.
fn shown(text: &[u8]) -> Cow<'_, [u8]> {
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t');
    if !text.iter().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = Vec::with_capacity(text.len());
    for byte in text {
        if is_control(byte) {
            shown.extend([b'^', byte ^ 0x40]);
        } else {
            shown.push(*byte);
        }
    }
    Cow::Owned(shown)
}

/// The text, with its first line in the colour of what it is.
fn coloured(text: &[u8], severity: Option<Severity>) -> Vec<u8> {
    let colour = match severity {
        None | Some(Severity::Note | Severity::Line | Severity::Remark) => return text.to_vec(),
        Some(Severity::Warning) => MAGENTA,
        Some(Severity::Error | Severity::Fatal) => RED,
    };
    let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    [colour, first, PLAIN, rest].concat()
}

#[cfg(test)]
mod tests {
    use libld::diagnostics::Diagnostics;

    use super::*;

    fn printed(said: &mut Diagnostics, options: &Options) -> String {
        let mut out = Output::process("ld").recorder();
        print(&said.take(), options, &mut out);
        String::from_utf8_lossy(&out.recorded_streams()).into_owned()
    }

    #[test]
    fn errors_have_a_limit_and_notes_have_no_name() {
        let mut said = Diagnostics::new();
        said.note("a.o");
        said.warn("warning: w");
        said.error("one");
        said.error("two");
        let mut options = Options::default();
        options.report.colour = Colour::Never;
        options.warnings.error_limit = 1;
        assert_eq!(
            printed(&mut said, &options),
            "a.o\nld: warning: w\nld: one\nld: too many errors, the rest is not shown \
             (--error-limit=0 shows all)\n"
        );
    }

    #[test]
    fn control_characters_of_names_are_not_printed() {
        let mut said = Diagnostics::new();
        said.error("a\x1b[31m\x7f\tb\nc");
        let mut options = Options::default();
        options.report.colour = Colour::Never;
        assert_eq!(printed(&mut said, &options), "ld: a^[[31m^?\tb\nc\n");
    }

    #[test]
    fn a_place_in_a_script_follows_the_name_at_once() {
        let mut said = Diagnostics::new();
        said.placed(Severity::Fatal, "x.ld:3: syntax error");
        let mut options = Options::default();
        options.report.colour = Colour::Never;
        assert_eq!(printed(&mut said, &options), "ld:x.ld:3: syntax error\n");
    }

    #[test]
    fn colours_end_with_the_first_line() {
        let mut said = Diagnostics::new();
        said.error("one\ntwo");
        let mut options = Options::default();
        options.report.colour = Colour::Always;
        assert_eq!(printed(&mut said, &options), "ld: \x1b[1;31mone\x1b[0m\ntwo\n");
        said.error("one");
        options.warnings.silent = true;
        assert_eq!(printed(&mut said, &options), "");
    }
}
