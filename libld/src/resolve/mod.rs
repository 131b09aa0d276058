//! Which file defines each symbol, and which archive members join the link.
//!
//! Files join in the order of the command line, one after the other, as GNU ld has it: an archive
//! is looked at where it stands, and gives the members that define what is undefined *there*. That
//! order decides what a program is made of, so this pass is sequential. It is quick all the same,
//! since names are numbers by now: a symbol costs one look at an array.
//!
//! ```text
//! main.o: needs f        f: Reference
//! libx.a: index f, g     member f.o joins: f: Definition; it needs g: Reference
//!                        the index is walked on, then again: member g.o joins
//! liby.a: index f        nothing is undefined: no member joins
//! ```
//!
//! What costs time is parsing the members that join. [`speculate`] does that beforehand, on all
//! cores, for members that are likely to be asked for.

mod groups;
mod join;
mod reason;
mod speculate;
mod state;
mod tls;

pub use groups::{Groups, SectionSet};
pub use join::{CommonMeeting, CommonSymbol, Duplicate, Meeting};
pub use reason::{Joined, Reason};
pub use state::{Kind, State, Symbols};
pub use tls::{Mention, TlsMismatch};

use std::collections::HashMap;

use foldhash::fast::RandomState;

use libelf::raw::{STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE, STT_OBJECT, SymbolType};
use libelf::symbol::Symbol;

use crate::ids::{FileId, SymbolId};
use crate::input::object::{Fault, Place};
use crate::input::{Item, Library, Object, Origin, Shared, Storage};
use crate::names::Names;

/// A file that joined the link.
pub enum InputFile<'data> {
    /// What the linker makes itself: always the first.
    Internal,
    /// A relocatable object.
    Object(Box<Object<'data>>),
    /// A shared library.
    Shared {
        /// The library.
        shared: Box<Shared<'data>>,
        /// Whether the output names it as needed.
        is_needed: bool,
    },
}

/// What is wrong with inputs; the link goes on to find all of it.
#[derive(Debug)]
pub enum Problem<'data> {
    /// A file or member cannot be read.
    Fault(Origin<'data>, String),
    /// It is neither an object nor a library.
    NotRecognized(Origin<'data>),
    /// Members of an archive cannot be found without an index.
    NoIndex(Origin<'data>),
    /// A symbol has two definitions.
    Duplicate(Duplicate),
    /// A symbol is common, and something else: no error.
    Common(CommonMeeting),
    /// A symbol is thread-local in one file, and not in another.
    Tls(TlsMismatch),
}

/// How symbols are resolved.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The first of several definitions is taken, and nothing said (`-z muldefs`).
    pub allows_duplicates: bool,
    /// Whether the output is a relocatable object, so that groups stay.
    pub is_relocatable: bool,
    /// Symbols of `-R` may not be defined again (`--disable-multiple-abs-defs`).
    pub forbids_numbers: bool,
    /// Common symbols are left to a library to define (`--no-define-common`).
    pub leaves_commons: bool,
    /// What references to a symbol become references to (`--wrap`).
    pub redirected: HashMap<SymbolId, SymbolId, RandomState>,
}

/// All files of the link and what each global symbol is.
pub struct Resolved<'data> {
    /// The files in the order in which they joined; a [`FileId`] is an index.
    pub files: Vec<InputFile<'data>>,
    /// For each file, the sections that another file's copy stands for.
    pub discarded: Vec<SectionSet>,
    /// The symbols.
    pub symbols: Symbols,
    /// Sizes and alignments of common symbols.
    pub commons: HashMap<SymbolId, CommonSymbol, RandomState>,
    /// Sizes of common symbols that have a definition after all: it is of such a size, and data, if
    /// it does not say so itself.
    pub former_commons: HashMap<SymbolId, u64, RandomState>,
    /// Which section groups are kept.
    pub groups: Groups,
    /// Why members of archives and libraries that are only linked if needed joined, in order.
    pub reasons: Vec<Joined>,
    /// The types of symbols that only libraries define which are not part of the link.
    kinds_elsewhere: HashMap<SymbolId, SymbolType, RandomState>,
    /// Libraries of the command line that nothing in the link needs, in order.
    pub unused: Vec<Box<Shared<'data>>>,
    /// Where inputs define the symbols that the link, by a script, defines in their place.
    pub overridden: HashMap<SymbolId, (FileId, u32), RandomState>,
}

