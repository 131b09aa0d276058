//! Computed string tables. gABI, chapter 4, "String Table".
//!
//! A table starts with a zero byte, the empty string. Then come the strings of
//! [`Strings::first`], then the names in use that are not there yet. A name that is the end of
//! another string lies in it, unless [`StringOrder::Unshared`] asks for whole ones:
//!
//! ```text
//! names: .text .rela.text main          table: \0 .rela.text\0 main\0
//!                                                      ^ .text
//! ```

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use crate::edit::context::Context;
use crate::edit::error::Owner;

/// A string table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings<'data> {
    /// The strings that it holds in any case, without their closing zero bytes, in order.
    pub first: Vec<Cow<'data, [u8]>>,
    /// The order of the others.
    pub order: StringOrder,
}

/// How the strings of a computed table are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StringOrder {
    /// As they are first used; one that ends another lies in it. GNU as and ld.
    #[default]
    Use,
    /// By their reversed text, the greatest first; one that ends another lies in it. LLVM's
    /// assemblers and objcopy.
    Reversed,
    /// As they are first used, each whole. lld.
    Unshared,
}

/// Compares texts from their last byte to their first.
pub(in crate::edit) fn cmp_reversed(a: &[u8], b: &[u8]) -> Ordering {
    a.iter().rev().cmp(b.iter().rev())
}

/// The most strings that a table is listed as.
const LIST_LIMIT: usize = 1 << 22;

/// The shortest form that makes exactly these bytes with the names in use; `None` if they are no
/// string table.
pub(in crate::edit) fn decode<'data>(
    bytes: &'data [u8],
    names: &[&[u8]],
) -> Option<Strings<'data>> {
    if bytes.first() != Some(&0) || bytes.last() != Some(&0) {
        return None;
    }
    let names = distinct(&[], names);
    let is_right = |strings: &Strings| lay_out(strings, &names) == bytes;
    let may_be = |order: &StringOrder| match order {
        StringOrder::Use => follows(bytes, &names, true),
        StringOrder::Unshared => follows(bytes, &names, false),
        StringOrder::Reversed => is_descending(bytes),
    };
    let orders = [StringOrder::Use, StringOrder::Reversed, StringOrder::Unshared];
    let mut forms = orders
        .into_iter()
        .filter(may_be)
        .map(|order| Strings { first: Vec::new(), order })
        .filter(is_right);
    if let Some(form) = forms.next() {
        return Some(form);
    }
    let list = bytes.get(1..bytes.len().checked_sub(1)?)?;
    if memchr::memchr_iter(0, list).count() >= LIST_LIMIT {
        return None;
    }
    let first = list.split(|&byte| byte == 0).map(Cow::Borrowed).collect();
    let listed = Strings { first, order: StringOrder::Use };
    (build(&listed, &names) == bytes).then_some(listed)
}

/// Whether a table may hold the names in order, some left out if they may share.
fn follows(bytes: &[u8], names: &[&[u8]], may_share: bool) -> bool {
    let mut rest = bytes.get(1..).unwrap_or_default();
    for name in names {
        match rest.strip_prefix(*name).and_then(|rest| rest.strip_prefix(b"\0")) {
            Some(behind) => rest = behind,
            None if may_share => {}
            None => return false,
        }
    }
    rest.is_empty()
}

/// Whether the strings of a table are in the order of [`StringOrder::Reversed`].
fn is_descending(bytes: &[u8]) -> bool {
    let mut before: Option<&[u8]> = None;
    let mut strings = bytes.get(1..).unwrap_or_default().split(|&byte| byte == 0);
    strings.all(|text| {
        let is_behind = before.is_none_or(|before| cmp_reversed(before, text) != Ordering::Less);
        before = Some(text);
        is_behind
    })
}

/// The names that can be strings and are not in `first`, each once.
fn distinct<'a>(first: &'a [Cow<'_, [u8]>], names: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let mut seen: HashSet<&[u8], foldhash::fast::RandomState> =
        HashSet::with_capacity_and_hasher(names.len(), foldhash::fast::RandomState::default());
    seen.extend(first.iter().map(|text| &**text));
    // What holds a zero byte is no string.
    let is_new = |text: &&&'a [u8]| !text.is_empty() && seen.insert(text);
    let new = names.iter().filter(is_new).copied();
    new.filter(|text| memchr::memchr(0, text).is_none()).collect()
}

/// The table of `strings` and the names in use.
pub(in crate::edit) fn build(strings: &Strings, names: &[&[u8]]) -> Vec<u8> {
    lay_out(strings, &distinct(&strings.first, names))
}

/// The table of `strings` and of names that are distinct and not listed.
fn lay_out(strings: &Strings, new: &[&[u8]]) -> Vec<u8> {
    let mut table = vec![0];
    let mut add = |text: &[u8]| {
        table.extend_from_slice(text);
        table.push(0);
    };
    strings.first.iter().for_each(|text| add(text));
    let mut own = match strings.order {
        StringOrder::Unshared => (0..new.len()).collect(),
        StringOrder::Use | StringOrder::Reversed => whole_ones(&strings.first, new),
    };
    if strings.order == StringOrder::Use {
        own.sort_unstable();
    }
    own.iter().filter_map(|&index| new.get(index)).for_each(|text| add(text));
    table
}

/// Of `new` those, by their index, that are not the end of another string; the greatest reversed
/// text first.
fn whole_ones(first: &[Cow<'_, [u8]>], new: &[&[u8]]) -> Vec<usize> {
    if new.is_empty() {
        return Vec::new();
    }
    let mut sorted: Vec<(u64, &[u8], usize)> = first
        .iter()
        .map(|text| (&**text, usize::MAX))
        .chain(new.iter().copied().zip(0..))
        .map(|(text, index)| (last_bytes(text), text, index))
        .collect();
    sorted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| cmp_reversed(b.1, a.1)));
    // A string that ends others comes right behind them.
    let mut whole = Vec::new();
    let mut host: &[u8] = &[];
    for (_, text, index) in sorted {
        if index != usize::MAX && host.ends_with(text) {
            continue;
        }
        host = text;
        if index != usize::MAX {
            whole.push(index);
        }
    }
    whole
}

/// The last eight bytes as a number that orders as the reversed text does, as far as they go.
fn last_bytes(text: &[u8]) -> u64 {
    text.iter()
        .rev()
        .take(8)
        .zip((0..8).rev())
        .fold(0, |key, (&byte, place)| key | u64::from(byte) << (8 * place))
}

/// The bytes of the owner's computed table.
pub(super) fn encode<'a>(context: &Context<'a, '_>) -> &'a [u8] {
    match context.owner {
        Owner::Section(id) => context.tables.bytes(id),
        Owner::Segment(_) => &[],
    }
}
