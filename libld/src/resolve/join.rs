//! Files join the link one by one.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use libelf::raw::{SHN_UNDEF, STB_WEAK, STT_FUNC, STT_GNU_IFUNC, STT_TLS, SymbolBind};
use libelf::symbol::Symbol;

use super::groups::{Groups, SectionSet};
use super::reason::{Joined, Reason};
use super::state::{Kind, State, Symbols};
use super::tls::{Mention, TlsMismatch};
use super::{InputFile, Problem, Resolved, Searched, Settings, fault_text};
use crate::ids::{FileId, SymbolId};
use crate::input::object::{Fault, Place};
use crate::input::{Library, Loaded, Object, Origin, Shared, Storage};
use crate::names::Names;

/// What a common symbol needs: the most that any file asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommonSymbol {
    /// Bytes.
    pub size: u64,
    /// The alignment in bytes: a power of two.
    pub align: u64,
    /// Where it starts among the common symbols of its file, once that is settled.
    pub offset: u64,
}

/// Two definitions of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The symbol.
    pub id: SymbolId,
    /// The definition that counts: a file and the index of its symbol.
    pub first: (FileId, u32),
    /// The one that is too many.
    pub second: (FileId, u32),
}

/// How a common symbol and another definition meet: the one that joins is named first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// A definition takes the place of a common symbol.
    DefinitionOverCommon,
    /// A common symbol is one that is defined already.
    CommonUnderDefinition,
    /// A common symbol is larger than the one before.
    Larger,
    /// It is smaller.
    Smaller,
    /// Both have one size.
    Equal,
}

/// A common symbol and another definition of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommonMeeting {
    /// The symbol.
    pub id: SymbolId,
    /// The definition before: a file and the index of its symbol.
    pub old: (FileId, u32),
    /// The one that joins.
    pub new: (FileId, u32),
    /// How they meet.
    pub meeting: Meeting,
    /// The alignment of the common symbol, in bytes.
    pub align: u64,
}

/// The link while files join.
pub struct Joining<'n, 'data> {
    names: &'n Names<'data>,
    storage: &'data Storage,
    settings: Settings,
    resolved: Resolved<'data>,
    problems: Vec<Problem<'data>>,
    /// Libraries by the name that the output would need them by.
    /// Whether only the values of the symbols of the file that joins count (`-R`).
    joins_numbers: bool,
    /// The names of libraries that those say they need which joined.
    needed: HashSet<&'data [u8], RandomState>,
    sonames: HashMap<&'data [u8], FileId, RandomState>,
    /// References that name a version.
    versioned: Vec<SymbolId>,
    /// The number of the item that is looked at.
    pub item: usize,
}

impl<'n, 'data> Joining<'n, 'data> {
    pub fn new(names: &'n Names<'data>, storage: &'data Storage, settings: Settings) -> Self {
        let mut symbols = Symbols::default();
        symbols.reserve(names.bound());
        Self {
            names,
            storage,
            settings,
            resolved: Resolved {
                files: vec![InputFile::Internal],
                discarded: vec![SectionSet::default()],
                symbols,
                commons: HashMap::default(),
                former_commons: HashMap::default(),
                groups: Groups::default(),
                reasons: Vec::new(),
                unused: Vec::new(),
                kinds_elsewhere: HashMap::default(),
                overridden: HashMap::default(),
            },
            problems: Vec::new(),
            sonames: HashMap::default(),
            needed: HashSet::default(),
            joins_numbers: false,
            versioned: Vec::new(),
            item: 0,
        }
    }

    pub fn finish(mut self) -> (Resolved<'data>, Vec<Problem<'data>>) {
        self.bind_versions();
        (self.resolved, self.problems)
    }

    /// A symbol that an option asks for.
    pub fn refer_from_command_line(&mut self, id: SymbolId) {
        if let Some(state) = self.resolved.symbols.get_mut(id) {
            refer(state, FileId(0), 0, false);
        }
    }

    fn next_file(&self) -> FileId {
        FileId(self.resolved.files.len() as u32)
    }

