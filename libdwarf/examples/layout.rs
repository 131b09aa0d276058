//! Prints the layout of each structure, union and class of a file that has a given name, with the
//! holes between members, and the declarations of all functions.

#![expect(non_upper_case_globals, reason = "constants are named as the standard names them")]

use libdwarf::load::{Backing, Debug, Places};
use libdwarf::walk::{
    DW_TAG_class_type, DW_TAG_structure_type, DW_TAG_subprogram, DW_TAG_union_type, Entry, Walk,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "usage: layout FILE TYPE";
    let path = std::env::args_os().nth(1).ok_or(usage)?;
    let wanted = std::env::args().nth(2).ok_or(usage)?;
    let bytes = libelf::map::read(&path)?;
    let file = libelf::File::parse(&bytes)?;
    let backing = Backing::new();
    let debug = Debug::load(file, path.as_ref(), &Places::default(), &backing);
    let walk = Walk::new(&debug)?;
    for unit in walk.units() {
        let mut entries = unit.entries()?;
        while let Some(entry) = entries.next()? {
            match entry.tag() {
                DW_TAG_structure_type | DW_TAG_union_type | DW_TAG_class_type
                    if entry.has_children() && entry.name()? == Some(wanted.as_bytes()) =>
                {
                    show(&entry)?;
                }
                DW_TAG_subprogram if !entry.ranges()?.is_empty() => {
                    println!("{};", entry.own_declaration()?);
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn show(entry: &Entry) -> Result<(), Box<dyn std::error::Error>> {
    let layout = entry.layout()?;
    println!("{} {{", entry.declaration(b"")?);
    let mut end = 0;
    for member in layout.members {
        if member.offset > end {
            println!("  /* {end:4} {:4} a hole */", member.offset - end);
        }
        println!("  /* {:4} {:4} */ {};", member.offset, member.size, member.declaration);
        end = end.max(member.offset.saturating_add(member.size));
    }
    println!("}}; /* {} bytes */", layout.size);
    Ok(())
}
