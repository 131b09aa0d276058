//! The bytes of the output: sections, then what can only be filled once they are written, then
//! the tables that close the file.

use std::iter;

use libelf::Encoding;
use libelf::raw::{ELFOSABI_GNU, ELFOSABI_NONE};

use super::extents::MergedContents;
use super::finish::{PackedFile, fill_eh_frame_hdr, place_of, put_made};
use super::join::Joined;
use super::keep::Kept;
use super::needs::Needs;
use super::{Base, Failed, Sink, binary, or_say};
use crate::diagnostics::Diagnostics;
use crate::dynamic::division::{Dividing, Share};
use crate::dynamic::relocs::{self, DynamicRelocs};
use crate::dynamic::{DynamicSymbols, DynamicTables};
use crate::eh_frame;
use crate::encode::put_word;
use crate::ids::{SectionId, SymbolId};
use crate::layout::Layout;
use crate::layout::gaps::Filled;
use crate::made::{MADE, Made};
use crate::note::build_id::Hashing;
use crate::options::Compression;
use crate::relocatable::relocs::{self as relocs_kept, Finished, RelocInput};
use crate::report::Reporter;
use crate::report::relative::RelativeInput;
use crate::resolve::State;
use crate::scan::{Scanned, facts_of};
use crate::write::headers::{self, HeaderInput, SectionNames, Tail, TailSizes};
use crate::write::room::{Memory, Room};
use crate::write::symtab::{SymtabInput, SymtabPlan, unique_names};
use crate::write::{self, Addresses, WriteInput, Written};

/// What the image is made of.
pub struct ImageInput<'i, 'a> {
    pub base: &'i Base<'i, 'a>,
    pub joined: &'i Joined<'a>,
    pub kept: &'i Kept<'i, 'a>,
    pub needs: &'i Needs,
    /// The tables of the dynamic linker.
    pub dynamic: Option<&'i DynamicTables<'i, 'a>>,
    pub layout: &'i Layout<'a>,
    pub addresses: &'i Addresses<'i, 'a>,
    /// Where the program starts.
    pub entry: u64,
}

