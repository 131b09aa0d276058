//! Files and archives, one after the other.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use common::Output;
use common::demangle::SymbolNames;
use common::in_order::in_order;
use common::members::{self, Fault, Member, Members, Released};
use common::notices::{notice_lines, printed};
use common::objects::{self, fault_line, say};
use common::targets::Target;
use libdwarf::load::{Backing, Debug, Places};
use libelf::linkview::{LinkView, NotRecognized};
use libelf::map::Bytes;
use libsymtab::lto;

use crate::format::{self, SourceLines, Title};
use crate::lines::Lines;
use crate::lto::LtoObject;
use crate::object::{Failure, Object};
use crate::options::Options;
use crate::text::push_name;

/// What came of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// What there is to list was listed.
    Listed,
    /// It is no file that can be listed.
    Failed,
    /// It is so damaged that nothing more is listed, of no other file either.
    OfRun,
}

/// Members that one thread lists in a row: to hand over each by itself would cost more than to
/// list it.
const BATCH: usize = 8;

/// Lists a file, or says what is wrong with it.
pub fn file(out: &mut Output, options: &Options, path: &[u8], is_one_of_many: bool) -> End {
    let Some(data) = objects::open(out, path) else { return End::Failed };
    if options.target == Target::Unknown {
        say(out, path, "invalid bfd target");
        return End::Failed;
    }
    let title = Title { name: path, archive: None };
    if options.target == Target::Binary {
        format::object_heading(out, options, title, is_one_of_many);
        format::table_heading(out, options, title, NARROW);
        say_no_symbols(out, options, title);
        return End::Listed;
    }
    if let Some(mut members) = Members::open(path, &data) {
        format::archive_heading(out, options, path, is_one_of_many);
        if options.print_armap && !index(out, options, &mut members) {
            return End::OfRun;
        }
        return archive(out, options, path, &data, members);
    }
    let names = &mut format::symbol_names(options);
    match object(out, options, &data, title, path, is_one_of_many, names) {
        Ok(()) => End::Listed,
        Err(NotListed::NotRecognized) => End::Failed,
        Err(NotListed::EndsRun) => End::OfRun,
    }
}

/// What stands before the symbol index of an archive.
const INDEX_HEADING: &[u8] = b"\nArchive index:\n";

/// The digits of values in files of 32 bits.
const NARROW: usize = 8;

/// Prints the symbol index of an archive. `false` if it names what is no member.
fn index(out: &mut Output, options: &Options, members: &mut Members<'_>) -> bool {
    let Some(index) = members.index() else { return true };
    let Ok(symbols) = index.symbols() else {
        out.put(INDEX_HEADING);
        say_no_element(out, &Fault::Malformed.message());
        return false;
    };
    let mut last = None;
    for (number, entry) in symbols.enumerate() {
        if number == 0 {
            out.put(INDEX_HEADING);
        }
        let Ok(entry) = entry else {
            say_no_element(out, &Fault::Malformed.message());
            return false;
        };
        if last.as_ref().is_none_or(|(offset, _)| *offset != entry.member) {
            let member = match members.at(entry.member) {
                Some(member) => member.map_err(|fault| fault.message()),
                None => Err("no more archived files".to_owned()),
            };
            // A member that is a file must be there.
            let opened = member.and_then(|member| match member.contents() {
                Ok(_) => Ok(member.name.into_owned()),
                Err(fault) => Err(fault.message()),
            });
            match opened {
                Ok(name) => last = Some((entry.member, name)),
                Err(message) => {
                    say_no_element(out, &message);
                    return false;
                }
            }
        }
        let buf = out.buf();
        push_name(buf, entry.name, options.unicode);
        buf.extend_from_slice(b" in ");
        push_name(buf, last.as_ref().map_or(b"", |(_, name)| name), options.unicode);
        buf.push(b'\n');
        out.relieve();
    }
    true
}

fn say_no_element(out: &mut Output, message: &str) {
    out.diagnose(format_args!("bfd_get_elt_at_index: {message}"));
}

/// Lists the members of an archive in order.
fn archive(
    out: &mut Output,
    options: &Options,
    path: &[u8],
    data: &Bytes,
    mut members: Members<'_>,
) -> End {
    let mut released = Released::default();
    let mut end = End::Listed;
    // Each thread takes what the last to finish leaves.
    let spare = Mutex::new(Vec::new());
    let spare = || spare.lock().unwrap_or_else(PoisonError::into_inner);
    in_order(
        out,
        |_| {
            let batch: Vec<_> = members.by_ref().take(BATCH).collect();
            (!batch.is_empty()).then(|| (members.offset(), batch))
        },
        |out, (end, batch)| {
            let used = spare().pop();
            let made = || Some(format::symbol_names(options)?.with_repetitions());
            let mut names = used.unwrap_or_else(made);
            let is_whole =
                batch.iter().all(|member| list_member(out, options, path, member, &mut names));
            spare().push(names);
            (end, is_whole)
        },
        |_, (at, is_whole)| {
            if !is_whole {
                end = End::OfRun;
                return ControlFlow::Break(());
            }
            released.up_to(data, at);
            ControlFlow::Continue(())
        },
    );
    end
}

