//! What relocations ask of a global symbol, answered once for each: can the loader bind it
//! elsewhere, is it a number, a function that picks its own address, …

use libelf::raw::{
    STT_FUNC, STT_GNU_IFUNC, STT_OBJECT, STT_TLS, STV_DEFAULT, STV_PROTECTED, SymbolType,
};
use rayon::prelude::*;

use crate::form::Form;
use crate::ids::{SectionId, SymbolId};
use crate::input::object::Place;
use crate::live::Live;
use crate::resolve::{Kind, Resolved, State};
use crate::scan::{NeedTable, Needs};

/// What is true of a symbol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u16);

impl Facts {
    /// The loader settles its address: it is defined by a library, or may be.
    pub const IMPORTED: Self = Self(1 << 0);
    /// It is a number, not an address.
    pub const ABSOLUTE: Self = Self(1 << 1);
    /// A function that is called once to learn the address (`STT_GNU_IFUNC`).
    pub const IFUNC: Self = Self(1 << 2);
    /// Thread-local.
    pub const TLS: Self = Self(1 << 3);
    /// A function.
    pub const FUNCTION: Self = Self(1 << 4);
    /// A weak reference that nothing satisfies: its address is 0.
    pub const UNDEFINED_WEAK: Self = Self(1 << 5);
    /// A reference that nothing satisfies.
    pub const UNDEFINED: Self = Self(1 << 6);
    /// Others may bind to it: it is among the dynamic symbols.
    pub const EXPORTED: Self = Self(1 << 7);
    /// A number that fits 32 bits with a sign.
    pub const SMALL: Self = Self(1 << 8);
    /// A library defines it, but its address is in the program: that of its copy, or of its entry
    /// in the procedure linkage table.
    pub const ADOPTED: Self = Self(1 << 9);
    /// The library that defines it wants no other to take its place (`STV_PROTECTED`).
    pub const PROTECTED: Self = Self(1 << 10);
    /// It is defined in a section that the output does not have.
    pub const LOST: Self = Self(1 << 11);

    /// Whether all facts of `other` hold.
    #[inline]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any fact of `other` holds.
    #[inline]
    pub const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// With those of `other` if `holds`.
    #[must_use]
    pub const fn with(self, other: Self, holds: bool) -> Self {
        if holds { Self(self.0 | other.0) } else { self }
    }

    /// What a program needs to take the address of something in a library as if it were its own.
    pub fn adopted(self) -> Needs {
        if self.has(Self::FUNCTION) {
            Needs::PLT.and(Needs::CANONICAL_PLT)
        } else if self.has_any(Self::UNDEFINED_WEAK) {
            Needs::NONE
        } else {
            Needs::COPY
        }
    }

    fn of_type(kind: SymbolType) -> Self {
        Self::default()
            .with(Self::IFUNC, kind == STT_GNU_IFUNC)
            .with(Self::TLS, kind == STT_TLS)
            .with(Self::FUNCTION, kind == STT_FUNC || kind == STT_GNU_IFUNC)
    }
}

/// What the passes before decided on exports and bindings.
pub trait Binding: Sync {
    /// Whether a definition of the output is among its dynamic symbols.
    fn is_exported(&self, id: SymbolId, state: &State) -> bool;
    /// Whether references of a shared library to its own definition stay inside (`-Bsymbolic`,
    /// `--dynamic-list`).
    fn is_symbolic(&self, id: SymbolId, facts: Facts) -> bool;
}

/// The facts of all symbols, by number. `asks_weak` says whether the loader is asked for weak
/// references that nothing satisfies (`-z [no]dynamic-undefined-weak`).
pub fn collect(
    resolved: &Resolved<'_>,
    live: &Live,
    form: Form,
    binding: &dyn Binding,
    asks_weak: Option<bool>,
) -> Vec<Facts> {
    let count = resolved.symbols.len();
    let asks_weak = asks_weak != Some(false);
    (0..count as u32)
        .into_par_iter()
        .with_min_len(1 << 12)
        .map(|number| of_symbol(resolved, live, form, binding, SymbolId(number), asks_weak))
        .collect()
}

/// Settles the weak references of a program that nothing satisfies: the loader is asked only for
/// those that have a slot which it can fill. Answers whether relocations must be looked at again.
pub fn settle_weak(
    facts: &mut [Facts],
    needs: &NeedTable,
    form: Form,
    asks_weak: Option<bool>,
) -> bool {
    if form.is_shared || asks_weak == Some(true) {
        return false;
    }
    let slot = Needs::GOT.and(Needs::PLT);
    let asked = Facts::UNDEFINED_WEAK.0 | Facts::IMPORTED.0;
    let mut again = false;
    for (number, facts) in (0_u32..).zip(facts) {
        let needed = needs.get(SymbolId(number));
        if facts.0 & asked == asked && !needed.has(slot) {
            facts.0 &= !Facts::IMPORTED.0;
            again |= !needed.is_none();
        }
    }
    again
}

