//! Names of version scripts that nothing defines (`--no-undefined-version`).

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::diagnostics::Diagnostics;
use crate::names::Names;
use crate::report::demangle;
use crate::resolve::Resolved;
use crate::script::ast::{Language, VersionPattern, VersionScript};
use crate::script::glob::is_wild;

/// Says which names of versions the output does not define. Patterns may match nothing.
pub fn undefined(
    scripts: &[VersionScript<'_>],
    resolved: &Resolved<'_>,
    names: &Names<'_>,
    said: &mut Diagnostics,
) {
    let nodes = || scripts.iter().flat_map(|script| &script.nodes);
    let is_name = |pattern: &VersionPattern<'_>| pattern.literal || !is_wild(pattern.text);
    let asks_demangled = nodes()
        .flat_map(|node| &node.globals)
        .any(|pattern| is_name(pattern) && pattern.language != Language::C);
    let demangled = if asks_demangled { demangled(resolved, names) } else { HashSet::default() };
    let is_defined =
        |name: &[u8]| names.find(name).is_some_and(|id| resolved.symbols.get(id).kind.is_regular());
    let mut is_complete = true;
    for node in nodes() {
        // As GNU ld does: the last of a version first.
        for pattern in node.globals.iter().rev().filter(|pattern| is_name(pattern)) {
            let is_there = is_defined(pattern.text)
                || pattern.language != Language::C && demangled.contains(pattern.text);
            if !is_there {
                let version = node.name.map_or(&b""[..], |name| name.name);
                let text = [pattern.text, b": undefined version: ", version].concat();
                said.error(String::from_utf8_lossy(&text).into_owned());
                is_complete = false;
            }
        }
    }
    if !is_complete {
        said.fatal("failed to set dynamic section sizes: bad value");
    }
}

/// The demangled names of all that the output defines.
fn demangled(resolved: &Resolved<'_>, names: &Names<'_>) -> HashSet<Vec<u8>, RandomState> {
    let defined = resolved.symbols.iter().filter(|(_, state)| state.kind.is_regular());
    let text = |name: &[u8]| {
        let mut text = Vec::new();
        demangle(name, &mut text).then_some(text)
    };
    defined.filter_map(|(id, _)| text(names.name(id))).collect()
}
