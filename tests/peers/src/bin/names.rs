//! Demangles each line of a file: `names ours|cpp_demangle FILE`. What comes out is counted and
//! thrown away.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [library, list] = args.as_slice() else {
        eprintln!("usage: names ours|cpp_demangle FILE");
        return ExitCode::FAILURE;
    };
    let text = match std::fs::read(list) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("names: {list}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let names = text.split(|byte| *byte == b'\n');
    let bytes = match library.as_str() {
        "ours" => ours(names),
        "cpp_demangle" => cpp_demangle(names),
        _ => {
            eprintln!("names: no library {library:?}");
            return ExitCode::FAILURE;
        }
    };
    println!("{bytes}");
    ExitCode::SUCCESS
}

fn ours<'a>(names: impl Iterator<Item = &'a [u8]>) -> usize {
    let mut demangler = libdemangle::Demangler::new(libdemangle::Options::NM);
    names.map(|name| demangler.demangle(name).unwrap_or(name).len()).sum()
}

fn cpp_demangle<'a>(names: impl Iterator<Item = &'a [u8]>) -> usize {
    // What is kept from one name to the next, as ours is.
    let mut text = String::new();
    let options = cpp_demangle::DemangleOptions::new();
    let mut bytes = 0;
    for name in names {
        text.clear();
        let known = cpp_demangle::Symbol::new(name).is_ok_and(|symbol| {
            symbol.structured_demangle(&mut text, &options).is_ok()
        });
        bytes += if known { text.len() } else { name.len() };
    }
    // The text is used, so that making it cannot be left out.
    let _ = write!(text, "{bytes}");
    bytes
}
