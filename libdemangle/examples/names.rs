//! Demangles lines: `names [-i] [-p] [-t] [-r] [-l] [-j] [-a] [-d] [-n COUNT] < LINES`.
//!
//! `-i` prints as nm does instead of c++filt, `-p` without parameters, `-t` types as well, `-r`
//! without a limit of the length, `-l` as LLVM does, `-j` as Java, `-a` of any language that is
//! told by the name, `-d` of D; `-n` reads all names that often
//! and prints nothing: for measurements.
#![allow(clippy::unwrap_used, reason = "an example")]

use std::io::{Read as _, Write as _};

use libdemangle::{Demangler, Options, Style};

fn main() {
    let mut options = Options { style: Style::Itanium, ..Options::CXXFILT };
    let mut rounds = 0;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-i" => options.verbose = false,
            "-p" => options.parameters = false,
            "-t" => options.types = true,
            "-r" => options.limits.name = usize::MAX,
            "-l" => options = Options { style: Style::Itanium, ..Options::LLVM },
            "-a" => options.style = Style::Auto,
            "-d" => options.style = Style::Dlang,
            "-j" => options.style = Style::Java,
            "-n" => rounds = args.next().and_then(|count| count.parse().ok()).unwrap_or(1),
            _ => {}
        }
    }
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).unwrap();
    let mut demangler = Demangler::new(options);
    let mut total = 0;
    for _ in 0..rounds {
        for line in input.split(|&byte| byte == b'\n') {
            total += demangler.demangle(line).map_or(0, <[u8]>::len);
        }
    }
    if rounds > 0 {
        println!("{total} bytes");
        return;
    }
    let mut output = Vec::new();
    for line in input.strip_suffix(b"\n").unwrap_or(&input).split(|&byte| byte == b'\n') {
        output.extend_from_slice(demangler.demangle(line).unwrap_or(line));
        output.push(b'\n');
    }
    std::io::stdout().write_all(&output).unwrap();
}
