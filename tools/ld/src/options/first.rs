//! What is looked for before all else, as the meaning of options depends on it.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use libld::options::Emulation;

use super::reader::Reader;
use super::{End, Environment};

/// The emulation: that of the last `-m` wherever it stands, even if it is another option's value;
/// that of the environment; or the default.
pub fn emulation(
    args: &[OsString],
    environment: &Environment,
    reader: &mut Reader<'_>,
) -> Result<Emulation, End> {
    let mut name = environment.emulation.as_ref().map(|name| name.as_bytes());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_bytes() {
            b"-m" => match rest.next() {
                Some(next) => name = Some(next.as_bytes()),
                None => return Err(reader.fatal(b"missing argument to -m")),
            },
            [b'-', b'm', attached @ ..] => name = Some(attached),
            _ => {}
        }
    }
    let Some(name) = name else { return Ok(Emulation::default()) };
    reader.options.emulation_is_given = true;
    Emulation::named(name).ok_or_else(|| {
        reader.say(&[b"unrecognised emulation mode: ", name].concat());
        let names: Vec<_> = Emulation::all().map(Emulation::name).collect();
        reader.fatal_line(&format!("Supported emulations: {}\n", names.join(" ")))
    })
}

/// The sysroot of the last `--sysroot=FOLDER`: it holds for options before it, too.
pub fn sysroot(args: &[OsString]) -> PathBuf {
    let given = args.iter().rev().find_map(|arg| arg.as_bytes().strip_prefix(b"--sysroot="));
    PathBuf::from(OsString::from_vec(given.unwrap_or_default().to_vec()))
}
