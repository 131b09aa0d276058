//! What is wrong with a file that GNU's program says, or stops at, before it answers: symbols that
//! cannot be read.

use common::Output;
use common::notices::notice_lines;
use common::objects::{self, fault_line, say};
use libelf::File;
use libelf::compress::{Compressed, Format};
use libelf::linkview::{CommonFault, LinkView, Notice, Symbols, Versions};
use libelf::raw::SHF_COMPRESSED;

/// No answer is given.
#[derive(Clone, Copy, Debug)]
pub struct EndsRun;

/// The symbol table that is asked, as linkers read it: the static one, or else the dynamic one.
/// `None` if there is none of use. Says what is wrong with it.
///
/// # Errors
/// If the static symbols cannot be read at all.
pub fn symbols<'data>(
    out: &mut Output,
    path: &[u8],
    file: &File<'data>,
    view: &LinkView<'data>,
) -> Result<Option<Symbols<'data>>, EndsRun> {
    let mut notices = Vec::new();
    let table = read(file, view, &mut notices);
    for notice in &notices {
        out.put_err(&notice_lines(out.program(), path, std::slice::from_ref(notice)));
    }
    table.map_err(|fault| {
        out.put_err(&fault_line(out.program(), path, fault));
        let message = match fault {
            CommonFault::Truncated => "file truncated",
            CommonFault::NoIndexes { .. } => objects::NOT_RECOGNIZED,
        };
        say(out, path, message);
        EndsRun
    })
}

fn read<'data>(
    file: &File<'data>,
    view: &LinkView<'data>,
    notices: &mut Vec<Notice>,
) -> Result<Option<Symbols<'data>>, CommonFault> {
    if let Some(index) = view.symtab {
        let symbols = Symbols::read(file, index)?;
        // The first says nothing.
        if symbols.table.len() > 1 {
            symbols.note_names(file, notices);
            return Ok(Some(symbols));
        }
    }
    let symbols = view.dynsym.and_then(|index| Symbols::read(file, index).ok());
    let Some(symbols) = symbols.filter(|symbols| symbols.table.len() > 1) else { return Ok(None) };
    if Versions::read(file, symbols.table.len(), notices).is_err() {
        return Ok(None);
    }
    symbols.note_names(file, notices);
    Ok(Some(symbols))
}

/// Whether the sections of debugging information say soundly how large they are once they are
/// unpacked. GNU's program unpacks them as it opens a file, and does not take the file for one
/// that it knows if they do not. What comes behind the header of a section is looked at later.
pub fn can_unpack(file: &File<'_>, view: &LinkView<'_>) -> bool {
    view.sections.iter().filter(|section| !section.flags.is_alloc()).all(|section| {
        let header = file.section(section.header).ok();
        let header = header.filter(|_| section.flags.has_contents());
        let contents = header.and_then(|header| Some((header, file.section_data(&header).ok()?)));
        let Some((header, contents)) = contents else { return true };
        if section.name().starts_with(b".zdebug") {
            return Compressed::parse_zdebug(contents).is_none_or(|packed| is_sound(&packed));
        }
        let is_packed = header.flags & SHF_COMPRESSED.0 != 0;
        if !is_packed || !section.name().starts_with(b".debug") {
            return true;
        }
        // A section without room for a header is not packed.
        Compressed::parse(contents, file.encoding()).map_or(true, |packed| is_sound(&packed))
    })
}

fn is_sound(packed: &Compressed<'_>) -> bool {
    let is_known = matches!(packed.format, Format::Zlib | Format::Zstd);
    let is_aligned = packed.addralign == 0 || packed.addralign.is_power_of_two();
    is_known && is_aligned && u32::try_from(packed.size).is_ok()
}
