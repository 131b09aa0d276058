//! Any bytes as a description in the shared notation; what is read is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use libpeg::notation::{Limits, NoFiles, NoNames, Options, parse, print};
use libpeg::source::SourceMap;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { depth: 16, expansions: 5_000, memory: 16 << 20, work: 4 << 20 };
    let mut options = Options { files: &NoFiles, limits, ..Options::default() };
    let _ = options.define("class=32");
    let sources = SourceMap::new();
    let id = match sources.add("input", data) {
        Ok(id) => id,
        Err(error) => return drop(error.render(&sources)),
    };
    let parsed = parse(&sources, id, &options);
    parsed.diagnostics.render(&sources);
    for statement in &parsed.statements {
        for term in &statement.terms {
            let _ = term.value(&mut NoNames);
        }
    }
    let printed = print(&parsed.statements);
    let limits = Limits { memory: 1 << 30, ..limits };
    let options = Options { files: &NoFiles, limits, ..Options::default() };
    let Ok(id) = sources.add("again", printed) else { panic!("what was printed is a text") };
    let again = parse(&sources, id, &options);
    assert!(again.diagnostics.is_empty(), "{}", again.diagnostics.render(&sources));
    assert_eq!(print(&again.statements), print(&parsed.statements));
});