    pub fn file(&mut self, loaded: Loaded<'data>, origin: Origin<'data>, as_needed: bool) {
        match loaded {
            Loaded::Object(object) => self.object(object),
            Loaded::Shared(shared) => self.shared(shared, as_needed),
            Loaded::Unknown => self.problems.push(Problem::NotRecognized(origin)),
        }
    }

    // ---- objects

    fn object(&mut self, mut object: Box<Object<'data>>) {
        let file = self.next_file();
        self.joins_numbers = object.is_numbers;
        self.redirect(&mut object);
        self.note_versions(&object);
        let discarded = self.resolved.groups.join(file, &object, self.names);
        let first = object.first_global;
        let globals = object.symbols.range(first as usize, object.symbols.len());
        for ((index, symbol), &id) in (first..).zip(globals.iter()).zip(&object.globals) {
            let mut place = object.place(index, &symbol);
            if let Place::Section(section) = place
                && discarded.contains(section)
            {
                // The copy that is kept defines it.
                place = Place::Undefined;
            }
            if place == Place::Common && self.settings.leaves_commons {
                place = Place::Undefined;
            }
            self.object_symbol(file, index, &symbol, id, place);
        }
        self.resolved.files.push(InputFile::Object(object));
        self.resolved.discarded.push(discarded);
    }

    /// References that are to lead elsewhere (`--wrap`) do.
    fn redirect(&self, object: &mut Object<'data>) {
        if self.settings.redirected.is_empty() {
            return;
        }
        let first = object.first_global as usize;
        let globals = object.symbols.range(first, object.symbols.len());
        for (symbol, id) in globals.iter().zip(&mut object.globals) {
            if symbol.shndx == SHN_UNDEF
                && let Some(&other) = self.settings.redirected.get(id)
            {
                *id = other;
            }
        }
    }

    /// Remembers references that name a version, `name@VERSION`.
    fn note_versions(&mut self, object: &Object<'data>) {
        if !object.has_versions {
            return;
        }
        for &id in &object.globals {
            if memchr::memchr(b'@', self.names.name(id)).is_some() {
                self.versioned.push(id);
            }
        }
    }

    /// References that name a version are bound to the first library that defines it. Only now:
    /// such references are few, and need not be looked for in every library that joins.
    fn bind_versions(&mut self) {
        for id in std::mem::take(&mut self.versioned) {
            let name = self.names.name(id);
            let Some(at) = memchr::memchr(b'@', name) else { continue };
            let (Some(base), Some(version)) = (name.get(..at), name.get(at + 1..)) else {
                continue;
            };
            let Some(base) = self.names.find(base) else { continue };
            let found = (0_u32..).zip(&self.resolved.files).find_map(|(file, input)| {
                let InputFile::Shared { shared, .. } = input else { return None };
                let index = shared.symbols.iter().position(|symbol| {
                    symbol.id == base
                        && !symbol.is_undefined
                        && shared.version_name(symbol) == Some(version)
                })?;
                Some((FileId(file), index as u32))
            });
            let (Some((file, index)), Some(state)) = (found, self.resolved.symbols.get_mut(id))
            else {
                continue;
            };
            if state.kind.is_undefined() {
                state.set_shared_definition();
                (state.file, state.index, state.kind) = (file, index, Kind::Shared);
                if let Some(InputFile::Shared { shared, .. }) =
                    self.resolved.files.get_mut(file.index())
                {
                    shared.bound.push((index, id));
                }
            }
        }
    }

    fn object_symbol(
        &mut self,
        file: FileId,
        index: u32,
        symbol: &Symbol,
        id: SymbolId,
        place: Place,
    ) {
        let Some(state) = self.resolved.symbols.get_mut(id) else { return };
        let is_tls = symbol.kind() == STT_TLS;
        if !state.is_in_file() {
            state.is_tls = is_tls;
        } else if state.is_tls != is_tls {
            let is_reference = matches!(place, Place::Undefined | Place::Common);
            self.turn_tls(id, Mention { file, index, is_reference }, is_tls);
            return self.object_symbol(file, index, symbol, id, place);
        }
        state.set_in_object();
        state.constrain(symbol.visibility());
        let is_weak = symbol.binding() == STB_WEAK;
        match place {
            Place::Undefined => {
                state.set_object_reference();
                if !is_weak {
                    state.set_strong_reference();
                }
                refer(state, file, index, is_weak);
                if state.kind.is_shared() && state.is_own() {
                    // A member of an archive may define it still.
                    let is_strong = state.is_strong_reference();
                    let kind = if is_strong { Kind::Reference } else { Kind::WeakReference };
                    (state.file, state.index, state.kind) = (file, index, kind);
                    state.is_refused = true;
                }
            }
            Place::Common => self.common(file, index, symbol, id),
            Place::Absolute if self.is_known_number(id, symbol) => {}
            _ => self.define(file, index, symbol.binding(), id),
        }
    }

