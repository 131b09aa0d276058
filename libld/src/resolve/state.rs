//! What is known of each global symbol while files join the link, and after.

use libelf::raw::{
    STB_GLOBAL, STB_WEAK, STV_DEFAULT, STV_HIDDEN, STV_INTERNAL, STV_PROTECTED, SymbolBind,
    SymbolVisibility,
};

use crate::ids::{FileId, SymbolId};

/// How far a symbol is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nobody spoke of it, or only an archive's index.
    #[default]
    Unseen,
    /// Only weak references.
    WeakReference,
    /// A reference, and no definition.
    Reference,
    /// Space to be allocated.
    Common,
    /// A weak definition of an object.
    WeakDefinition,
    /// A definition of an object.
    Definition,
    /// A weak definition of a shared library.
    WeakShared,
    /// A definition of a shared library.
    Shared,
    /// Defined by the link itself: a script, an option, a table that is made.
    Linker,
}

impl Kind {
    /// Whether the definition becomes part of the output.
    pub const fn is_regular(self) -> bool {
        matches!(self, Self::Common | Self::WeakDefinition | Self::Definition | Self::Linker)
    }

    /// Whether a shared library defines it.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::WeakShared | Self::Shared)
    }

    /// Whether nothing defines it.
    pub const fn is_undefined(self) -> bool {
        matches!(self, Self::Unseen | Self::WeakReference | Self::Reference)
    }
}

/// What is known of a symbol.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// The file that defines it, or that referred to it first.
    pub file: FileId,
    /// The index in that file's symbol table; of a shared library in
    /// [`crate::input::Shared::symbols`].
    pub index: u32,
    /// How far it is known.
    pub kind: Kind,
    flags: u8,
    /// Whether the first file that spoke of it called it thread-local.
    pub is_tls: bool,
    /// Whether a library's definition was refused, as objects refer to a symbol of the output alone.
    pub is_refused: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            file: FileId(0),
            index: 0,
            kind: Kind::Unseen,
            flags: 0,
            is_tls: false,
            is_refused: false,
        }
    }
}

/// An object refers to the symbol or defines it.
const IN_OBJECT: u8 = 1 << 0;
/// A shared library refers to it.
const SHARED_REFERENCE: u8 = 1 << 1;
/// A shared library defines it, whether or not that definition counts.
const SHARED_DEFINITION: u8 = 1 << 2;
/// An object refers to it, and not weakly.
const STRONG_REFERENCE: u8 = 1 << 3;
/// An object refers to it.
const OBJECT_REFERENCE: u8 = 1 << 4;
/// A script of the user or `--defsym` assigns it.
const ASSIGNED: u8 = 1 << 5;
/// The two bits of the visibility: default 0, protected 1, hidden 2, internal 3, so that the
/// greater one constrains more. gABI, chapter 4, "Symbol Visibility".
const VISIBILITY_SHIFT: u32 = 6;

macro_rules! flags {
    ($($(#[$doc:meta])* $get:ident, $set:ident: $bit:ident;)*) => {
        $(
            $(#[$doc])*
            pub const fn $get(&self) -> bool {
                self.flags & $bit != 0
            }

            pub(crate) const fn $set(&mut self) {
                self.flags |= $bit;
            }
        )*
    };
}

impl State {
    flags! {
        /// Whether an object refers to the symbol or defines it.
        is_in_object, set_in_object: IN_OBJECT;
        /// Whether a shared library refers to it.
        is_shared_reference, set_shared_reference: SHARED_REFERENCE;
        /// Whether a shared library defines it, also if that definition does not count.
        is_shared_definition, set_shared_definition: SHARED_DEFINITION;
        /// Whether an object refers to it other than weakly.
        is_strong_reference, set_strong_reference: STRONG_REFERENCE;
        /// Whether an object refers to it.
        is_object_reference, set_object_reference: OBJECT_REFERENCE;
        /// Whether a script of the user or `--defsym` assigns it.
        is_assigned, set_assigned: ASSIGNED;
    }

    /// Whether any file spoke of it.
    pub const fn is_in_file(&self) -> bool {
        self.flags & (IN_OBJECT | SHARED_REFERENCE | SHARED_DEFINITION) != 0
    }

    /// Whether an object and a library refer to it, and nothing that is linked defines it: a library
    /// that is loaded later may.
    pub fn is_missed_twice(&self) -> bool {
        self.kind == Kind::Reference
            && self.is_shared_reference()
            && self.is_strong_reference()
            && !self.is_own()
    }

    /// Whether only the output itself may define it.
    pub fn is_own(&self) -> bool {
        self.visibility() != STV_DEFAULT
    }

    /// The visibility that constrains most, of all that objects say.
    pub const fn visibility(&self) -> SymbolVisibility {
        match self.flags >> VISIBILITY_SHIFT {
            0 => STV_DEFAULT,
            1 => STV_PROTECTED,
            2 => STV_HIDDEN,
            _ => STV_INTERNAL,
        }
    }

    /// The binding of a reference to the symbol: weak only if all references of objects are.
    pub fn reference_bind(&self) -> SymbolBind {
        let is_weak = self.kind == Kind::WeakReference
            || self.is_object_reference() && !self.is_strong_reference();
        if is_weak { STB_WEAK } else { STB_GLOBAL }
    }

    /// Constrains the visibility to at most `visibility`.
    pub fn constrain(&mut self, visibility: SymbolVisibility) {
        let rank = match visibility {
            STV_DEFAULT => 0,
            STV_PROTECTED => 1,
            STV_HIDDEN => 2,
            _ => 3,
        };
        let kept = self.flags >> VISIBILITY_SHIFT;
        self.flags = self.flags & !(3 << VISIBILITY_SHIFT) | kept.max(rank) << VISIBILITY_SHIFT;
    }
}

/// The states of all symbols.
#[derive(Default)]
pub struct Symbols {
    states: Vec<State>,
}

impl Symbols {
    /// What is known of a symbol.
    #[inline]
    pub fn get(&self, id: SymbolId) -> State {
        self.states.get(id.index()).copied().unwrap_or_default()
    }

    /// The same, to be changed; room for new numbers is made. `None` for a symbol that is none.
    #[inline]
    pub fn get_mut(&mut self, id: SymbolId) -> Option<&mut State> {
        if id == SymbolId::NONE {
            return None;
        }
        if id.index() >= self.states.len() {
            self.reserve((id.index() + 1).next_power_of_two());
        }
        self.states.get_mut(id.index())
    }

    /// Makes room for numbers below `bound`.
    pub fn reserve(&mut self, bound: usize) {
        if bound > self.states.len() {
            self.states.resize(bound, State::default());
        }
    }

    /// A bound above all numbers.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether there are no symbols.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// All symbols that anybody spoke of, in the order of their numbers: no order to print.
    pub fn iter(&self) -> impl Iterator<Item = (SymbolId, &State)> {
        let all = (0_u32..).zip(&self.states).map(|(number, state)| (SymbolId(number), state));
        all.filter(|(_, state)| state.kind != Kind::Unseen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visibility_that_constrains_most_counts() {
        let mut state = State::default();
        state.set_shared_reference();
        state.constrain(STV_PROTECTED);
        assert_eq!(state.visibility(), STV_PROTECTED);
        state.constrain(STV_INTERNAL);
        state.constrain(STV_HIDDEN);
        state.constrain(STV_DEFAULT);
        assert_eq!(state.visibility(), STV_INTERNAL);
        assert!(state.is_shared_reference() && !state.is_in_object());
    }
}