/// Lists a member. `false` if nothing more is listed.
fn list_member(
    out: &mut Output,
    options: &Options,
    path: &[u8],
    member: &Result<Member<'_>, Fault>,
    names: &mut Option<SymbolNames>,
) -> bool {
    let member = match member {
        Ok(member) => member,
        Err(fault) => {
            say(out, path, &fault.message());
            return false;
        }
    };
    let contents = match member.contents() {
        Ok(contents) => contents,
        Err(fault) => {
            say(out, path, &fault.message());
            return false;
        }
    };
    if members::is_archive(&contents) {
        say(out, &member.name, objects::NOT_RECOGNIZED);
        return true;
    }
    let title = Title { name: &member.name, archive: Some(path) };
    let name = objects::member_name(member, path);
    object(out, options, &contents, title, &name, true, names) != Err(NotListed::EndsRun)
}

/// Why an object is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotListed {
    /// It is no object, or one that nothing can be listed of.
    NotRecognized,
    EndsRun,
}

/// Says that the symbols of an object are not all there is; of the first such object alone among
/// those of 32 bits, and among those of 64.
fn say_slim(out: &mut Output, title: Title<'_>, digits: usize) {
    static IS_SAID: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];
    let [narrow, wide] = &IS_SAID;
    out.await_turn();
    let is_said = if digits == NARROW { narrow } else { wide };
    if !is_said.swap(true, Ordering::Relaxed) {
        say(out, title.name, "plugin needed to handle lto object");
    }
}

/// The view of an object; without its sections if it has no symbols that need them.
fn view<'data>(data: &'data [u8], options: &Options) -> Result<LinkView<'data>, NotRecognized> {
    if options.dynamic {
        let view = LinkView::without_sections(data)?;
        if view.dynsym.is_none() {
            return Ok(view);
        }
    }
    LinkView::parse(data)
}

/// Lists an object. `name` is what notices call it.
fn object(
    out: &mut Output,
    options: &Options,
    data: &[u8],
    title: Title<'_>,
    name: &[u8],
    is_one_of_many: bool,
    names: &mut Option<SymbolNames>,
) -> Result<(), NotListed> {
    let is_bitcode = !data.starts_with(&libelf::raw::ELFMAG);
    if is_bitcode && let Some(symbols) = lto::symbols(data) {
        let object = match symbols {
            Ok(symbols) => LtoObject::read(symbols, options),
            Err(fault) => {
                say(out, title.name, &fault.to_string());
                None
            }
        };
        return list_lto(out, options, object, title, is_one_of_many, names);
    }
    let parsed = match view(data, options) {
        // A core file is of another kind, and nothing is said of what is wrong with it.
        Ok(view) if view.is_core => Err(Vec::new()),
        Ok(view) => Ok(view),
        Err(error) => Err(error.notices),
    };
    let view = match parsed {
        Ok(view) => view,
        Err(notices) => {
            let notices = printed(data, notices, false);
            out.put_err(&notice_lines(out.program(), name, &notices));
            say(out, title.name, objects::NOT_RECOGNIZED);
            return Err(NotListed::NotRecognized);
        }
    };
    let Ok(file) = libelf::File::parse(data) else { return Err(NotListed::NotRecognized) };
    if !view.notices.is_empty() {
        let notices = printed(data, view.notices.clone(), true);
        out.put_err(&notice_lines(out.program(), name, &notices));
    }
    if !options.is_elf
        && let Some(symbols) = lto::symbols_of_elf(&file)
    {
        let object = LtoObject::read(symbols, options);
        return list_lto(out, options, object, title, is_one_of_many, names);
    }
    format::object_heading(out, options, title, is_one_of_many);
    let digits = if file.encoding().is_64() { 2 * NARROW } else { NARROW };
    format::table_heading(out, options, title, digits);
    let mut notices = Vec::new();
    let read = Object::read(file, &view, options, &mut notices);
    for notice in &notices {
        out.put_err(&notice_lines(out.program(), name, std::slice::from_ref(notice)));
    }
    let backing = Backing::new();
    let path = Path::new(OsStr::from_bytes(title.archive.unwrap_or(title.name)));
    let debug = options.line_numbers.then(|| Debug::load(file, path, &Places::default(), &backing));
    let lines = debug.as_ref().map(|debug| Lines::new(&file, &view, debug));
    let lines = lines.as_ref().map(|lines| lines as &dyn SourceLines);
    match read {
        Ok(object) => {
            if object.has_slim_mark() {
                say_slim(out, title, digits);
            }
            if format::symbols(out, options, title, &object, names, lines).is_err() {
                say(out, title.name, TOO_MUCH);
                return Err(NotListed::NotRecognized);
            }
        }
        Err(Failure::NoSymbols) => say_no_symbols(out, options, title),
        Err(Failure::NoDynamicSymbols(fault)) => {
            if let Some(fault) = fault {
                out.put_err(&fault_line(out.program(), name, fault));
            }
            say_no_symbols(out, options, title);
        }
        Err(Failure::Unreadable(fault)) => {
            out.put_err(&fault_line(out.program(), name, fault));
            say(out, title.name, NO_SYMBOLS);
            return Err(NotListed::EndsRun);
        }
        Err(Failure::EndlessNames) => {
            say(out, title.name, TOO_MUCH);
            return Err(NotListed::NotRecognized);
        }
        Err(Failure::NotSynthetic(fault)) => {
            let message = match fault {
                Some(fault) => {
                    out.put_err(&fault_line(out.program(), name, fault));
                    "file truncated"
                }
                None => "bad value",
            };
            say(out, title.name, message);
            return Err(NotListed::EndsRun);
        }
    }
    Ok(())
}

