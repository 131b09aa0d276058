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
        empty(Made::Iplt, 1);
        empty(Made::RelaIplt, word);
    }
    empty(Made::Got, word);
    empty(Made::GotPlt, word);
    if !input.form.is_pic {
        empty(Made::IgotPlt, word);
    }
    if input.form.is_dynamic {
        for made in [Made::VerSym, Made::VerDef, Made::VerNeed] {
            empty(made, word);
        }
        for made in [Made::RelaPlt, Made::Plt, Made::PltGot, Made::CopyRelro, Made::CopyBss] {
            empty(made, 1);
        }
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
/// their own.
pub fn place(phantoms: &[Phantom], plan: &Plan<'_>, is_rela: bool) -> Shown {
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
    let code = behind(plan, b".text");
    let start = code.unwrap_or(plan.statements.len());
    let constants = behind(plan, b".rodata").unwrap_or(start);
    let data = behind(plan, b".data").unwrap_or(start);
    for phantom in lost {
        let (at, name): (usize, &[u8]) = match phantom.name.as_slice() {
            b".iplt" => (start, b".iplt"),
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
    shown.orphans.sort_by_key(|(at, orphan)| (*at, orphan.name != b".iplt", orphan.name == relocs));
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

/// The number of the statement behind an output section and the assignments that belong to it.
fn behind(plan: &Plan<'_>, name: &[u8]) -> Option<usize> {
    let output = plan.output_named(name)?;
    let is_it = |it: &Statement<'_>| matches!(it, Statement::Output(number) if *number == output);
    let at = plan.statements.iter().position(is_it)?.saturating_add(1);
    let rest = plan.statements.get(at..).unwrap_or_default();
    let is_orphan = |number: u32| plan.outputs.get(number as usize).is_some_and(|it| it.is_orphan);
    let belongs = |statement: &&Statement<'_>| match statement {
        Statement::Assignment(assignment) => assignment.target.name != b".",
        Statement::Assert(_) => true,
        Statement::Output(number) => is_orphan(*number),
    };
    let skipped = rest.iter().take_while(belongs).count();
    Some(at.saturating_add(if skipped == rest.len() { 0 } else { skipped }))
}

/// Whether an output section shows a phantom behind one of its patterns.
pub fn has_phantom(shown: &Shown, planned: &Planned<'_>) -> bool {
    planned.body.iter().any(|item| match item {
        Item::Inputs(rule) => shown.by_rule.contains_key(rule),
        _ => false,
    })
}
