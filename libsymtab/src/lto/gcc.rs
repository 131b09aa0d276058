//! Symbols of GCC's LTO objects.
//!
//! A section whose name starts with `.gnu.lto_.symtab` lists symbols, one after the other:
//!
//! | field | bytes |
//! |---|---|
//! | name | up to a zero byte |
//! | key of the COMDAT group | up to a zero byte |
//! | kind: defined, weak, undefined, weak undefined, common | 1 |
//! | visibility: default, protected, internal, hidden | 1 |
//! | size | 8 |
//! | number in the compiler's own tables | 4 |
//!
//! From GCC 10 on, a section `.gnu.lto_.ext_symtab*` tells more: a byte with its version, 1, and for
//! each symbol two bytes, whether it is a function (1) or a variable (2), and whether that starts
//! as zeros (1).
//!
//! The numbers are in the byte order of the machine that the compiler ran on, which the file does
//! not tell; they are read as little-endian.
//!
//! A relocatable link without a plugin leaves several tables. Of the symbols of one name, those in
//! the other tables are hidden by the best: the first that is defined or common, else the first
//! that is weak, else the first.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use libelf::File;
use libelf::raw::{SHF_ALLOC, SHT_PROGBITS};

use super::{Contents, Fault, Kind, LtoSymbol, Visibility};

/// How the names of tables start.
const TABLE: &[u8] = b".gnu.lto_.symtab";
/// How the names of their extensions start.
const EXTENSION: &[u8] = b".gnu.lto_.ext_symtab";
/// The version of extensions.
const EXTENSION_VERSION: u8 = 1;
/// The bytes of size and number at the end of a symbol.
const SIZE_AT: usize = 2;
const TAIL: usize = 14;
/// More symbols than these are not compared by name: all are listed.
const MOST_COMPARED: usize = 1 << 21;

/// One table, as far as it is not read yet.
#[derive(Clone, Debug)]
struct Table<'data> {
    rest: &'data [u8],
    /// Two bytes for each symbol.
    extension: &'data [u8],
}

/// The symbols of all tables of an object.
#[derive(Clone, Debug)]
pub struct Symbols<'data> {
    /// The tables that are not read yet, the next one last.
    tables: Vec<Table<'data>>,
    /// Which symbols are listed, by their place among all; none if all are.
    listed: Option<Vec<bool>>,
    place: usize,
}

/// The symbols of an ELF file, or `None` if it has none for GCC's plugin.
pub fn symbols<'data>(file: &File<'data>) -> Option<Symbols<'data>> {
    let names = file.section_names().ok()?;
    let mut tables: Vec<Table<'data>> = Vec::new();
    for header in file.section_headers().ok()?.iter() {
        // What programs load is no compiler's own, and its names, which are many, cost time.
        if header.flags & SHF_ALLOC.0 != 0 || header.kind != SHT_PROGBITS {
            continue;
        }
        // Where the name ends is no matter.
        let name = names.bytes().get(header.name as usize..).unwrap_or_default();
        let contents = || {
            let start = usize::try_from(header.offset).ok()?;
            let size = usize::try_from(header.size).ok()?;
            file.data().get(start..)?.get(..size)
        };
        if name.starts_with(TABLE) {
            tables.push(Table { rest: contents().unwrap_or_default(), extension: &[] });
        } else if name.starts_with(EXTENSION)
            && let Some(table) = tables.last_mut()
            && let Some((&EXTENSION_VERSION, symbols)) = contents().and_then(<[u8]>::split_first)
        {
            table.extension = symbols;
        }
    }
    if tables.is_empty() {
        return None;
    }
    // Half an extension is none.
    for table in &mut tables {
        if table.extension.len() / 2 < table.clone().count() {
            table.extension = &[];
        }
    }
    let listed = if tables.len() > 1 { listed(&tables) } else { None };
    tables.reverse();
    Some(Symbols { tables, listed, place: 0 })
}