impl<'data> Resolved<'data> {
    /// A file.
    pub fn file(&self, id: FileId) -> Option<&InputFile<'data>> {
        self.files.get(id.index())
    }

    /// A file, if it is an object.
    #[inline]
    pub fn object(&self, id: FileId) -> Option<&Object<'data>> {
        match self.files.get(id.index()) {
            Some(InputFile::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// A file, if it is a shared library.
    pub fn shared(&self, id: FileId) -> Option<&Shared<'data>> {
        match self.files.get(id.index()) {
            Some(InputFile::Shared { shared, .. }) => Some(shared),
            _ => None,
        }
    }

    /// The type that a symbol of a library has in an output that refers to it: how the library
    /// finds the address of a function is its own affair.
    pub fn shared_kind(symbol: &Symbol) -> SymbolType {
        if symbol.kind() == STT_GNU_IFUNC { STT_FUNC } else { symbol.kind() }
    }

    /// The type and the size of a definition, whose own entry is `symbol`.
    pub fn kind_and_size(&self, id: SymbolId, symbol: &Symbol) -> (SymbolType, u64) {
        let (kind, size) = (symbol.kind(), symbol.size);
        match self.former_commons.get(&id) {
            Some(&of_common) => (
                if kind == STT_NOTYPE { STT_OBJECT } else { kind },
                if size == 0 { of_common } else { size },
            ),
            None => (kind, size),
        }
    }

    /// The type of a reference that nothing satisfies: that of a library which only libraries need, or
    /// that which the first object gives it. It may be to a common symbol that is left to libraries.
    pub fn reference_kind(&self, id: SymbolId, state: &State) -> SymbolType {
        if let Some(&kind) = self.kinds_elsewhere.get(&id) {
            return kind;
        }
        let object = self.object(state.file);
        let symbol = object.and_then(|object| object.symbols.get(state.index as usize));
        let is_common = object
            .zip(symbol)
            .is_some_and(|(object, symbol)| object.place(state.index, &symbol) == Place::Common);
        if is_common { STT_OBJECT } else { symbol.map_or(STT_NOTYPE, |symbol| symbol.kind()) }
    }

    /// The entry of a shared library that defines a symbol.
    pub fn shared_symbol(&self, state: &State) -> Option<Symbol> {
        let shared = self.shared(state.file)?;
        let symbol = shared.symbols.get(state.index as usize)?;
        shared.table.get(symbol.index as usize)
    }

    /// The entry of the object that defines a symbol, or that would if no script did.
    pub fn defining_symbol(&self, id: SymbolId) -> Option<Symbol> {
        let state = self.symbols.get(id);
        let (file, index) = match state.kind {
            Kind::Linker => *self.overridden.get(&id)?,
            _ => (state.file, state.index),
        };
        self.object(file)?.symbols.get(index as usize)
    }

    /// Lets symbols of libraries that have no version have one that is called as the library is.
    pub fn name_versions(&mut self) {
        for file in &mut self.files {
            if let InputFile::Shared { shared, .. } = file {
                shared.names_versions = true;
            }
        }
    }

    /// Notes that the loader will find a symbol of this type in a library which is not part of the
    /// link. If objects refer to it but weakly, that is what counts, whoever else refers to it.
    pub fn is_elsewhere(&mut self, id: SymbolId, kind: SymbolType) {
        let state = self.symbols.get(id);
        if !state.kind.is_undefined() || !state.is_object_reference() {
            return;
        }
        self.kinds_elsewhere.insert(id, kind);
        if state.kind == Kind::Reference
            && !state.is_strong_reference()
            && let Some(state) = self.symbols.get_mut(id)
        {
            state.kind = Kind::WeakReference;
        }
    }

    /// All objects with their numbers, in order.
    pub fn objects(&self) -> impl Iterator<Item = (FileId, &Object<'data>)> {
        (0_u32..).zip(&self.files).filter_map(|(number, file)| match file {
            InputFile::Object(object) => Some((FileId(number), &**object)),
            _ => None,
        })
    }

    /// Whether a section was left out for another file's copy.
    #[inline]
    pub fn is_discarded(&self, file: FileId, section: u32) -> bool {
        self.discarded.get(file.index()).is_some_and(|set| set.contains(section))
    }
}

/// What a group looks at.
enum Searched<'data> {
    /// An archive, and whether libraries in it are only linked if needed.
    Library(Library<'data>, bool),
    /// A group in the group.
    Group(Vec<Searched<'data>>),
}

/// Runs the pass. `wanted` are symbols that are undefined from the start (`-u`, the entry).
pub fn resolve<'data>(
    items: Vec<Item<'data>>,
    wanted: &[SymbolId],
    names: &Names<'data>,
    storage: &'data Storage,
    settings: Settings,
) -> (Resolved<'data>, Vec<Problem<'data>>) {
    speculate::parse_members(&items, wanted, names, storage);
    let mut link = join::Joining::new(names, storage, settings);
    for &id in wanted {
        link.refer_from_command_line(id);
    }
    let mut libraries = Vec::new();
    // Those around the group that is open: a script in a group may be a group itself.
    let mut around = Vec::new();
    for (number, item) in items.into_iter().enumerate() {
        link.item = number;
        match item {
            Item::File { loaded, origin, as_needed } => link.file(loaded, origin, as_needed),
            Item::Library { mut library, whole, as_needed } => {
                if whole {
                    link.whole_library(&mut library, as_needed);
                } else {
                    link.library(&mut library, as_needed);
                }
                libraries.push(Searched::Library(library, as_needed));
            }
            Item::GroupStart => around.push(std::mem::take(&mut libraries)),
            Item::GroupEnd => {
                link.group(&mut libraries);
                if let Some(outside) = around.pop() {
                    let group = std::mem::replace(&mut libraries, outside);
                    libraries.push(Searched::Group(group));
                }
            }
        }
    }
    link.finish()
}

/// The text of a fault, for [`Problem::Fault`].
fn fault_text(fault: &Fault) -> String {
    fault.to_string()
}
