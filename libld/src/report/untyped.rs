//! Symbols of libraries that objects refer to and whose entries say neither type nor size: what they
//! are cannot be known, so a copy or an entry of the procedure linkage table may be wrong.

use libelf::raw::STT_NOTYPE;

use super::libraries::linked;
use crate::diagnostics::Diagnostics;
use crate::names::Names;
use crate::resolve::Resolved;
use crate::scan::{NeedTable, Needs};

/// Warns of each such symbol, but for those that code calls: they are functions.
pub fn untyped(
    resolved: &Resolved<'_>,
    needs: &NeedTable,
    names: &Names<'_>,
    said: &mut Diagnostics,
) {
    for shared in linked(resolved) {
        for symbol in shared.symbols.iter().filter(|symbol| !symbol.is_undefined) {
            let state = resolved.symbols.get(symbol.id);
            let is_counted = state.is_object_reference()
                && state.kind.is_shared()
                && resolved.shared(state.file).is_some_and(|it| std::ptr::eq(it, shared));
            let called = Needs::PLT.and(Needs::CALLED);
            if !is_counted || needs.get(symbol.id).has(called) {
                continue;
            }
            let entry = resolved.shared_symbol(&state);
            if entry.is_some_and(|entry| entry.kind() == STT_NOTYPE && entry.size == 0) {
                let name = String::from_utf8_lossy(names.name(symbol.id));
                let text =
                    format!("warning: type and size of dynamic symbol `{name}' are not defined");
                said.warn(text);
            }
        }
    }
}