/// Which symbols of several tables are listed.
fn listed(tables: &[Table<'_>]) -> Option<Vec<bool>> {
    let mut best: HashMap<&[u8], (u8, usize), FixedState> = HashMap::default();
    let mut listed = Vec::new();
    for symbol in tables.iter().flat_map(Clone::clone) {
        let Ok(symbol) = symbol else {
            listed.push(true);
            continue;
        };
        let place = listed.len();
        if place >= MOST_COMPARED {
            return None;
        }
        listed.push(true);
        let rank = match symbol.kind {
            Kind::Defined | Kind::Common => 2,
            Kind::WeakDefined => 1,
            Kind::Undefined | Kind::WeakUndefined => 0,
        };
        let (best_rank, best_place) = best.entry(symbol.name).or_insert((rank, place));
        if *best_place == place {
            continue;
        }
        let loser = if rank > *best_rank {
            *best_rank = rank;
            std::mem::replace(best_place, place)
        } else {
            place
        };
        if let Some(is_listed) = listed.get_mut(loser) {
            *is_listed = false;
        }
    }
    Some(listed)
}

impl<'data> Table<'data> {
    fn text(&mut self) -> Option<&'data [u8]> {
        let end = memchr::memchr(0, self.rest)?;
        let text = self.rest.get(..end)?;
        self.rest = self.rest.get(end + 1..)?;
        Some(text)
    }

    /// Reads the next symbol. Numbers at the very end that are cut count as 0.
    fn symbol(&mut self) -> Result<LtoSymbol<'data>, Fault> {
        let name = self.text().ok_or(Fault::Truncated)?;
        let comdat = self.text().ok_or(Fault::Truncated)?;
        let (tail, rest) = self.rest.split_at_checked(TAIL).unwrap_or((self.rest, &[]));
        self.rest = rest;
        let kind = match *tail.first().ok_or(Fault::Truncated)? {
            0 => Kind::Defined,
            1 => Kind::WeakDefined,
            2 => Kind::Undefined,
            3 => Kind::WeakUndefined,
            4 => Kind::Common,
            other => return Err(Fault::Kind(other)),
        };
        let visibility = match tail.get(1) {
            Some(1) => Visibility::Protected,
            Some(2) => Visibility::Internal,
            Some(3) => Visibility::Hidden,
            _ => Visibility::Default,
        };
        let size = tail.get(SIZE_AT..).and_then(|size| size.first_chunk());
        let size = size.map_or(0, |size| u64::from_le_bytes(*size));
        let contents = match self.extension {
            [1, _, ..] => Contents::Function,
            [2, 1, ..] => Contents::Zeros,
            [2, _, ..] => Contents::Data,
            _ => Contents::Unknown,
        };
        self.extension = self.extension.get(2..).unwrap_or_default();
        Ok(LtoSymbol { name, comdat, kind, visibility, contents, size })
    }
}

impl<'data> Iterator for Table<'data> {
    type Item = Result<LtoSymbol<'data>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let symbol = self.symbol();
        if symbol.is_err() {
            self.rest = &[];
        }
        Some(symbol)
    }
}

impl<'data> Iterator for Symbols<'data> {
    type Item = Result<LtoSymbol<'data>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(symbol) = self.tables.last_mut()?.next() else {
                self.tables.pop();
                continue;
            };
            let is_listed = self.listed.as_ref().and_then(|listed| listed.get(self.place).copied());
            self.place += 1;
            if is_listed.unwrap_or(true) {
                return Some(symbol);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: u8, visibility: u8, size: u64) -> Vec<u8> {
        let head = [name.as_bytes(), &[0, 0, kind, visibility]].concat();
        [&head[..], &size.to_le_bytes(), &[0; 4]].concat()
    }

    fn names(tables: Vec<Table<'_>>) -> String {
        let listed = listed(&tables);
        let tables = tables.into_iter().rev().collect();
        let symbols = Symbols { tables, listed, place: 0 };
        let text = |symbol: Result<LtoSymbol<'_>, Fault>| match symbol {
            Ok(symbol) => {
                format!("{}{}", char::from(symbol.letter()), symbol.name.escape_ascii())
            }
            Err(fault) => fault.to_string(),
        };
        symbols.map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn fields_are_read() {
        let bytes = [entry("a", 0, 3, 0), entry("b", 4, 0, 400), entry("c", 3, 1, 0)].concat();
        let table = Table { rest: &bytes, extension: &[2, 1, 2, 1, 1, 0] };
        let found: Vec<_> = table.map(Result::unwrap).collect();
        assert_eq!(found[0].visibility, Visibility::Hidden);
        assert_eq!((found[1].kind, found[1].size), (Kind::Common, 400));
        assert_eq!(found[2].contents, Contents::Function);
        let letters: Vec<_> = found.iter().map(LtoSymbol::letter).collect();
        assert_eq!(letters, b"BCw");
    }

    #[test]
    fn what_is_cut_is_read_as_far_as_it_goes() {
        let whole = entry("ab", 1, 0, 0);
        for (length, wanted) in [
            (18, "Wab"),
            (6, "Wab"),
            (5, "Wab"),
            (4, "LTO symbol table is truncated"),
            (2, "LTO symbol table is truncated"),
            (0, ""),
        ] {
            let table = Table { rest: &whole[..length], extension: &[] };
            assert_eq!(names(vec![table]), wanted, "{length}");
        }
        let bytes = [entry("a", 5, 0, 0), entry("b", 0, 0, 0)].concat();
        let table = Table { rest: &bytes, extension: &[] };
        assert_eq!(names(vec![table]), "LTO symbol has the unknown kind 5");
    }

    #[test]
    fn the_best_of_several_tables_is_listed() {
        let table = |symbols: &[(&str, u8)]| {
            symbols.iter().flat_map(|(name, kind)| entry(name, *kind, 0, 0)).collect::<Vec<u8>>()
        };
        for (first, second, wanted) in [
            (2, 0, "Tp Tq Tx Tr"),
            (0, 2, "Tp Tx Tq Tr"),
            (1, 0, "Tp Tq Tx Tr"),
            (0, 4, "Tp Tx Tq Tr"),
            (4, 0, "Tp Cx Tq Tr"),
            (1, 4, "Tp Tq Cx Tr"),
            (3, 2, "Tp wx Tq Tr"),
            (2, 1, "Tp Tq Wx Tr"),
        ] {
            let one = table(&[("p", 0), ("x", first)]);
            let two = table(&[("q", 0), ("x", second), ("r", 0)]);
            let tables = [&one, &two].map(|rest| Table { rest, extension: &[] });
            assert_eq!(names(tables.to_vec()), wanted, "{first} {second}");
        }
    }
}
