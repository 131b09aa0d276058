//! Finds the symbols of random addresses of a file's code, with one library or another.
//!
//! `symtab LIBRARY LOOKUPS FILE` maps the file, makes what the library looks addresses up in, and
//! asks for so many addresses. What is found is summed up, so that nothing is left out: how far
//! the address lies behind the symbol's start, and the length of its name.
//!
//! | library | what answers |
//! |---|---|
//! | `ours` | `libsymtab::AddressIndex`: number, start and name of the symbol |
//! | `ours-once` | `libsymtab::address::nearest`: a look at each symbol |
//! | `ours-numbers` | the same without names |
//! | `object` | `object::SymbolMap` |
//! | `symbolic` | `symbolic_debuginfo::SymbolMap` |
//! | `blazesym` | `blazesym::Symbolizer` for an ELF file without its debugging data, in batches |
#![forbid(unsafe_code)]

use std::error::Error;
use std::hint::black_box;
use std::path::Path;

use libsymtab::{AddressIndex, Source, SymbolTable, address};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How many addresses blazesym is asked for at once: it returns a list.
const BATCH: usize = 10_000;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [library, lookups, path] = words.as_slice() else {
        return Err("usage: symtab LIBRARY LOOKUPS FILE".into());
    };
    let bytes = libelf::map::read(path)?;
    let file = libelf::File::parse(&bytes)?;
    let (_, text) = file.section_by_name(b".text")?.ok_or("no .text")?;
    let addresses = Addresses { state: 0x9e37_79b9_7f4a_7c15, start: text.addr, size: text.size };
    let addresses = addresses.take(lookups.parse()?);
    let sum: u64 = match library.as_str() {
        "ours" => {
            let index = index(&file)?;
            addresses
                .filter_map(|address| {
                    let found = index.lookup(address)?;
                    let name = found.name;
                    Some(address - found.start + name.len() as u64)
                })
                .sum()
        }
        "ours-numbers" => {
            let index = index(&file)?;
            addresses
                .filter_map(|address| {
                    let found = index.lookup(address)?;
                    Some(address - found.start + u64::from(found.id))
                })
                .sum()
        }
        "ours-once" => {
            let table = SymbolTable::of_file(&file, Source::Static)?.ok_or("no symbols")?;
            let options = address::Options::default();
            addresses
                .filter_map(|address| {
                    let found = address::nearest(std::slice::from_ref(&table), address, &options)?;
                    Some(address - found.start + found.name.len() as u64)
                })
                .sum()
        }
        "object" => {
            use object::Object as _;
            let map = object::File::parse(&*bytes)?.symbol_map();
            addresses
                .filter_map(|address| {
                    let found = map.before(address)?;
                    Some(address - found.address() + found.name().len() as u64)
                })
                .sum()
        }
        "symbolic" => {
            let map = symbolic_debuginfo::elf::ElfObject::parse(&bytes)?.symbol_map();
            addresses
                .filter_map(|address| {
                    let found = map.lookup(address)?;
                    Some(address - found.address + found.name()?.len() as u64)
                })
                .sum()
        }
        "blazesym" => blazesym(Path::new(path), addresses)?,
        _ => return Err(format!("{library} is not known").into()),
    };
    println!("{}", black_box(sum));
    Ok(())
}

fn index<'data>(file: &libelf::File<'data>) -> Result<AddressIndex<'data>> {
    let table = SymbolTable::of_file(file, Source::Static)?.ok_or("no symbols")?;
    let index = AddressIndex::build(&[table], &address::Options::default());
    eprintln!("{} bytes for {} symbols", index.size(), index.tables()[0].len());
    Ok(index)
}

fn blazesym(path: &Path, addresses: impl Iterator<Item = u64>) -> Result<u64> {
    use blazesym::symbolize::source::{Elf, Source};
    use blazesym::symbolize::{Input, Symbolizer};
    let symbolizer = Symbolizer::builder().enable_code_info(false).enable_demangling(false).build();
    let mut elf = Elf::new(path);
    elf.debug_syms = false;
    let source = Source::Elf(elf);
    let mut addresses = addresses.peekable();
    let mut sum = 0;
    while addresses.peek().is_some() {
        let batch: Vec<u64> = addresses.by_ref().take(BATCH).collect();
        let found = symbolizer.symbolize(&source, Input::VirtOffset(&batch))?;
        sum += batch
            .iter()
            .zip(&found)
            .filter_map(|(address, found)| {
                let symbol = found.as_sym()?;
                Some(address - symbol.addr + symbol.name.len() as u64)
            })
            .sum::<u64>();
    }
    Ok(sum)
}

/// Random addresses of a section.
struct Addresses {
    state: u64,
    start: u64,
    size: u64,
}

impl Iterator for Addresses {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        // Marsaglia's xorshift.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        Some(self.start + (self.state >> 16) % self.size.max(1))
    }
}
