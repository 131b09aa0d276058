//! Any bytes are described, and built again as they were; any text is read without harm.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use elfc::Settings;
use libpeg::diagnostic::Diagnostics;
use libpeg::notation::{NoFiles, Options, parse};
use libpeg::source::SourceMap;
use proptest::collection::vec;
use proptest::prelude::*;

/// The bytes that a description in a test may ask for.
const LARGEST_FILE: u64 = 1 << 20;

/// What a text describes, or the diagnostics.
fn build(text: &[u8]) -> Result<Vec<u8>, String> {
    let sources = SourceMap::new();
    let id = sources.add("text", text).map_err(|error| error.message().to_owned())?;
    let parsed = parse(&sources, id, &Options { files: &NoFiles, ..Options::default() });
    let settings = Settings { largest_file: LARGEST_FILE, ..Settings::default() };
    let mut diagnostics = Diagnostics::default();
    diagnostics.append(parsed.diagnostics);
    let file = elfc::build(&parsed.statements, &settings, &mut diagnostics);
    let prepared = file.as_ref().and_then(|file| file.prepare(&settings, &mut diagnostics));
    match prepared {
        Some(prepared) if !diagnostics.has_errors() => {
            let mut bytes = Vec::new();
            prepared.write(&mut bytes).map_err(|error| format!("{error:?}"))?;
            Ok(bytes)
        }
        _ => Err(diagnostics.render(&sources)),
    }
}

fn describe(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    elfc::describe(bytes, "bytes", &mut text).unwrap();
    text
}

fn returns(bytes: &[u8]) -> Result<(), TestCaseError> {
    let text = describe(bytes);
    let again = build(&text);
    prop_assert_eq!(again.as_deref(), Ok(bytes), "{}", String::from_utf8_lossy(&text));
    Ok(())
}

/// A sound object in one of the four encodings, with tables, a group and segments.
fn sound(class: u32, order: &str) -> Vec<u8> {
    let text = format!(
        "elf type=DYN class={class} order={order};
         segment LOAD RX covers=[header, table, .text]; segment LOAD RW covers=[.data, .dynamic];
         section .text {{ hex {{ 90 c3 }} }} section .data {{ u32 1 2 3; asciz \"text\"; }}
         section .dynamic {{ dynamic {{ SONAME \"name\"; STRTAB; NULL; }} }} section .dynstr;
         section .rela.text {{ relocs {{ 0 1 f 2; 1 2; }} }}
         section .group info=f {{ group COMDAT [.text, .data]; }}
         section .note {{ notes {{ note GNU BUILD_ID hex {{ 0011 }}; }} }}
         section .symtab {{ symbols {{ l LOCAL .data 4; f FUNC .text size=2; u; }} }}
         section .strtab; section .shstrtab;"
    );
    build(text.as_bytes()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bytes_return(bytes in vec(any::<u8>(), 0..300)) {
        returns(&bytes)?;
        returns(&[b"\x7fELF", bytes.as_slice()].concat())?;
        returns(&[b"!<arch>\n", bytes.as_slice()].concat())?;
    }

    #[test]
    fn damaged_files_return(
        class in prop::sample::select(vec![32, 64]),
        order in prop::sample::select(vec!["little", "big"]),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = sound(class, order);
        for (place, byte) in changes {
            // The first bytes are those that make it an ELF file.
            let place = 4 + place.index(bytes.len() - 4);
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        returns(&bytes)?;
    }

    #[test]
    fn texts_do_no_harm(text in "(elf|section|segment|raw|archive|\\.text|[a-z]{1,5}|[{}\\[\\];=() ,0-9\"]|hex \\{| ){0,40}") {
        let _ = build(text.as_bytes());
    }
}
