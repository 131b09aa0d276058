//! The passes of `-r` behind those that it shares with other links.

use libelf::raw::{ELFOSABI_GNU, ELFOSABI_NONE, SHF_EXECINSTR, SHF_GROUP};

use super::entry::entry;
use super::extents::Extents;
use super::finish::{place_of, put_made};
use super::listings::list;
use super::outputs::Outputs;
use super::{Delivery, Failed, or_say};
use crate::arch::Arch;
use crate::commons::Commons;
use crate::diagnostics::Diagnostics;
use crate::eh_frame::Frames;
use crate::ids::SymbolId;
use crate::input::Loads;
use crate::layout::form::Forms;
use crate::layout::gaps::Filled;
use crate::layout::plan::Plan;
use crate::layout::{self, Layout, Request};
use crate::live::Live;
use crate::made::{Made, MadeSizes};
use crate::merge::Merged;
use crate::names::Names;
use crate::note::build_id::{self, Hashing};
use crate::note::property::Properties;
use crate::note::stack::{self, Stack};
use crate::options::Options;
use crate::relocatable::groups;
use crate::relocatable::relocs::{self, RelocInput};
use crate::relocatable::symbols::{self, Retained, SymbolInput};
use crate::relocatable::{contents, tables};
use crate::report::map::MapInput;
use crate::report::{DebugFiles, Reporter};
use crate::resolve::Resolved;
use crate::script::matching::Matched;
use crate::scripts::Scripts;
use crate::storage::Storage;
use crate::symbols::StandardSymbols;
use crate::write::headers::{self, HeaderInput, SectionNames, Tail, TailSizes};
use crate::write::room::Room;

/// What the passes before have found.
pub struct ObjectLink<'a, 'data> {
    pub options: &'a Options,
    pub arch: &'static dyn Arch,
    pub resolved: &'a Resolved<'data>,
    pub names: &'a Names<'data>,
    /// Symbols that are undefined from the start.
    pub wanted: &'a [SymbolId],
    pub plan: Plan<'data>,
    pub matched: Matched,
    pub forms: &'a Forms<'a, 'data>,
    pub live: &'a Live,
    pub frames: &'a Frames<'data>,
    pub merged: &'a Merged<'data>,
    pub properties: &'a Properties,
    pub retained: Option<Retained>,
    pub commons: &'a Commons,
    pub scripts: &'a Scripts<'data>,
    /// Where messages find source lines.
    pub debug_files: &'a DebugFiles<'data>,
    /// What keeps names that are made.
    pub storage: &'data Storage,
    /// What was read.
    pub loads: &'a Loads<'data>,
    /// Which output section takes each input section.
    pub outputs: &'a Outputs,
    /// The name of the symbol where a program would start.
    pub entry_name: Option<&'a [u8]>,
}