    /// From here on a symbol is thread-local, or is not: that files before said otherwise is wrong,
    /// but for an option, which gives no type, and for a number, which has none.
    #[cold]
    fn turn_tls(&mut self, id: SymbolId, new: Mention, is_tls: bool) {
        let Some(state) = self.resolved.symbols.get_mut(id) else { return };
        state.is_tls = is_tls;
        let State { file, index, kind, .. } = *state;
        let state = *state;
        if file == FileId(0) || self.is_number(&state) {
            return;
        }
        let is_reference = kind.is_undefined() || kind == Kind::Common;
        let known = Mention { file, index, is_reference };
        let (tls, other) = if is_tls { (new, known) } else { (known, new) };
        self.problems.push(Problem::Tls(TlsMismatch { id, tls, other, joins: new.file }));
    }

    fn is_number(&self, state: &State) -> bool {
        state.kind == Kind::Definition
            && self.resolved.object(state.file).is_some_and(|object| {
                let symbol = object.symbols.get(state.index as usize);
                object.is_numbers
                    || symbol.is_some_and(|it| object.place(state.index, &it) == Place::Absolute)
            })
    }

    /// Whether a symbol is known already as the number that another object says it is.
    fn is_known_number(&self, id: SymbolId, symbol: &Symbol) -> bool {
        let state = self.resolved.symbols.get(id);
        if state.kind != Kind::Definition {
            return false;
        }
        let known = self.resolved.object(state.file).and_then(|object| {
            let known = object.symbols.get(state.index as usize)?;
            (object.place(state.index, &known) == Place::Absolute).then_some(known.value)
        });
        known == Some(symbol.value)
    }

    fn define(&mut self, file: FileId, index: u32, binding: SymbolBind, id: SymbolId) {
        let Some(state) = self.resolved.symbols.get_mut(id) else { return };
        let new = if binding == STB_WEAK { Kind::WeakDefinition } else { Kind::Definition };
        let takes = match state.kind {
            Kind::Definition | Kind::Linker => {
                let old = self.resolved.files.get(state.file.index());
                let is_number = self.joins_numbers || old.is_some_and(is_numbers);
                let may =
                    self.settings.allows_duplicates || is_number && !self.settings.forbids_numbers;
                if new == Kind::Definition && !may {
                    let first = (state.file, state.index);
                    let second = (file, index);
                    self.problems.push(Problem::Duplicate(Duplicate { id, first, second }));
                }
                false
            }
            Kind::WeakDefinition | Kind::Common => new == Kind::Definition,
            _ => true,
        };
        if takes && state.kind == Kind::Common {
            let old = (state.file, state.index);
            let align = self.resolved.commons.get(&id).map_or(1, |common| common.align);
            let meeting = Meeting::DefinitionOverCommon;
            let met = CommonMeeting { id, old, new: (file, index), meeting, align };
            self.problems.push(Problem::Common(met));
        }
        if takes {
            let was_common = state.kind == Kind::Common;
            (state.file, state.index, state.kind) = (file, index, new);
            if was_common && let Some(common) = self.resolved.commons.remove(&id) {
                self.resolved.former_commons.insert(id, common.size);
            }
        }
    }