/// Lists what a compiler left for the linker to finish.
fn list_lto(
    out: &mut Output,
    options: &Options,
    object: Option<LtoObject<'_>>,
    title: Title<'_>,
    is_one_of_many: bool,
    names: &mut Option<SymbolNames>,
) -> Result<(), NotListed> {
    format::object_heading(out, options, title, is_one_of_many);
    format::table_heading(out, options, title, crate::lto::DIGITS);
    match object.filter(|_| !options.dynamic) {
        Some(object) => {
            // What looks like a version in a name is part of it.
            let options = &Options { versions: true, ..options.clone() };
            if format::symbols(out, options, title, &object, names, None).is_err() {
                say(out, title.name, TOO_MUCH);
                return Err(NotListed::NotRecognized);
            }
        }
        None => say_no_symbols(out, options, title),
    }
    Ok(())
}

const NO_SYMBOLS: &str = "no symbols";
/// What is said of a file that shows the same over and over.
const TOO_MUCH: &str = "names overlap too much to be listed";

fn say_no_symbols(out: &mut Output, options: &Options, title: Title<'_>) {
    if !options.quiet {
        say(out, title.name, NO_SYMBOLS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object with this many symbols, each of them named by the same string.
    fn object_with_shared_name(symbols: usize, string: usize) -> Vec<u8> {
        const SECTION_NAMES: &[u8] = b"\0.symtab\0.strtab\0";
        let header = |name: u32, kind: u32, offset: usize, size: usize, link: u32, entry: u64| {
            let mut header = Vec::new();
            header.extend(name.to_le_bytes());
            header.extend(kind.to_le_bytes());
            header.extend([0; 16]);
            header.extend((offset as u64).to_le_bytes());
            header.extend((size as u64).to_le_bytes());
            header.extend(link.to_le_bytes());
            header.extend(1_u32.to_le_bytes());
            header.extend(1_u64.to_le_bytes());
            header.extend(entry.to_le_bytes());
            header
        };
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(64, 0);
        let symtab = file.len();
        file.extend([0; 24]);
        for _ in 0..symbols {
            // A name, global, of a function, at an absolute address.
            file.extend([1, 0, 0, 0, 0x12, 0, 0xf1, 0xff]);
            file.extend([0; 16]);
        }
        let strtab = file.len();
        file.push(0);
        file.resize(strtab + 1 + string, b'a');
        file.push(0);
        let names = file.len();
        file.extend(SECTION_NAMES);
        let headers = file.len();
        file.extend([0; 64]);
        file.extend(header(1, 2, symtab, strtab - symtab, 2, 24));
        file.extend(header(9, 3, strtab, names - strtab, 0, 0));
        file.extend(header(9, 3, names, SECTION_NAMES.len(), 0, 0));
        let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
        put(16, &[1, 0, 62, 0, 1]);
        put(40, &(headers as u64).to_le_bytes());
        put(52, &[64, 0, 0, 0, 0, 0, 64, 0, 4, 0, 3, 0]);
        file
    }

    /// Whether an object is listed, and what is printed of it.
    fn listed(data: &[u8]) -> (bool, usize, usize) {
        let mut out = Output::process("nm").recorder();
        let title = Title { name: b"file", archive: None };
        let options = Options::default();
        let result = object(&mut out, &options, data, title, b"file", false, &mut None);
        (result.is_ok(), out.recorded_text().len(), out.diagnostics())
    }

    #[test]
    fn names_that_share_their_bytes_without_end_are_not_listed() {
        let line = |name: usize| b"0000000000000000 A \n".len() + name;
        assert_eq!(listed(&object_with_shared_name(3, 1000)), (true, 3 * line(1000), 0));
        // Each is harmless, and so is the file; all together are more than a gigabyte.
        let file = object_with_shared_name(2_000, 600_000);
        assert_eq!(listed(&file), (false, 0, 1));
    }
}