/// Writes the output.
///
/// # Errors
/// There is no room for it; that has been said. What else is wrong is only said.
pub fn write_image<'a>(
    input: &ImageInput<'_, 'a>,
    reporter: &mut Reporter<'_, 'a>,
    sink: &mut dyn Sink,
    said: &mut Diagnostics,
) -> Result<(), Failed> {
    let ImageInput { base, joined, kept, needs, layout, addresses, .. } = *input;
    let Base { options, arch, names, .. } = *base;
    let (resolved, form) = (&joined.resolved, joined.form);
    let identity = arch.identity();
    let keeps_relocs = options.output.emit_relocs;
    let is_forced_local = |id: SymbolId, state: &State| kept.exports.is_forced_local(id, state);
    let is_exported = |id: SymbolId, state: &State| kept.exports.is_named(id, state);
    let leaves_numbers =
        |section: SectionId| !options.output.strip_discarded && kept.outputs.get(section).is_none();
    let mut symtab_input = SymtabInput {
        resolved,
        names,
        wanted: &joined.wanted,
        scanned: &needs.scanned,
        addresses,
        strip: options.output.strip,
        discard: options.output.discard,
        retained: kept.retained.as_ref(),
        encoding: identity.encoding,
        form,
        facts: &needs.facts,
        lists_unused: form.is_shared && !options.layout.gc_sections,
        is_exported: &is_exported,
        is_forced_local: &is_forced_local,
        unique: None,
        leaves_numbers: &leaves_numbers,
        keeps_relocs,
    };
    let unique = options.output.unique_symbol_names.then(|| unique_names(&symtab_input));
    symtab_input.unique = unique.as_ref();
    let symtab = SymtabPlan::new(&symtab_input);
    let write_input = WriteInput {
        resolved,
        facts: &needs.facts,
        tables: &needs.tables,
        addresses,
        frames: &kept.frames,
        arch,
        form,
        packs_relative: needs.packs_relative,
        contents: &MergedContents(&kept.merged),
        options,
        keeps_relocs,
    };
    let filled = or_say(Filled::of(layout), said)?;
    // What is packed must be written before it is known where all else lies in the file.
    let mut early = None;
    let how = options.output.compress_debug.unwrap_or(Compression::Nothing);
    if how != Compression::Nothing {
        let size = usize::try_from(layout.file_end).map_err(|_| Failed)?;
        let unpacked = Memory::new(size);
        let outcome = write::write_sections(&write_input, &unpacked);
        let unpacked = unpacked.into_bytes();
        early = Some((PackedFile::new(layout, unpacked, identity.encoding, how), outcome));
    }
    let (early, early_outcome) = early.unzip();
    let file_layout = early.as_ref().map_or(layout, |file: &PackedFile<'_>| &file.layout);
    let output_names = SectionNames::new(file_layout, false);
    let tail_sizes = TailSizes {
        symbols: symtab.size(),
        first_global: symtab.first_global,
        strings: symtab.names_size,
        lacks_headers: !options.output.section_headers,
        ..TailSizes::default()
    };
    let tail = Tail::new(file_layout, tail_sizes, &output_names, identity.encoding);
    let size = usize::try_from(tail.end).map_err(|_| Failed)?;
    let filled = if early.is_some() { Filled::of(file_layout) } else { Ok(filled) };
    let filled = filled.unwrap_or_default();
    let is_binary = base.is_binary();
    let unframed = Memory::new(if is_binary { size } else { 0 });
    let whole: Result<&dyn Room, String> =
        if is_binary { Ok(&unframed) } else { sink.room(options.output.path(), size as u64) };
    let room = or_say(whole, said)?;
    let hashing = options.output.build_id.as_ref();
    let hashing = hashing.map(|id| Hashing::new(room, id, tail.end, &filled));
    let room = hashing.as_ref().map_or(room, |hashing| hashing as &dyn Room);
    if let Some(file) = &early {
        file.write(room);
    }
    let mut outcome = early_outcome.unwrap_or_else(|| write::write_sections(&write_input, room));
    reporter.relocations(&outcome.reports, &|_| true, false, said);
    base.clock.lap("contents");
    if options.x86.report_relative {
        let output = options.output.path().display().to_string();
        let (tables, scanned) = (&needs.tables, &needs.scanned);
        let written = &outcome;
        let input = RelativeInput {
            resolved,
            scanned,
            addresses,
            written,
            tables,
            identity,
            output: &output,
        };
        reporter.relative(&input, said);
    }
    let rewritten = std::mem::take(&mut outcome.rewritten);
    // Most of the first is one thread's work, the second that of all.
    rayon::join(
        || put_made_sections(input, &mut outcome, room, said),
        || symtab.write(&symtab_input, tail.symbols.0, tail.strings.0, room),
    );
    if keeps_relocs {
        let rewritten = rewritten.into_iter().collect();
        let input = RelocInput {
            resolved,
            layout,
            frames: &kept.frames,
            numbers: &symtab.numbers(&symtab_input),
            identity,
            finished: Some(Finished { merged: &kept.merged, rewritten: &rewritten }),
        };
        relocs_kept::write(&input, tail.relocs.0, room);
    }
    if is_binary {
        return write_memory(base, layout, &unframed.into_bytes(), sink, said);
    }
    headers::write(
        &HeaderInput {
            layout: file_layout,
            tail,
            names: &output_names,
            identity,
            kind: options.output.kind,
            os_abi: if symtab.is_gnu { ELFOSABI_GNU } else { ELFOSABI_NONE },
            flags: arch.file_flags(resolved),
            entry: input.entry,
            counts: &|made| count(input.dynamic, made),
        },
        room,
    );
    base.clock.lap("headers, symbol table");
    if let Some(hashing) = &hashing
        && let Some(offset) = place_of(layout, Made::BuildId)
    {
        hashing.write_note(offset, identity.encoding);
    }
    Ok(())
}

/// Writes the bytes of memory alone.
fn write_memory(
    base: &Base<'_, '_>,
    layout: &Layout<'_>,
    image: &[u8],
    sink: &mut dyn Sink,
    said: &mut Diagnostics,
) -> Result<(), Failed> {
    let room = binary::size(layout).and_then(|size| sink.room(base.options.output.path(), size));
    binary::write(layout, image, or_say(room, said)?);
    Ok(())
}

/// `sh_info` of the made sections that count what is in them.
fn count(dynamic: Option<&DynamicTables<'_, '_>>, made: Made) -> Option<u32> {
    let versions = dynamic?.versions;
    match made {
        Made::VerDef => Some(versions.definition_count()),
        Made::VerNeed => Some(versions.need_count()),
        Made::DynSym => Some(1),
        _ => None,
    }
}

/// Fills the sections that the link makes and that rest on what was written.
fn put_made_sections(
    input: &ImageInput<'_, '_>,
    outcome: &mut Written,
    room: &dyn Room,
    said: &mut Diagnostics,
) {
    let ImageInput { base, joined, kept, needs, layout, addresses, .. } = *input;
    let Needs { sizes, tables, scanned, .. } = needs;
    let identity = base.arch.identity();
    let no_symbols = DynamicSymbols::default();
    let symbols = input.dynamic.map_or(&no_symbols, |tables| &tables.symbols);
    let place = |made: Made| place_of(layout, made);

    outcome.dynamic.extend(relocs::of_copies(&tables.copies, |made| addresses.made(made)));
    let [plt_slots, iplt_slots] = [Made::GotPlt, Made::IgotPlt].map(|made| {
        let start = addresses.made(made);
        start..start.saturating_add(sizes.get(made).size)
    });
    let relative = std::mem::take(&mut outcome.relative);
    let found = std::mem::take(&mut outcome.dynamic);
    let sorted = DynamicRelocs::new(relative, found, symbols, plt_slots, iplt_slots);
    let mut relative_count = sorted.relative_count();
    if let Some(division) = &kept.forms.division {
        let dividing = Dividing {
            division,
            resolved: &joined.resolved,
            scanned,
            layout,
            combines: base.options.dynamic.combine_relocs,
            is_rela: identity.is_rela,
        };
        let facts = |target| facts_of(&joined.resolved, &needs.facts, target);
        let shares = dividing.divide(&sorted, |reloc| facts(reloc.target));
        relative_count = shares.iter().map(Share::relative_count).sum();
        for share in &shares {
            share.put(&relocs::table(&share.relocs, symbols, identity), room);
        }
    }
    for (made, relative, list) in [
        (Made::RelaDyn, &sorted.relative[..], &sorted.dynamic),
        (Made::RelaPlt, &[], &sorted.plt),
        (Made::RelaIplt, &[], &sorted.iplt),
    ] {
        let (Some(at), size) = (place(made), sizes.get(made).size) else { continue };
        let started = relocs::write_relative(relative, identity, at, size, room);
        let bytes = relocs::table(list, symbols, identity);
        put_made(room, at.checked_add(started), size.saturating_sub(started), &bytes);
    }
    put_packed(room, scanned, layout, place(Made::Relr), identity.encoding);
    for form in input.dynamic.iter().flat_map(|_| MADE) {
        let resolved = &joined.resolved;
        let bytes = input.dynamic.and_then(|tables| {
            tables.bytes(form.made, identity, resolved, addresses, sizes, relative_count)
        });
        if let Some(bytes) = bytes {
            put_made(room, place(form.made), sizes.get(form.made).size, &bytes);
        }
    }
    let note = &kept.properties.note;
    put_made(room, place(Made::Property), note.len() as u64, note);
    put_made(room, place(Made::Package), needs.package.len() as u64, &needs.package);
    let at = addresses.made(Made::PltFrames);
    let (records, entries) = match place(Made::PltFrames).filter(|_| needs.describes_plt) {
        Some(_) => {
            let start = |made| addresses.made(made);
            eh_frame::plt::records(base.arch.plt(), sizes, at, start, identity.encoding)
        }
        None => Default::default(),
    };
    put_made(room, place(Made::PltFrames), sizes.get(Made::PltFrames).size, &records);
    fill_eh_frame_hdr(input, &entries, room, said);
}

/// Writes `.relr.dyn`, and fills it up where it turned out to be too large.
fn put_packed(
    room: &dyn Room,
    scanned: &Scanned,
    layout: &Layout<'_>,
    place: Option<u64>,
    encoding: Encoding,
) {
    let size = layout.sizes.get(Made::Relr.section());
    let words = relocs::packed(scanned, encoding, |section| layout.address(section, 0));
    let count = size.checked_div(encoding.word_size() as u64).unwrap_or(0);
    let mut bytes = Vec::new();
    let rest = iter::repeat(relocs::EMPTY_BITMAP);
    for value in words.into_iter().chain(rest).take(count as usize) {
        put_word(&mut bytes, value, encoding);
    }
    put_made(room, place, size, &bytes);
}
