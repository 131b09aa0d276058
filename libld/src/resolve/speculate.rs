//! Parses archive members before anybody asks for them.
//!
//! Starting from the objects of the command line, each undefined symbol is looked up in the indexes
//! of all archives, and the member that defines it is parsed, whose undefined symbols are looked up
//! in turn; all of that on all cores, in any order. What joins the link is decided later by the
//! sequential pass; a member parsed in vain costs time, one that was missed is parsed then.

use std::sync::atomic::{AtomicBool, Ordering};

use libelf::raw::{SHN_UNDEF, STB_WEAK};
use rayon::Scope;

use crate::ids::SymbolId;
use crate::input::{Item, Library, Loaded, Object, Storage};
use crate::names::Names;

/// A member that defines a symbol.
#[derive(Clone, Copy)]
struct Candidate {
    library: u32,
    member: u32,
}

struct Search<'a, 'data> {
    libraries: Vec<&'a Library<'data>>,
    /// By symbol, one more than the place in `candidates`; 0 where no archive defines it.
    first: Vec<u32>,
    candidates: Vec<Candidate>,
    /// By candidate: whether somebody parses it.
    is_taken: Vec<AtomicBool>,
    names: &'a Names<'data>,
    storage: &'data Storage,
}

/// Parses the members that `items` and `wanted` seem to need.
pub fn parse_members<'data>(
    items: &[Item<'data>],
    wanted: &[SymbolId],
    names: &Names<'data>,
    storage: &'data Storage,
) {
    let libraries: Vec<_> = items
        .iter()
        .filter_map(|item| match item {
            Item::Library { library, .. } => Some(library),
            _ => None,
        })
        .collect();
    if libraries.is_empty() {
        return;
    }
    let search = Search::new(libraries, names, storage);
    rayon::scope(|scope| {
        for item in items {
            match item {
                Item::File { loaded: Loaded::Object(object), .. } => search.needs(object, scope),
                Item::Library { library, whole: true, .. } => search.all_of(library, scope),
                _ => {}
            }
        }
        for &id in wanted {
            search.want(id, scope);
        }
    });
}

impl<'a, 'data> Search<'a, 'data> {
    fn new(
        libraries: Vec<&'a Library<'data>>,
        names: &'a Names<'data>,
        storage: &'data Storage,
    ) -> Self {
        let mut first = vec![0_u32; names.bound()];
        let mut candidates = Vec::new();
        for (number, library) in (0_u32..).zip(&libraries) {
            for &(id, member) in &library.index {
                if let Some(slot @ 0) = first.get_mut(id.index()) {
                    candidates.push(Candidate { library: number, member });
                    *slot = candidates.len() as u32;
                }
            }
        }
        let is_taken = candidates.iter().map(|_| AtomicBool::new(false)).collect();
        Self { libraries, first, candidates, is_taken, names, storage }
    }

    fn needs<'s>(&'s self, object: &Object<'data>, scope: &Scope<'s>) {
        let globals = object.symbols.range(object.first_global as usize, object.symbols.len());
        for (symbol, &id) in globals.iter().zip(&object.globals) {
            if symbol.shndx == SHN_UNDEF && symbol.binding() != STB_WEAK {
                self.want(id, scope);
            }
        }
    }

    fn want<'s>(&'s self, id: SymbolId, scope: &Scope<'s>) {
        let Some(number) = self.first.get(id.index()).and_then(|first| first.checked_sub(1)) else {
            return;
        };
        let number = number as usize;
        let taken =
            self.is_taken.get(number).is_none_or(|taken| taken.swap(true, Ordering::Relaxed));
        if taken {
            return;
        }
        if let Some(&candidate) = self.candidates.get(number) {
            scope.spawn(move |scope| self.parse(candidate, scope));
        }
    }

    fn parse<'s>(&'s self, candidate: Candidate, scope: &Scope<'s>) {
        let Some(library) = self.libraries.get(candidate.library as usize) else { return };
        // Several symbols lead to one member; the first that comes goes on.
        if !library.claim(candidate.member) {
            return;
        }
        let member = library.member(candidate.member, self.storage, self.names);
        if let Some(Ok(Loaded::Object(object))) = member {
            self.needs(object, scope);
        }
    }

    fn all_of<'s>(&'s self, library: &'s Library<'data>, scope: &Scope<'s>) {
        for member in 0..library.members.len() as u32 {
            scope.spawn(move |scope| {
                if library.claim(member)
                    && let Some(Ok(Loaded::Object(object))) =
                        library.member(member, self.storage, self.names)
                {
                    self.needs(object, scope);
                }
            });
        }
    }
}
