//! Files that are no good, and the files of arguments that command lines name.

use ::tests::corpus::Subset;
use anyhow::{Context, Result};

use super::described;
use super::step::{Folder, Step};

/// Where copies of whole objects are cut: inside the identification, the header, and after.
const CUTS: &[usize] = &[3, 4, 15, 16, 40, 51, 52, 63, 64, 65, 100, 200, 500, 1000];

/// A byte of a header and what it is set to.
const CHANGES: &[(&str, usize, &[u8])] = &[
    ("class-0", 4, &[0]),
    ("class-9", 4, &[9]),
    ("order-0", 5, &[0]),
    ("order-big", 5, &[2]),
    ("version-7", 6, &[7]),
    ("osabi-77", 7, &[77]),
    ("abiversion-5", 8, &[5]),
    ("type-5", 16, &[5, 0]),
    ("type-os", 16, &[0x12, 0xfe]),
    ("type-processor", 16, &[0x12, 0xff]),
    ("machine-0", 18, &[0, 0]),
    ("machine-unknown", 18, &[0xcc, 0xdd]),
    ("e-version-9", 20, &[9, 0, 0, 0]),
    ("phoff-past-end", 32, &[0, 0, 0, 1, 0, 0, 0, 0]),
    ("shoff-past-end", 40, &[0, 0, 0, 1, 0, 0, 0, 0]),
    ("shoff-huge", 40, &[0xff; 8]),
    ("shoff-zero", 40, &[0; 8]),
    ("flags-ff", 48, &[0xff; 4]),
    ("ehsize-1", 52, &[1, 0]),
    ("phentsize-1", 54, &[1, 0]),
    ("phnum-ffff", 56, &[0xff, 0xff]),
    ("shentsize-1", 58, &[1, 0]),
    ("shnum-0", 60, &[0, 0]),
    ("shnum-ffff", 60, &[0xff, 0xff]),
    ("shnum-more", 60, &[0x60, 0]),
    ("shstrndx-0", 62, &[0, 0]),
    ("shstrndx-xindex", 62, &[0xff, 0xff]),
    ("shstrndx-past-end", 62, &[0x70, 0]),
    ("shstrndx-1", 62, &[1, 0]),
];

/// Descriptions of files of other formats, and of next to nothing.
const OTHERS: &str = "tests/odd";

/// The only step.
pub fn steps() -> Vec<Step> {
    let recipe = format!("3{}", described::texts(OTHERS).unwrap_or_default());
    vec![Step::new("made/odd", Subset::Ci, &recipe, make)]
}

fn make(folder: &mut Folder) -> Result<()> {
    described::make_all(folder, OTHERS)?;
    let made = folder.path.parent().context("a parent")?.to_owned();
    let object = std::fs::read(made.join("x86_64/plain.o"))?;
    let program = std::fs::read(made.join("x86_64/user.exe"))?;
    for (kind, bytes) in [("o", &object), ("exe", &program)] {
        for cut in CUTS {
            if let Some(start) = bytes.get(..*cut) {
                folder.write(Subset::Ci, &format!("cut-{cut}.{kind}"), start)?;
            }
        }
        let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
        folder.write(Subset::Ci, &format!("half.{kind}"), half)?;
        for (name, at, new) in CHANGES {
            let mut changed = bytes.clone();
            if let Some(place) = changed.get_mut(*at..at + new.len()) {
                place.copy_from_slice(new);
            }
            folder.write(Subset::Ci, &format!("{name}.{kind}"), &changed)?;
        }
    }
    // Named by command lines; on no list, because they are not read as objects.
    std::fs::write(
        folder.path.join("arguments"),
        "-h 'made/x86_64/plain.o'\n\"made/x86_64/plain.exe\"\n",
    )?;
    std::fs::write(folder.path.join("size-arguments"), "-A made/x86_64/plain.o\n")?;
    std::fs::write(folder.path.join("nm-arguments"), "-P -n made/x86_64/plain.o\n")?;
    Ok(())
}