/// Notes the symbols of libraries whose addresses turn out to be in the program, which lies at an
/// address that is known now. Answers whether relocations must be looked at again: words that the
/// loader was to fill hold these addresses then.
pub fn settle_adopted(facts: &mut [Facts], needs: &NeedTable, form: Form) -> bool {
    if form.is_pic || form.is_shared || !form.is_dynamic {
        return false;
    }
    let adopts = Needs::COPY.and(Needs::CANONICAL_PLT);
    let mut again = false;
    for (number, facts) in (0_u32..).zip(facts) {
        let needed = needs.get(SymbolId(number));
        if facts.has(Facts::IMPORTED) && needed.has(adopts) {
            facts.0 |= Facts::ADOPTED.0;
            again |= needed.has(Needs::DYNAMIC);
        }
    }
    again
}

fn of_symbol(
    resolved: &Resolved<'_>,
    live: &Live,
    form: Form,
    binding: &dyn Binding,
    id: SymbolId,
    asks_weak: bool,
) -> Facts {
    let state = resolved.symbols.get(id);
    match state.kind {
        Kind::Unseen => Facts::default(),
        Kind::Reference | Kind::WeakReference => undefined(form, &state, asks_weak),
        Kind::Shared | Kind::WeakShared => {
            if state.visibility() != STV_DEFAULT {
                // Who refers to it wants a definition of the output itself.
                return undefined(form, &state, asks_weak);
            }
            let symbol = resolved.shared_symbol(&state);
            let kind = symbol.map_or(STT_OBJECT, |symbol| symbol.kind());
            let is_protected = symbol.is_some_and(|it| it.visibility() == STV_PROTECTED);
            let facts = Facts::of_type(kind).without_ifunc().with(Facts::IMPORTED, true);
            facts.with(Facts::PROTECTED, is_protected)
        }
        Kind::Common => defined(Facts::default(), form, binding, id, &state),
        Kind::Linker => defined(Facts::default(), form, binding, id, &state),
        Kind::Definition | Kind::WeakDefinition => {
            let symbol = resolved
                .object(state.file)
                .and_then(|object| Some((object, object.symbols.get(state.index as usize)?)));
            let Some((object, symbol)) = symbol else { return Facts::default() };
            let place = object.place(state.index, &symbol);
            let is_absolute = place == Place::Absolute;
            let is_lost = match place {
                Place::Section(index) => !live.contains(SectionId { file: state.file, index }),
                _ => false,
            };
            let is_small = is_absolute && i32::try_from(symbol.value as i64).is_ok();
            let facts = Facts::of_type(symbol.kind()).with(Facts::ABSOLUTE, is_absolute);
            let facts = facts.with(Facts::SMALL, is_small).with(Facts::LOST, is_lost);
            defined(facts, form, binding, id, &state)
        }
    }
}

fn undefined(form: Form, state: &State, asks_weak: bool) -> Facts {
    let is_weak = match state.kind {
        Kind::Reference => false,
        Kind::WeakReference => true,
        _ => !state.is_strong_reference(),
    };
    let is_default = state.visibility() == STV_DEFAULT;
    // A library's references are bound when it is loaded. A program's weak ones are 0 unless a
    // library that is loaded has them.
    let imported = if is_weak {
        is_default && asks_weak && (form.is_shared || form.is_dynamic && form.has_loader)
    } else {
        is_default && form.is_shared
    };
    Facts::default()
        .with(Facts::IMPORTED, imported)
        .with(Facts::UNDEFINED_WEAK, is_weak)
        .with(Facts::UNDEFINED, !is_weak)
}

fn defined(facts: Facts, form: Form, binding: &dyn Binding, id: SymbolId, state: &State) -> Facts {
    let visibility = state.visibility();
    let is_visible = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
    let exported = is_visible && form.is_dynamic && binding.is_exported(id, state);
    let preempted =
        exported && form.is_shared && visibility == STV_DEFAULT && !binding.is_symbolic(id, facts);
    facts.with(Facts::EXPORTED, exported).with(Facts::IMPORTED, preempted)
}

impl Facts {
    /// A library's IFUNC is an ordinary function to others.
    const fn without_ifunc(self) -> Self {
        Self(self.0 & !Self::IFUNC.0)
    }
}
