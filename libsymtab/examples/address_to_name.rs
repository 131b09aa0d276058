use std::io::Write;

use libelf::debugfile::Search;
use libsymtab::{AddressIndex, Backing, Symbols, address::Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: address_to_name FILE")?;
    let bytes = libelf::map::read(&path)?;
    let file = libelf::File::parse(&bytes)?;
    let (backing, search) = (Backing::new(), Search::default());
    let symbols = Symbols::load(&file, Some((path.as_ref(), &search)), &backing);
    let index = AddressIndex::build(&symbols.tables, &Options::default());
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lines() {
        let address = u64::from_str_radix(line?.trim().trim_start_matches("0x"), 16)?;
        match index.lookup(address) {
            Some(found) => write!(out, "{}+{:#x}", found.name.escape_ascii(), address - found.start)?,
            None => write!(out, "??")?,
        }
        writeln!(out)?;
    }
    Ok(())
}
