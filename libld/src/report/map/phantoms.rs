//! Sections that GNU ld's map shows and the output does not have as such.
//!
//! GNU ld makes all sections of its tables as soon as it may need them; those that stay empty are
//! in the map. And where all dynamic relocations are one section here, it has one for each name of
//! the sections that they apply to.
//!
//! ```text
//! .rela.dyn       0x0000000000000560       0xc0
//!  *(.rela.data .rela.data.* .rela.gnu.linkonce.d.*)
//!  .rela.data.rel.local
//!                 0x0000000000000560       0x18 Scrt1.o
//! ```

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::{SHF_EXECINSTR, SHF_WRITE};

use crate::form::Form;
use crate::layout::plan::{Item, Plan, Planned, Statement};
use crate::made::{MADE, Made, MadeSizes};
use crate::resolve::Resolved;
use crate::scan::Scanned;
use crate::script::glob::Glob;
use crate::script::pattern::FileGlob;
use crate::tables::{Tables, reloc_size};

/// A section of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phantom {
    /// Its name.
    pub name: Vec<u8>,
    /// Its size, in bytes.
    pub size: u64,
    /// What its address is a multiple of, where it has an output section of its own.
    pub align: u64,
}

/// The alignments that GNU ld gives to tables of entries of 16 and of 8 bytes, and to versions.
const PLT_ALIGN: u64 = 16;
const PLT_GOT_ALIGN: u64 = 8;
const VERSION_ALIGN: u64 = 2;

/// What they follow from.
pub struct PhantomInput<'p, 'data> {
    /// Files and symbols.
    pub resolved: &'p Resolved<'data>,
    /// The dynamic relocations.
    pub scanned: &'p Scanned,
    /// The tables.
    pub tables: &'p Tables,
    /// The sizes of what the link makes.
    pub sizes: &'p MadeSizes,
    /// The kind of output.
    pub form: Form,
    /// Whether addresses have 64 bits.
    pub is_64: bool,
    /// Whether dynamic relocations hold their addends.
    pub is_rela: bool,
    /// Whether dynamic relocations are divided: each section of them is one of the link.
    pub divides: bool,
}

/// All of a link, in the order in which GNU ld makes them.
pub fn phantoms(input: &PhantomInput<'_, '_>) -> Vec<Phantom> {
    let word = if input.is_64 { 8 } else { 4 };
    let rel = if input.is_rela { ".rela" } else { ".rel" };
    let mut all = relocations(input, rel, word);
    if input.divides {
        all.retain(|phantom| phantom.size == 0);
    }
    let mut empty = |made: Made, align: u64| {
        if input.sizes.get(made).size == 0
            && let Some(form) = MADE.get(made as usize)
        {
            let form = if input.is_rela { *form } else { form.made.rel_form() };
            all.push(Phantom { name: form.name.as_bytes().to_vec(), size: 0, align });
        }
    };
    if !input.form.is_pic {
        // The tables of IFUNCs.
        let align = if input.form.is_dynamic { PLT_ALIGN } else { 1 };
        empty(Made::Iplt, align);
        empty(Made::RelaIplt, word);
    }
    empty(Made::Got, word);
    empty(Made::GotPlt, word);
    if !input.form.is_pic {
        empty(Made::IgotPlt, word);
    }
    if input.form.is_dynamic {
        empty(Made::VerDef, word);
        empty(Made::VerSym, VERSION_ALIGN);
        empty(Made::VerNeed, word);
        empty(Made::RelaPlt, word);
        empty(Made::Plt, PLT_ALIGN);
        empty(Made::PltGot, PLT_GOT_ALIGN);
        empty(Made::CopyRelro, 1);
        empty(Made::CopyBss, 1);
        if input.is_64 {
            all.push(Phantom { name: b".sframe".to_vec(), size: 0, align: 1 });
        }
    }
    all
}

/// The sections of dynamic relocations.
fn relocations(input: &PhantomInput<'_, '_>, rel: &str, word: u64) -> Vec<Phantom> {
    let mut all: Vec<Phantom> = Vec::new();
    let entry = reloc_size(input.is_64, input.is_rela);
    let mut add = |name: Vec<u8>, count: u64| {
        let size = count.saturating_mul(entry);
        match all.iter_mut().find(|phantom| phantom.name == name) {
            Some(known) => known.size = known.size.saturating_add(size),
            None => all.push(Phantom { name, size, align: word }),
        }
    };
    let form = input.form;
    let named = |end: &str| format!("{rel}{end}").into_bytes();
    if form.is_dynamic && !form.is_shared {
        add(named(".data.rel.ro"), 0);
        add(named(".bss"), input.tables.copies.len() as u64);
    }
    add(named(".got"), input.tables.got_relocs);
    if form.is_dynamic && form.is_pic {
        add(named(".ifunc"), 0);
    }
    for ((_, object), file) in input
        .resolved
        .objects()
        .map(|(id, object)| ((id, object), input.scanned.files.get(id.index())))
    {
        for section in file.into_iter().flat_map(|file| &file.sections) {
            if section.count != 0 {
                let name = object.section_name(section.section).unwrap_or_default();
                add([rel.as_bytes(), name].concat(), section.count.into());
            }
        }
    }
    all
}

/// Where phantoms are shown.
#[derive(Debug, Default)]
pub struct Shown {
    /// Behind the pattern of a rule.
    pub by_rule: HashMap<u32, Vec<Phantom>, RandomState>,
    /// In output sections of their own, before the statement with this number.
    pub orphans: Vec<(usize, Orphan)>,
    /// Relocations that no pattern takes: they are shown at the end of `.rela.dyn`.
    pub rest: Vec<Phantom>,
}