/// Writes a relocatable object.
///
/// # Errors
/// What was said has an error in it.
pub fn link(
    mut link: ObjectLink<'_, '_>,
    delivery: Delivery<'_, '_>,
    said: &mut Diagnostics,
) -> Result<(), Failed> {
    let ObjectLink { options, arch, resolved, names, frames, properties, .. } = link;
    let identity = arch.identity();
    let encoding = identity.encoding;
    let mut sizes = MadeSizes::default();
    sizes.set(Made::Property, properties.note.len() as u64, properties.align);
    if let Some(id) = &options.output.build_id {
        sizes.set(Made::BuildId, build_id::note_size(id), 4);
    }
    let extents = Extents {
        live: link.live,
        frames,
        merged: link.merged,
        properties,
        sizes: &sizes,
        divided: &[],
        commons: link.commons,
        resolved,
        packed: None,
    };
    let request = Request {
        resolved,
        names,
        options,
        machine: identity,
        forms: link.forms,
        contents: &extents,
        sources: &link.scripts.sources,
        has_headers: true,
        stack: None,
    };
    let (mut layout, mut engine) = layout::lay_out(&mut link.plan, link.matched, &request, said);
    if said.is_fatal() {
        return Err(Failed);
    }
    let map_input = MapInput {
        options,
        resolved,
        names,
        forms: link.forms,
        loads: link.loads,
        layout: &layout,
        addresses: None,
        is_kept: &|section| {
            layout::Contents::is_live(&extents, section) && link.outputs.get(section).is_some()
        },
        plt: [&[], &[]],
        phantoms: &[],
        is_rela: identity.is_rela,
        removed_properties: &properties.changes,
        format: options.emulation.format_name(),
        is_64: encoding.is_64(),
    };
    list(&map_input, &StandardSymbols::default(), &mut engine, &mut *delivery.sink, said);
    settle_stack(&mut layout, resolved, options, said);
    let groups = if options.layout.force_group_allocation {
        layout.sections.iter_mut().for_each(|section| section.flags &= !SHF_GROUP.0);
        Vec::new()
    } else {
        groups::kept(resolved, &layout)
    };
    tables::add(&mut layout, resolved, &groups, identity);
    tables::place(&mut layout, identity.file_header_size());
    let symbols = symbols::plan(&SymbolInput {
        resolved,
        names,
        wanted: link.wanted,
        layout: &layout,
        frames,
        groups: &groups,
        retained: link.retained.as_ref(),
        strip: options.output.strip,
        discard: options.output.discard,
        common_type: options.output.common_type,
        unique: options.output.unique_symbol_names.then_some(link.storage),
        leaves_numbers: &|section| {
            !options.output.strip_discarded && link.outputs.get(section).is_none()
        },
    });
    groups::settle_signatures(&mut layout, resolved, &groups, &symbols.numbers);

    let (symbol_bytes, index_bytes) = symbols.encode(encoding);
    let section_names = SectionNames::new(&layout, !index_bytes.is_empty());
    let tail_sizes = TailSizes {
        symbols: symbol_bytes.len(),
        first_global: symbols.first_global as usize,
        indexes: index_bytes.len(),
        strings: symbols.names.len(),
        lacks_headers: false,
    };
    let tail = Tail::new(&layout, tail_sizes, &section_names, encoding);
    let filled = or_say(Filled::of(&layout), said)?;
    let room = or_say(delivery.sink.room(options.output.path(), tail.end), said)?;
    let hashing = options.output.build_id.as_ref();
    let hashing = hashing.map(|id| Hashing::new(room, id, tail.end, &filled));
    let room = hashing.as_ref().map_or(room, |hashing| hashing as &dyn Room);
    let input = RelocInput {
        resolved,
        layout: &layout,
        frames,
        numbers: &symbols.numbers,
        identity,
        finished: None,
    };
    let outcome = contents::write(&input, arch, room);
    let mut reporter = Reporter::new(resolved, names, options, link.debug_files);
    reporter.relocations(&outcome.reports, &|_| true, false, said);
    reporter.crossings(&layout, &engine.plan().no_cross_refs, said);
    for (section, group) in layout.sections.iter().zip(&groups) {
        let mut bytes = Vec::new();
        groups::write(group, &layout, encoding, &mut bytes);
        room.put(section.offset, &bytes);
    }
    relocs::write(&input, tail.relocs.0, room);
    room.put(tail.symbols.0, &symbol_bytes);
    room.put(tail.indexes.0, &index_bytes);
    room.put(tail.strings.0, &symbols.names);
    let property_size = properties.note.len() as u64;
    put_made(room, place_of(&layout, Made::Property), property_size, &properties.note);
    let is_gnu = symbols.is_gnu() || layout.has_gnu_flags();
    let os_abi = if is_gnu { ELFOSABI_GNU } else { ELFOSABI_NONE };
    let find = |name: &[u8]| symbols.address(names.find(name)?, &layout);
    let header = HeaderInput {
        layout: &layout,
        tail,
        names: &section_names,
        identity,
        kind: options.output.kind,
        os_abi,
        flags: arch.file_flags(resolved),
        entry: entry(options, link.entry_name, None, find, said),
        counts: &|_| None,
    };
    headers::write(&header, room);
    if let Some(hashing) = &hashing
        && let Some(offset) = place_of(&layout, Made::BuildId)
    {
        hashing.write_note(offset, encoding);
    }
    if said.failed(options.warnings.fatal) && !options.output.keep_on_error {
        return Err(Failed);
    }
    delivery.finish();
    Ok(())
}

/// Lets the section that speaks of the stack say what all objects together say.
fn settle_stack(
    layout: &mut Layout<'_>,
    resolved: &Resolved<'_>,
    options: &Options,
    said: &mut Diagnostics,
) {
    let wishes = stack::Wishes {
        is_executable: options.layout.exec_stack,
        has_size: options.layout.stack_size.is_some(),
        warnings: options.warnings.exec_stack,
    };
    let stack = stack::decide(resolved, wishes, said);
    let section = layout.sections.iter_mut().find(|section| *section.name == *stack::NAME);
    if let Some(section) = section
        && stack == Stack::Code
        && wishes.is_executable.is_none()
    {
        section.flags |= SHF_EXECINSTR.0;
    }
}
