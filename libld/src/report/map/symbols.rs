//! The global symbols of each input section, by address.

use crate::ids::{SectionId, SymbolId};
use crate::input::object::Place;
use crate::made::Made;
use crate::resolve::{Kind, State};
use crate::scan::Target;
use crate::symbols::Standard;

use super::MapInput;

/// A symbol and where it is shown.
struct Shown {
    section: SectionId,
    address: u64,
    /// The index in its file's symbol table: those of one address are in that order.
    index: u32,
    id: SymbolId,
    /// Whether it is a function of a library, which is shown with its version.
    is_imported: bool,
}

/// All symbols that are defined in sections of the output.
pub struct SymbolList {
    all: Vec<Shown>,
    /// Places that have names though nobody refers to them.
    landmarks: Vec<(SectionId, u64, &'static [u8])>,
}

/// The names of what the link makes.
const LANDMARKS: [(&[u8], Made); 3] = [
    (b"_DYNAMIC", Made::Dynamic),
    (b"__GNU_EH_FRAME_HDR", Made::EhFrameHdr),
    (b"_GLOBAL_OFFSET_TABLE_", Made::GotPlt),
];

impl SymbolList {
    /// Those of a link.
    pub fn new(input: &MapInput<'_, '_>) -> Self {
        let mut all = Vec::new();
        for (id, state) in input.resolved.symbols.iter() {
            if let Some((section, index)) = section_of(input, id, state) {
                let address = address_of(input, id, state, section);
                all.push(Shown { section, address, index, id, is_imported: false });
            }
        }
        add_plt(input, &mut all);
        all.sort_unstable_by_key(|shown| (shown.section, shown.address, shown.index));
        Self { all, landmarks: landmarks(input) }
    }

    /// The names of those in a section with their addresses.
    pub fn of<'s>(
        &'s self,
        section: SectionId,
        input: &'s MapInput<'_, '_>,
    ) -> impl Iterator<Item = (u64, Vec<u8>)> + 's {
        let start = self.all.partition_point(|shown| shown.section < section);
        let found = self.all.get(start..).unwrap_or_default().iter();
        let landmarks = self.landmarks.iter().filter(move |(at, ..)| *at == section);
        landmarks.map(|(_, address, name)| (*address, name.to_vec())).chain(
            found
                .take_while(move |shown| shown.section == section)
                .map(|shown| (shown.address, shown_name(input, shown.id, shown.is_imported))),
        )
    }
}

fn landmarks(input: &MapInput<'_, '_>) -> Vec<(SectionId, u64, &'static [u8])> {
    let Some(addresses) = input.addresses else { return Vec::new() };
    let is_defined = |name: &[u8]| {
        let id = input.names.find(name);
        id.is_some_and(|id| input.resolved.symbols.get(id).kind.is_regular())
    };
    let shown = LANDMARKS
        .iter()
        .filter(|(name, made)| addresses.section_at(made.section()).is_some() && !is_defined(name));
    shown.map(|&(name, made)| (made.section(), addresses.made(made), name)).collect()
}

/// The name of a symbol as maps show it.
pub fn shown_name(input: &MapInput<'_, '_>, id: SymbolId, is_imported: bool) -> Vec<u8> {
    let name = input.names.name(id);
    let mut text = Vec::new();
    if input.options.report.demangle.is_none() || !super::super::demangle(name, &mut text) {
        text = name.to_vec();
    }
    let state = input.resolved.symbols.get(id);
    if is_imported
        && state.kind.is_shared()
        && memchr::memchr(b'@', name).is_none()
        && let Some(shared) = input.resolved.shared(state.file)
        && let Some(version) =
            shared.symbols.get(state.index as usize).and_then(|it| shared.version_name(it))
    {
        text.extend_from_slice(b"@@");
        text.extend_from_slice(version);
    }
    text
}

fn address_of(input: &MapInput<'_, '_>, id: SymbolId, state: &State, section: SectionId) -> u64 {
    if let Some(addresses) = input.addresses {
        return addresses.global(id);
    }
    let object = input.resolved.object(state.file);
    let symbol = object.and_then(|object| object.symbols.get(state.index as usize));
    let offset = match input.resolved.commons.get(&id) {
        Some(common) => common.offset,
        None => symbol.map_or(0, |symbol| symbol.value),
    };
    input.layout.address(section, offset).unwrap_or(0)
}

/// The section that a symbol is defined in, and the symbol's index.
fn section_of(input: &MapInput<'_, '_>, id: SymbolId, state: &State) -> Option<(SectionId, u32)> {
    match state.kind {
        Kind::Definition | Kind::WeakDefinition => {
            let object = input.resolved.object(state.file)?;
            let symbol = object.symbols.get(state.index as usize)?;
            match object.place(state.index, &symbol) {
                Place::Section(index) => Some((SectionId { file: state.file, index }, state.index)),
                _ => None,
            }
        }
        Kind::Common => {
            let object = input.resolved.object(state.file)?;
            let index = object.sections.len() as u32;
            Some((SectionId { file: state.file, index }, state.index))
        }
        Kind::Linker => match input.addresses?.standard_symbol(id)? {
            Standard::Dynamic => Some((Made::Dynamic.section(), 0)),
            Standard::Got => {
                let has_plt = input.addresses?.made(Made::GotPlt) != 0;
                let made = if has_plt { Made::GotPlt } else { Made::Got };
                Some((made.section(), 0))
            }
            _ => None,
        },
        Kind::Shared | Kind::WeakShared => {
            let slots = input.addresses?.slots(Target::Global(id));
            input.addresses?.copy(&slots).map(|copy| (copy.section().section(), state.index))
        }
        _ => None,
    }
}

/// Functions of libraries are shown at their entries of the procedure linkage tables.
fn add_plt(input: &MapInput<'_, '_>, all: &mut Vec<Shown>) {
    let Some(addresses) = input.addresses else { return };
    for (list, made) in input.plt.iter().zip([Made::Plt, Made::PltGot]) {
        for (index, target) in (0..).zip(*list) {
            let Target::Global(id) = *target else { continue };
            if !input.resolved.symbols.get(id).kind.is_shared() {
                continue;
            }
            let slots = addresses.slots(*target);
            let Some(address) = addresses.plt_entry(&slots) else { continue };
            all.push(Shown { section: made.section(), address, index, id, is_imported: true });
        }
    }
}