/// An output section that has only phantoms.
#[derive(Debug)]
pub struct Orphan {
    /// Its name.
    pub name: Vec<u8>,
    /// What it has.
    pub phantoms: Vec<Phantom>,
}

/// Finds the places of phantoms: the first rule that takes their names, or an output section of
/// their own. `flags` are those of an output section, unless it has only zeros.
pub fn place(
    phantoms: &[Phantom],
    plan: &Plan<'_>,
    is_rela: bool,
    flags: &dyn Fn(u32) -> Option<u64>,
) -> Shown {
    let mut shown = Shown::default();
    let relocs: &[u8] = if is_rela { b".rela.dyn" } else { b".rel.dyn" };
    let has_relocs = plan.output_named(relocs).is_some();
    let mut lost: Vec<Phantom> = Vec::new();
    for phantom in phantoms {
        if let Some(rule) = rule_for(plan, &phantom.name) {
            shown.by_rule.entry(rule).or_default().push(phantom.clone());
        } else if phantom.name.starts_with(b".rel") && has_relocs {
            shown.rest.push(phantom.clone());
        } else if phantom.size == 0 {
            lost.push(phantom.clone());
        }
    }
    let of = |number: u32, wanted: u64, among: u64| {
        flags(number).is_some_and(|flags| flags & among == wanted)
    };
    let [write, code] = [SHF_WRITE.0, SHF_EXECINSTR.0];
    let is_code = |number: u32| of(number, code, code);
    let is_data = |number: u32| of(number, write, write | code);
    let is_constant = |number: u32| of(number, 0, write | code);
    let start = behind(plan, b".text", &is_code).unwrap_or(plan.statements.len());
    let constants = behind(plan, b".rodata", &is_constant).unwrap_or(start);
    let data = behind(plan, b".data", &is_data).unwrap_or(start);
    for phantom in lost {
        let (at, name): (usize, &[u8]) = match phantom.name.as_slice() {
            b".iplt" => (start, b".iplt"),
            name @ (b".plt" | b".plt.got") => (start, name),
            name if name.starts_with(b".gnu.version") => (start, name),
            name if name.starts_with(b".rel") => (constants, relocs),
            name => (data, name),
        };
        let known = shown.orphans.iter_mut().find(|(_, orphan)| orphan.name == name);
        if let Some((_, orphan)) = known {
            orphan.phantoms.push(phantom);
        } else {
            let name = name.to_vec();
            shown.orphans.push((at, Orphan { name, phantoms: vec![phantom] }));
        }
    }
    // Code comes before data, and data before relocations, where all are at one place.
    let rank = |name: &[u8]| match name {
        b".iplt" | b".plt" | b".plt.got" => 0,
        name if name.starts_with(b".gnu.version") => 1,
        name => 2 + u8::from(name == relocs),
    };
    shown.orphans.sort_by_key(|(at, orphan)| (*at, rank(&orphan.name)));
    shown
}

/// The first rule that takes a section of this name, and does not throw it away.
fn rule_for(plan: &Plan<'_>, name: &[u8]) -> Option<u32> {
    let takes = |rule: &crate::layout::plan::Rule<'_>| {
        let output = plan.outputs.get(rule.output as usize);
        let is_enabled = output.is_some_and(|it| it.is_enabled);
        is_enabled
            && rule.statement.is_some_and(|statement| {
                FileGlob::new(&statement.file).is_anything()
                    && statement.sections.iter().any(|it| Glob::new(it.pattern.text).matches(name))
            })
    };
    plan.rules.iter().position(takes).map(|rule| rule as u32)
}

/// The number of the statement behind an output section, the assignments that belong to it and the
/// orphans of its kind; if no script lays out anything behind it, behind the assignments at the end
/// too.
fn behind(plan: &Plan<'_>, name: &[u8], is_alike: &dyn Fn(u32) -> bool) -> Option<usize> {
    let output = plan.output_named(name)?;
    let is_it = |it: &Statement<'_>| matches!(it, Statement::Output(number) if *number == output);
    let at = plan.statements.iter().position(is_it)?.saturating_add(1);
    let rest = plan.statements.get(at..).unwrap_or_default();
    let is_orphan = |number: u32| plan.outputs.get(number as usize).is_some_and(|it| it.is_orphan);
    let is_last = !rest.iter().any(
        |statement| matches!(statement, Statement::Output(number) if !plan.last.contains(number)),
    );
    let belongs = |statement: &&Statement<'_>| match statement {
        Statement::Assignment(assignment) => is_last || assignment.target.name != b".",
        Statement::Assert(_) => true,
        Statement::Output(number) => is_orphan(*number) && is_alike(*number),
    };
    Some(at.saturating_add(rest.iter().take_while(belongs).count()))
}

/// What the phantoms of an output section are aligned to, in bytes.
pub fn align(shown: &Shown, planned: &Planned<'_>) -> u64 {
    let rules = planned.body.iter().filter_map(|item| match item {
        Item::Inputs(rule) => shown.by_rule.get(rule),
        _ => None,
    });
    rules.flatten().map(|phantom| phantom.align).max().unwrap_or(1)
}

/// Whether an output section shows a phantom behind one of its patterns.
pub fn has_phantom(shown: &Shown, planned: &Planned<'_>) -> bool {
    planned.body.iter().any(|item| match item {
        Item::Inputs(rule) => shown.by_rule.contains_key(rule),
        _ => false,
    })
}
