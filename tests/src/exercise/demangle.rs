//! Any bytes as mangled names, and as text that has some.

use libdemangle::{Demangler, Error, Limits, Options, Style};

/// A name needs no more text than this.
const OUTPUT: usize = 1 << 20;

/// Demangles a name in each spelling: what comes out keeps to the limit, is the same each time,
/// and does not depend on the names before.
///
/// # Panics
/// Where it is not so.
pub fn exercise(style: Style, name: &[u8]) {
    for options in [
        Options { style, ..Options::NM },
        Options { style, ..Options::CXXFILT },
        Options { style, ..Options::LLVM },
        Options { style, types: true, ..Options::NM },
        Options { style, parameters: false, ..Options::NM },
        Options { style, limits: Limits::GNU, ..Options::NM },
    ] {
        let mut demangler = Demangler::new(options);
        let first = demangler.demangle(name).map(<[u8]>::to_vec);
        assert!(first.as_ref().map_or(0, Vec::len) <= OUTPUT, "longer than the limit");
        // Another name between, so that what it leaves behind would show.
        let _ = demangler.demangle(b"_ZN1AIiE1fIcEEvT_S1_");
        let again = demangler.demangle(name).map(<[u8]>::to_vec);
        assert_eq!(first, again, "the second time");
        few_bytes(&options, name, &first);
    }
}

/// With little room for the text, the result is the same or an error, never part of it.
fn few_bytes(options: &Options, name: &[u8], whole: &Result<Vec<u8>, Error>) {
    let limits = Limits { output: 40, ..options.limits };
    let mut demangler = Demangler::new(Options { limits, ..*options });
    if let Ok(text) = demangler.demangle(name) {
        assert!(text.len() <= 40, "longer than the limit");
        assert_eq!(whole.as_deref(), Ok(text), "with less room");
    }
}

/// Demangles the names in a text; the first byte chooses the options.
///
/// # Panics
/// Where c++filt refuses its own options.
pub fn text(data: &[u8]) {
    const OPTIONS: &[&[&str]] =
        &[&[], &["-i"], &["-t"], &["-p"], &["-_"], &["-s", "gnat"], &["-s", "java", "-t"], &["-r"]];
    let Some((choice, text)) = data.split_first() else { return };
    let options = OPTIONS.get(usize::from(*choice) % OPTIONS.len()).copied().unwrap_or_default();
    let options: Vec<_> = options.iter().map(Into::into).collect();
    assert!(cxxfilt::filtered(&options, text).is_some(), "the options are right");
}
