//! NOCROSSREFS and NOCROSSREFS_TO: references between output sections that the script forbids.

use crate::diagnostics::Diagnostics;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::object::Place;
use crate::layout::Layout;
use crate::layout::plan::NoCrossRefs;
use crate::names::Names;
use crate::resolve::{Kind, Resolved};
use crate::scan::{Target, target};

use super::Locator;

/// What looking for references reads.
pub struct CrossingInput<'c, 'data> {
    /// The files and symbols.
    pub resolved: &'c Resolved<'data>,
    /// Names of symbols.
    pub names: &'c Names<'data>,
    /// Where sections lie.
    pub layout: &'c Layout<'c>,
}

/// A reference that is forbidden.
struct Crossing<'c> {
    from: &'c [u8],
    to: &'c [u8],
    symbol: Vec<u8>,
    section: SectionId,
    offset: u64,
    order: Order,
}

/// GNU ld goes through global symbols by name, and for each through the files that mention it: the
/// one that defines it, then from the last to the first. Other symbols follow, file by file, in the
/// order of their tables.
type Order = (bool, Vec<u8>, bool, u32, u32);

/// Says which relocations refer from one output section to another though a list forbids it.
pub fn crossings<'data>(
    input: &CrossingInput<'_, 'data>,
    lists: &[NoCrossRefs<'_>],
    demangles: bool,
    locator: &mut Locator<'_, 'data>,
    said: &mut Diagnostics,
) {
    if lists.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for (file, object) in input.resolved.objects() {
        for index in 0..object.sections.len() as u32 {
            let section = SectionId { file, index };
            let Some(from) = output_of(input, section) else { continue };
            for reloc in object.relocs_of(index).iter() {
                let Some(target) = target(file, object, reloc.symbol) else { continue };
                let Some(to) = section_of(input, target).and_then(|it| output_of(input, it)) else {
                    continue;
                };
                if !lists.iter().any(|list| forbids(list, from, to)) {
                    continue;
                }
                let name = object.symbol_name(reloc.symbol).unwrap_or_default().to_vec();
                let order = order(input, file, target);
                let offset = reloc.offset;
                found.push(Crossing { from, to, symbol: name, section, offset, order });
            }
        }
    }
    found.sort_by(|a, b| (&a.order, a.section, a.offset).cmp(&(&b.order, b.section, b.offset)));
    for crossing in found {
        let mut text = Vec::new();
        locator.long(crossing.section, crossing.offset, &mut text);
        text.extend_from_slice(b": prohibited cross reference from ");
        text.extend_from_slice(crossing.from);
        text.extend_from_slice(b" to `");
        if !demangles || !super::demangle(&crossing.symbol, &mut text) {
            text.extend_from_slice(&crossing.symbol);
        }
        text.extend_from_slice(b"' in ");
        text.extend_from_slice(crossing.to);
        said.error(text);
    }
}

fn order(input: &CrossingInput<'_, '_>, file: FileId, target: Target) -> Order {
    match target {
        Target::Global(id) => {
            let is_other = input.resolved.symbols.get(id).file != file;
            (false, input.names.name(id).to_vec(), is_other, u32::MAX - file.0, 0)
        }
        Target::Local(_, index) => (true, Vec::new(), false, file.0, index),
        Target::None => (true, Vec::new(), false, file.0, 0),
    }
}

fn forbids(list: &NoCrossRefs<'_>, from: &[u8], to: &[u8]) -> bool {
    let has = |name: &[u8]| list.sections.contains(&name);
    from != to
        && has(from)
        && has(to)
        && (!list.only_first || list.sections.first().is_some_and(|first| *first == to))
}

/// The name of the output section that an input section lies in.
fn output_of<'c>(input: &CrossingInput<'c, '_>, section: SectionId) -> Option<&'c [u8]> {
    let place = input.layout.places.get(section)?;
    input.layout.sections.get(place.output as usize).map(|output| &*output.name)
}

/// The input section that a symbol is defined in.
fn section_of(input: &CrossingInput<'_, '_>, target: Target) -> Option<SectionId> {
    let (file, index) = match target {
        Target::None => return None,
        Target::Local(file, index) => (file, index),
        Target::Global(id) => return section_of_global(input, id),
    };
    let object = input.resolved.object(file)?;
    match object.place(index, &object.symbols.get(index as usize)?) {
        Place::Section(index) => Some(SectionId { file, index }),
        _ => None,
    }
}

fn section_of_global(input: &CrossingInput<'_, '_>, id: SymbolId) -> Option<SectionId> {
    let state = input.resolved.symbols.get(id);
    match state.kind {
        Kind::Definition | Kind::WeakDefinition => {
            section_of(input, Target::Local(state.file, state.index))
        }
        Kind::Common => {
            let object = input.resolved.object(state.file)?;
            Some(SectionId { file: state.file, index: object.sections.len() as u32 })
        }
        _ => None,
    }
}
