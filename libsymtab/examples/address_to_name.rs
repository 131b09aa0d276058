//! Reads addresses, one a line, and writes the functions of a file that they lie in.

use libelf::debugfile::Search;
use libsymtab::{AddressIndex, Backing, Symbols, address::Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: address_to_name FILE")?;
    let bytes = libelf::map::read(&path)?;
    let file = libelf::File::parse(&bytes)?;
    let (backing, search) = (Backing::new(), Search::default());
    let symbols = Symbols::load(&file, Some((path.as_ref(), &search)), &backing);
    let index = AddressIndex::build(&symbols.tables, &Options::default());
    for line in std::io::stdin().lines() {
        let address = u64::from_str_radix(line?.trim().trim_start_matches("0x"), 16)?;
        match index.lookup(address) {
            Some(found) => println!("{}+{:#x}", found.name.escape_ascii(), address - found.start),
            None => println!("??"),
        }
    }
    Ok(())
}
