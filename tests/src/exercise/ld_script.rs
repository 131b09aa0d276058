//! Linker scripts: no bytes do harm, and what is a script can be printed and read again.

use std::hint::black_box;

use libld::diagnostics::Diagnostics;
use libld::script::parse::{
    Context, Failed, NoFiles, Text, parse_dynamic_list, parse_script, parse_version_script,
};
use libld::script::pattern::SectionIndex;
use libld::script::print;
use libld::script::source::Sources;
use libld::script::version::{VersionMatcher, check};

/// Any bytes as a linker script, a version script and a dynamic list.
///
/// # Panics
/// A script means something else once it is printed.
pub fn exercise(data: &[u8]) {
    if let Some(once) =
        with(data, |text, context| parse_script(text, context).map(|script| print::script(&script)))
    {
        let again = with(&once, |text, context| {
            parse_script(text, context).map(|script| print::script(&script))
        });
        assert_eq!(again.as_deref(), Some(once.as_slice()), "a script means the same when printed");
    }
    with(data, |text, context| {
        let script = parse_version_script(text, context)?;
        black_box(check(&script).len());
        black_box(VersionMatcher::new(&script).find(data, |_| None));
        black_box(print::version_script(&script).len());
        Ok(())
    });
    with(data, |text, context| parse_dynamic_list(text, context).map(|list| list.nodes.len()));
    let mut found = Vec::new();
    SectionIndex::new(data.split(|byte| *byte == b' ')).matches(data, &mut found);
    black_box(found);
}

fn with<R>(
    bytes: &[u8],
    parse: impl for<'s> FnOnce(Text<'s>, &mut Context<'s, '_>) -> Result<R, Failed>,
) -> Option<R> {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let result = parse_with(bytes, &mut sources, &mut diagnostics, parse);
    assert!(result.is_ok() || diagnostics.failed(false), "a failure says why");
    result.ok()
}

fn parse_with<'s, R>(
    bytes: &'s [u8],
    sources: &mut Sources<'s>,
    diagnostics: &mut Diagnostics,
    parse: impl FnOnce(Text<'s>, &mut Context<'s, '_>) -> Result<R, Failed>,
) -> Result<R, Failed> {
    let mut context = Context { sources, host: &mut NoFiles, diagnostics };
    parse(Text { name: b"script", bytes }, &mut context)
}
