//! `--cref`: global symbols and the files that mention them.
//!
//! ```text
//! Symbol                                            File
//! f                                                 lib.a(f.o)      the file that defines it
//!                                                   main.o          and those that refer to it
//! ```

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::diagnostics::visible;
use crate::ids::{FileId, SymbolId};
use crate::input::object::Place;
use crate::names::Names;
use crate::options::Options;
use crate::resolve::{InputFile, Resolved};
use crate::symbols::{Standard, StandardSymbols};

/// Where the names of files stand.
const FILE: usize = 50;

/// What a file does with a symbol, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mention {
    Definition,
    Common,
    Reference,
}

/// By symbol, the files that mention it.
type Mentions = HashMap<SymbolId, Vec<(Mention, FileId)>, RandomState>;

/// What the table is made of.
pub struct CrossInput<'c, 'data> {
    /// Files and symbols.
    pub resolved: &'c Resolved<'data>,
    /// Names of symbols.
    pub names: &'c Names<'data>,
    /// What the command line asks for.
    pub options: &'c Options,
    /// What the link itself defines.
    pub standard: &'c StandardSymbols,
}

/// The table, with a newline at the end of each line.
pub fn table(input: &CrossInput<'_, '_>) -> Vec<u8> {
    let mut mentions = of_objects(input);
    add_libraries(input, &mut mentions);
    let mut rows = Vec::with_capacity(mentions.len());
    for (id, mut files) in mentions {
        // Of one kind, the file that joined last comes first.
        files.sort_unstable_by_key(|&(mention, file)| (mention, std::cmp::Reverse(file)));
        rows.push((shown(input, id), files));
    }
    rows.sort_unstable();
    let mut out = b"\nCross Reference Table\n\nSymbol".to_vec();
    pad(&mut out, FILE - "Symbol".len());
    out.extend_from_slice(b"File\n");
    for (name, files) in rows {
        out.extend_from_slice(&name);
        pad(&mut out, FILE.saturating_sub(name.len()).max(1));
        for (number, (_, file)) in files.iter().enumerate() {
            if number != 0 {
                pad(&mut out, FILE);
            }
            out.extend_from_slice(file_name(input, *file).as_bytes());
            out.push(b'\n');
        }
    }
    out
}

fn pad(out: &mut Vec<u8>, blanks: usize) {
    out.resize(out.len().saturating_add(blanks), b' ');
}

fn file_name(input: &CrossInput<'_, '_>, file: FileId) -> String {
    match input.resolved.file(file) {
        Some(InputFile::Object(object)) => object.origin.to_string(),
        Some(InputFile::Shared { shared, .. }) => shared.origin.to_string(),
        _ => String::new(),
    }
}

fn shown(input: &CrossInput<'_, '_>, id: SymbolId) -> Vec<u8> {
    let name = input.names.name(id);
    let mut text = Vec::new();
    if input.options.report.demangle.is_none() || !super::demangle(name, &mut text) {
        visible(&mut text, name);
    }
    text
}

fn of_objects(input: &CrossInput<'_, '_>) -> Mentions {
    let mut mentions = Mentions::default();
    let resolved = input.resolved;
    for (file, object) in resolved.objects() {
        for (index, &id) in (object.first_global..).zip(&object.globals) {
            let Some(symbol) = object.symbols.get(index as usize) else { continue };
            let state = resolved.symbols.get(id);
            let mention = match object.place(index, &symbol) {
                Place::Undefined => Mention::Reference,
                Place::Section(section) if resolved.is_discarded(file, section) => {
                    Mention::Reference
                }
                Place::Common => Mention::Common,
                // Of several weak definitions one counts.
                _ if state.file != file => continue,
                _ => Mention::Definition,
            };
            if id != SymbolId::NONE {
                mentions.entry(id).or_default().push((mention, file));
            }
        }
    }
    // What the link makes belongs to the first file.
    if let Some((owner, _)) = resolved.objects().next() {
        for (id, standard) in input.standard.iter() {
            if matches!(standard, Standard::Dynamic | Standard::Got) {
                let files = mentions.entry(id).or_default();
                files.retain(|&(_, file)| file != owner);
                files.push((Mention::Definition, owner));
            }
        }
    }
    mentions
}

/// Adds what libraries refer to, and what they define if an object mentions it.
fn add_libraries(input: &CrossInput<'_, '_>, mentions: &mut Mentions) {
    for (number, file) in (0_u32..).zip(&input.resolved.files) {
        let InputFile::Shared { shared, .. } = file else { continue };
        for symbol in &shared.symbols {
            if symbol.is_undefined {
                mentions.entry(symbol.id).or_default().push((Mention::Reference, FileId(number)));
            } else if !symbol.is_hidden
                && input.resolved.symbols.get(symbol.id).file == FileId(number)
                && let Some(files) = mentions.get_mut(&symbol.id)
            {
                files.push((Mention::Definition, FileId(number)));
            }
        }
    }
}