    fn common(&mut self, file: FileId, index: u32, symbol: &Symbol, id: SymbolId) {
        let Some(state) = self.resolved.symbols.get_mut(id) else { return };
        let align = symbol.value.checked_next_power_of_two().unwrap_or(1);
        let wanted = CommonSymbol { size: symbol.size, align, offset: 0 };
        let (old, new) = ((state.file, state.index), (file, index));
        match state.kind {
            Kind::Linker => return,
            Kind::Definition => {
                self.resolved.former_commons.entry(id).or_insert(symbol.size);
                let meeting = Meeting::CommonUnderDefinition;
                let met = CommonMeeting { id, old, new, meeting, align };
                self.problems.push(Problem::Common(met));
                return;
            }
            Kind::Common => {}
            _ => (state.file, state.index, state.kind) = (file, index, Kind::Common),
        }
        match self.resolved.commons.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(wanted);
            }
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                let meeting = match wanted.size.cmp(&known.size) {
                    std::cmp::Ordering::Less => Meeting::Smaller,
                    std::cmp::Ordering::Equal => Meeting::Equal,
                    std::cmp::Ordering::Greater => Meeting::Larger,
                };
                let met = CommonMeeting { id, old, new, meeting, align };
                self.problems.push(Problem::Common(met));
                known.align = known.align.max(wanted.align);
                if wanted.size > known.size {
                    known.size = wanted.size;
                    (state.file, state.index) = (file, index);
                }
            }
        }
    }

    // ---- shared libraries

    fn shared(&mut self, shared: Box<Shared<'data>>, as_needed: bool) {
        let file = self.next_file();
        if let Some(&known) = self.sonames.get(shared.needed_name()) {
            if !as_needed
                && let Some(InputFile::Shared { is_needed, .. }) =
                    self.resolved.files.get_mut(known.index())
            {
                *is_needed = true;
            }
            return;
        }
        if as_needed {
            let Some(reason) = self.why_wanted(&shared) else {
                return self.resolved.unused.push(shared);
            };
            self.resolved.reasons.push(Joined { file, reason, item: self.item });
        }
        self.sonames.insert(shared.needed_name(), file);
        self.needed.extend(&shared.needed);
        for (index, symbol) in (0_u32..).zip(&shared.symbols) {
            let entry = shared.table.get(symbol.index as usize);
            let is_weak = entry.is_some_and(|entry| entry.binding() == STB_WEAK);
            let is_tls = entry.is_some_and(|entry| entry.kind() == STT_TLS);
            // What names a version is some library's: no member of an archive stands for it.
            let is_elsewhere = if symbol.is_undefined {
                shared.version_name(symbol).is_some()
            } else {
                symbol.is_hidden
            };
            let Some(state) = self.resolved.symbols.get_mut(symbol.id) else { continue };
            // A definition that does not count says nothing.
            let counts = !is_elsewhere && (symbol.is_undefined || !state.kind.is_regular());
            if counts && !state.is_in_file() {
                state.is_tls = is_tls;
            } else if counts && state.is_tls != is_tls {
                let is_reference = symbol.is_undefined;
                self.turn_tls(symbol.id, Mention { file, index, is_reference }, is_tls);
            }
            let Some(state) = self.resolved.symbols.get_mut(symbol.id) else { continue };
            if symbol.is_undefined {
                state.set_shared_reference();
                if !is_elsewhere {
                    refer(state, file, index, is_weak);
                }
            } else if !symbol.is_hidden {
                state.set_shared_definition();
                state.is_refused |= state.kind.is_undefined() && state.is_own();
                if state.kind.is_undefined() && !state.is_own() {
                    let kind = if is_weak { Kind::WeakShared } else { Kind::Shared };
                    (state.file, state.index, state.kind) = (file, index, kind);
                }
            }
        }
        self.resolved.files.push(InputFile::Shared { shared, is_needed: true });
        self.resolved.discarded.push(SectionSet::default());
    }

    /// The first symbol of a library that an object refers to, and not weakly, or another library
    /// that does not itself say that it needs this one.
    fn why_wanted(&self, shared: &Shared<'data>) -> Option<Reason> {
        let is_needed_by_others = self.needed.contains(shared.needed_name());
        shared.symbols.iter().find_map(|symbol| {
            let state = self.resolved.symbols.get(symbol.id);
            let is_missed = state.is_shared_reference() && !is_needed_by_others;
            let is_it = !symbol.is_undefined
                && state.kind == Kind::Reference
                && !state.is_own()
                && (state.is_strong_reference() || is_missed);
            is_it.then_some(Reason::Symbol { id: symbol.id, by: state.file })
        })
    }

    // ---- archives

    pub fn whole_library(&mut self, library: &mut Library<'data>, as_needed: bool) {
        for member in 0..library.members.len() as u32 {
            self.member(library, member, as_needed, Reason::Whole);
        }
    }

    /// Lets the members join that are needed; tells whether any did.
    ///
    /// The index is walked from its start to its end again and again until nothing joins: members
    /// join in the order in which GNU ld takes them.
    pub fn library(&mut self, library: &mut Library<'data>, as_needed: bool) -> bool {
        if library.lacks_index() {
            self.problems.push(Problem::NoIndex(library.origin));
            return false;
        }
        let index = std::mem::take(&mut library.index);
        let mut joined = false;
        loop {
            let before = joined;
            joined = false;
            for &(id, member) in &index {
                let state = self.resolved.symbols.get(id);
                if state.kind == Kind::Reference
                    || state.kind == Kind::Common && self.gives_value(library, member, id)
                {
                    let reason = Reason::Symbol { id, by: state.file };
                    joined |= self.member(library, member, as_needed, reason);
                }
            }
            if !joined {
                library.index = index;
                return before;
            }
        }
    }

    /// Whether a member defines a symbol that is common so far with a value of its own: for that
    /// a member joins as for a reference.
    fn gives_value(&self, library: &Library<'data>, member: u32, id: SymbolId) -> bool {
        let is_new = library.members.get(member as usize).is_some_and(|member| !member.has_joined);
        if !is_new {
            return false;
        }
        let loaded = library.member(member, self.storage, self.names);
        let Some(Ok(Loaded::Object(object))) = loaded else { return false };
        (object.first_global..).zip(&object.globals).any(|(index, &global)| {
            let symbol = object.symbols.get(index as usize).filter(|_| global == id);
            symbol.is_some_and(|symbol| {
                let is_function = matches!(symbol.kind(), STT_FUNC | STT_GNU_IFUNC);
                matches!(object.place(index, &symbol), Place::Section(_) | Place::Absolute)
                    && !is_function
            })
        })
    }

    /// Looks at the archives of a group until nothing joins; tells whether any member did.
    pub(super) fn group(&mut self, members: &mut [Searched<'data>]) -> bool {
        let mut any = false;
        // Each was looked at once, in its place.
        loop {
            let mut joined = false;
            for member in &mut *members {
                joined |= match member {
                    Searched::Library(library, as_needed) => {
                        !library.lacks_index() && self.library(library, *as_needed)
                    }
                    Searched::Group(inner) => self.group(inner),
                };
            }
            any |= joined;
            if !joined {
                return any;
            }
        }
    }

    /// A member joins, if it did not before; tells whether it did.
    fn member(
        &mut self,
        library: &mut Library<'data>,
        member: u32,
        as_needed: bool,
        reason: Reason,
    ) -> bool {
        if library.members.get(member as usize).is_none_or(|member| member.has_joined) {
            return false;
        }
        if library.member(member, self.storage, self.names).is_none() {
            return false;
        }
        let Some(loaded) = library.take_member(member) else { return false };
        match loaded {
            Ok(loaded) => {
                let origin = library.member_origin(member);
                let (file, item) = (self.next_file(), self.item);
                self.resolved.reasons.push(Joined { file, reason, item });
                self.file(loaded, origin, as_needed);
            }
            Err(fault) => self.fault(library.member_origin(member), &fault),
        }
        true
    }

    fn fault(&mut self, origin: Origin<'data>, fault: &Fault) {
        self.problems.push(Problem::Fault(origin, fault_text(fault)));
    }
}

/// Whether only the values of a file's symbols count (`-R`).
fn is_numbers(file: &InputFile<'_>) -> bool {
    matches!(file, InputFile::Object(object) if object.is_numbers)
}

/// Notes a reference to a symbol.
fn refer(state: &mut State, file: FileId, index: u32, is_weak: bool) {
    match (state.kind, is_weak) {
        (Kind::Unseen, true) => {
            (state.file, state.index, state.kind) = (file, index, Kind::WeakReference);
        }
        (Kind::Unseen | Kind::WeakReference, false) => {
            (state.file, state.index, state.kind) = (file, index, Kind::Reference);
        }
        _ => {}
    }
}
