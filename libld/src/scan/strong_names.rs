//! Variables that a library defines by several names, as `environ` and `__environ`: whoever refers
//! to the weak name refers to the strong one as well, so that both stay one variable.

use std::collections::BTreeSet;

use libelf::raw::{STB_WEAK, STT_FUNC, STT_GNU_IFUNC};

use super::Needs;
use super::needs::NeedTable;
use crate::ids::FileId;
use crate::input::Shared;
use crate::input::shared::SharedSymbol;
use crate::resolve::{InputFile, Resolved};

/// Lets the strong names of variables be used whose weak ones are.
pub fn use_strong_names(resolved: &Resolved<'_>, needs: &NeedTable) {
    for (number, file) in (0_u32..).zip(&resolved.files) {
        let InputFile::Shared { shared, .. } = file else { continue };
        let file = FileId(number);
        let used = |it: &Variable<'_>| {
            needs.get(it.symbol.id).has(Needs::USED) && it.counts(resolved, file)
        };
        let mut addresses: BTreeSet<u64> =
            variables(shared, true).filter(used).map(|it| it.address).collect();
        if addresses.is_empty() {
            continue;
        }
        for strong in variables(shared, false).filter(|it| it.counts(resolved, file)) {
            if addresses.remove(&strong.address) {
                needs.add(strong.symbol.id, Needs::USED);
            }
        }
    }
}

/// A name of a variable in a library.
struct Variable<'s> {
    symbol: &'s SharedSymbol,
    index: u32,
    address: u64,
}

impl Variable<'_> {
    /// Whether it is this library whose definition of the name counts.
    fn counts(&self, resolved: &Resolved<'_>, file: FileId) -> bool {
        let state = resolved.symbols.get(self.symbol.id);
        state.kind.is_shared() && state.file == file && state.index == self.index
    }
}

/// The weak or the strong names of a library's variables.
fn variables<'s>(shared: &'s Shared<'_>, weak: bool) -> impl Iterator<Item = Variable<'s>> {
    (0_u32..).zip(&shared.symbols).filter_map(move |(index, symbol)| {
        if symbol.is_undefined || symbol.is_hidden {
            return None;
        }
        let entry = shared.table.get(symbol.index as usize)?;
        let is_function = matches!(entry.kind(), STT_FUNC | STT_GNU_IFUNC);
        let fits = !is_function && (entry.binding() == STB_WEAK) == weak;
        fits.then_some(Variable { symbol, index, address: entry.value })
    })
}
