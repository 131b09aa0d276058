//! An object while it is described: what the printers of its parts ask.
//!
//! References are printed by name where a name leads to one thing only, and by index elsewhere.

use std::cell::OnceCell;

use foldhash::{HashMap, HashMapExt};
use libelf::edit::{
    Contents, Object, Section, SectionId, Segment, SegmentId, Slots, Symbol, SymbolId,
    SymbolSection,
};
use libelf::raw::{STT_SECTION, SymbolInfo};

use crate::names::Names;
use crate::printer::Printer;

/// How something is named in a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'v> {
    /// By this name, which nothing else has.
    Name(&'v [u8]),
    /// By this index.
    Index(u32),
}

/// Whose contents are printed.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'v, 'data> {
    /// A section's.
    Section(SectionId, &'v Section<'data>),
    /// A segment's.
    Segment(SegmentId, &'v Segment<'data>),
    /// Bytes that belong to neither.
    Filler,
}

impl<'v, 'data> Owner<'v, 'data> {
    /// The section.
    pub fn section(self) -> Option<&'v Section<'data>> {
        match self {
            Self::Section(_, section) => Some(section),
            _ => None,
        }
    }

    /// The name of the section; empty for all others.
    pub fn name(self) -> &'v [u8] {
        self.section().map_or(&[], |section| &section.name.text)
    }

    /// `sh_type`; `None` for what is no section.
    pub fn section_type(self) -> Option<u32> {
        self.section().map(|section| section.kind)
    }
}

/// An object while it is described.
#[derive(Debug)]
pub struct View<'v, 'data> {
    /// The object.
    pub object: &'v Object<'data>,
    /// The words of its numbers.
    pub names: Names,
    /// The bytes of the whole file.
    pub file: &'data [u8],
    /// The index of each section by the key of its slot.
    positions: Vec<u32>,
    /// How many sections have a name.
    section_names: HashMap<&'v [u8], u32>,
    /// The references to symbols, by the key of their table, each made when it is first asked for.
    symbols: Vec<OnceCell<SymbolReferences<'v>>>,
}

/// The references to the symbols of a table, by the keys of their slots.
type SymbolReferences<'v> = Vec<Reference<'v>>;

impl<'v, 'data> View<'v, 'data> {
    /// A view of `object`, which was read from `file`.
    pub fn new(object: &'v Object<'data>, file: &'data [u8]) -> Self {
        let mut section_names = HashMap::with_capacity(object.sections.len());
        for (_, section) in object.sections.iter() {
            *section_names.entry(&*section.name.text).or_insert(0) += 1;
        }
        let positions = object.sections.positions();
        let symbols = std::iter::repeat_with(OnceCell::new).take(positions.len()).collect();
        Self { object, names: Names::new(&object.header), file, positions, section_names, symbols }
    }

    /// Class and byte order.
    pub fn encoding(&self) -> libelf::Encoding {
        self.object.header.encoding
    }

    /// The index of a section.
    pub fn section_index(&self, id: SectionId) -> u32 {
        self.positions.get(id.0 as usize).copied().unwrap_or(u32::MAX)
    }

    /// The bytes that the contents of a section or segment were read from.
    pub fn bytes_of(&self, owner: Owner<'_, 'data>) -> &'data [u8] {
        let file = libelf::File::parse(self.file).ok();
        let range = file.and_then(|file| match owner {
            Owner::Section(id, _) => {
                let header = file.section(self.section_index(id)).ok()?;
                Some((header.offset, header.size))
            }
            Owner::Segment(id, _) => {
                let header = file.program_headers().ok()?.iter().nth(id.0 as usize)?;
                Some((header.offset, header.filesz))
            }
            Owner::Filler => None,
        });
        let bytes = range.and_then(|(offset, size)| {
            let start = usize::try_from(offset).ok()?;
            self.file.get(start..start.checked_add(usize::try_from(size).ok()?)?)
        });
        bytes.unwrap_or_default()
    }

    /// How a section is named.
    pub fn section(&self, id: SectionId) -> Reference<'v> {
        match self.object.sections.get(id.0) {
            Some(section) if self.is_unique(&section.name.text) => {
                Reference::Name(&section.name.text)
            }
            _ => Reference::Index(self.section_index(id)),
        }
    }

    /// Whether one section only has this name, which is not empty.
    pub fn is_unique(&self, name: &[u8]) -> bool {
        !name.is_empty() && self.section_names.get(name) == Some(&1)
    }

    /// The symbols of the table that a section holds.
    pub fn symbols(&self, table: SectionId) -> Option<&'v Slots<Symbol<'data>>> {
        match &self.object.sections.get(table.0)?.contents {
            Contents::Symbols(symbols) => Some(symbols),
            _ => None,
        }
    }

    /// How a symbol is named: by its name; the symbol of a section that has no name by the name of
    /// the section.
    pub fn symbol(&self, id: SymbolId) -> Reference<'v> {
        let references = self
            .symbols
            .get(id.table.0 as usize)
            .map(|cell| cell.get_or_init(|| self.symbol_references(id.table)));
        let found = references.and_then(|references| references.get(id.key as usize));
        found.copied().unwrap_or(Reference::Index(u32::MAX))
    }

    fn symbol_references(&self, table: SectionId) -> SymbolReferences<'v> {
        let Some(symbols) = self.symbols(table) else {
            return Vec::new();
        };
        let positions = symbols.positions();
        let mut references = Vec::with_capacity(positions.len());
        references.extend(positions.iter().map(|&index| Reference::Index(index)));
        // The first that has a name gets it; where a second one has it, both lose it.
        let mut owners: HashMap<&[u8], Option<u32>> = HashMap::with_capacity(symbols.len());
        for (key, symbol) in symbols.iter() {
            if let Some(name) = symbol_name(self.object, symbol) {
                owners.entry(name).and_modify(|owner| *owner = None).or_insert(Some(key));
            }
        }
        for (name, owner) in owners {
            if let Some(reference) = owner.and_then(|key| references.get_mut(key as usize)) {
                *reference = Reference::Name(name);
            }
        }
        references
    }

    /// Prints a reference as a term: a name, or a number.
    pub fn print_reference(&self, printer: &mut Printer<'_>, reference: Reference<'_>) {
        match reference {
            Reference::Name(name) => printer.name(name),
            Reference::Index(index) => printer.dec(index.into()),
        }
    }
}

/// The name by which a symbol is referred to: its own, or that of the section that it stands for.
pub fn symbol_name<'v>(object: &'v Object<'_>, symbol: &'v Symbol<'_>) -> Option<&'v [u8]> {
    let name = match symbol.section {
        _ if !symbol.name.text.is_empty() => &symbol.name.text,
        SymbolSection::Section(id) | SymbolSection::Extended(id)
            if SymbolInfo(symbol.info).st_type() == STT_SECTION =>
        {
            &object.sections.get(id.0)?.name.text
        }
        _ => return None,
    };
    (!name.is_empty()).then_some(name)
}
