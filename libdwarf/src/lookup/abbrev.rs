//! Abbreviations, made ready for a walk over many entries of which few are of interest.
//! DWARF 5, sections 7.5.3 and 7.5.6.
//!
//! For each abbreviation there are *steps*: how to pass over an entry without a look at its
//! attributes. Most entries are passed over in one step of a known size.

use gimli::constants as c;
use gimli::{DwAt, DwForm, DwTag};
use hashbrown::HashMap;

use super::bytes::Bytes;

/// The size of offsets in a unit: 32-bit or 64-bit DWARF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Width {
    Four,
    Eight,
}

impl Width {
    pub(super) fn bytes(self) -> u8 {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
        }
    }
}

/// What of a unit's header decides the size of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Format {
    pub(super) version: u16,
    pub(super) address_size: u8,
    pub(super) width: Width,
}

/// What an entry is to a search for functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A subprogram, or another entry point of one.
    Function,
    /// A copy of a function inside of another.
    Inlined,
    Other,
}

/// A name and form of an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    pub(super) name: DwAt,
    pub(super) form: DwForm,
    /// The value of `DW_FORM_implicit_const`.
    pub(super) implicit: i64,
}

/// A part of the way over an entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Bytes(u32),
    Leb,
    String,
    /// A block whose size stands before it, in so many bytes.
    Block(u8),
    LebBlock,
    /// A value whose form stands before it.
    Indirect,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Abbrev {
    pub(super) tag: DwTag,
    pub(super) kind: Kind,
    pub(super) has_children: bool,
    /// Whether the entry has a name of its own, or completes one that does: `DW_AT_name` and the
    /// like, `DW_AT_specification`.
    pub(super) has_name: bool,
    /// The one step, if it is of a known size.
    size: Option<u32>,
    specs: (u32, u32),
    steps: (u32, u32),
    /// Of functions: the way to what tells their addresses.
    stops: (u32, u32),
}

/// A part of the way over the entry of a function.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// Nothing of interest.
    Pass(Step),
    /// What tells which addresses the function has, or of what it is a copy.
    Read(Spec),
}

/// The most attributes of a table.
const MOST_SPECS: usize = 1_000_000;

/// A table of abbreviations.
#[derive(Debug, Default)]
pub(super) struct Abbrevs {
    /// Those with the codes 1, 2, …
    dense: Vec<Abbrev>,
    /// All others.
    sparse: HashMap<u64, Abbrev, foldhash::fast::FixedState>,
    specs: Vec<Spec>,
    steps: Vec<Step>,
    stops: Vec<Stop>,
}

impl Abbrevs {
    /// The table at this place, as far as it is one.
    pub(super) fn parse(mut bytes: Bytes<'_>, format: Format) -> Self {
        let mut table = Self::default();
        while table.parse_one(&mut bytes, format).is_some() {}
        table
    }

    fn parse_one(&mut self, bytes: &mut Bytes<'_>, format: Format) -> Option<()> {
        let code = bytes.uleb().filter(|&code| code != 0)?;
        let tag = DwTag(bytes.uleb()? as u16);
        let has_children = bytes.u8()? != 0;
        let (first_spec, first_step) = (self.specs.len() as u32, self.steps.len() as u32);
        let mut has_name = false;
        loop {
            let (name, form) = (bytes.uleb()?, bytes.uleb()?);
            if name == 0 && form == 0 {
                break;
            }
            let form = DwForm(form as u16);
            let implicit = if form == c::DW_FORM_implicit_const { bytes.sleb()? } else { 0 };
            (self.specs.len() < MOST_SPECS).then_some(())?;
            let name = DwAt(name as u16);
            has_name |= matches!(
                name,
                c::DW_AT_name
                    | c::DW_AT_linkage_name
                    | c::DW_AT_MIPS_linkage_name
                    | c::DW_AT_specification
            );
            self.specs.push(Spec { name, form, implicit });
            self.add_step(step_of(form, format)?, first_step);
        }
        let steps = (first_step, self.steps.len() as u32);
        let size = match self.steps.get(first_step as usize..) {
            Some([]) => Some(0),
            Some([Step::Bytes(size)]) => Some(*size),
            _ => None,
        };
        let kind = match tag {
            c::DW_TAG_subprogram | c::DW_TAG_entry_point => Kind::Function,
            c::DW_TAG_inlined_subroutine => Kind::Inlined,
            _ => Kind::Other,
        };
        let specs = (first_spec, self.specs.len() as u32);
        let first_stop = self.stops.len() as u32;
        if kind != Kind::Other {
            self.add_stops(first_spec, format)?;
        }
        let stops = (first_stop, self.stops.len() as u32);
        let abbrev = Abbrev { tag, kind, has_children, has_name, size, specs, steps, stops };
        if code == (self.dense.len() as u64).wrapping_add(1) {
            self.dense.push(abbrev);
        } else if self.get(code).is_none() {
            self.sparse.insert(code, abbrev);
        }
        Some(())
    }

    fn add_step(&mut self, step: Step, first: u32) {
        if let Step::Bytes(more) = step
            && self.steps.len() > first as usize
            && let Some(Step::Bytes(size)) = self.steps.last_mut()
        {
            *size = size.saturating_add(more);
        } else {
            self.steps.push(step);
        }
    }

    /// The way over the attributes from this one on, with stops.
    fn add_stops(&mut self, first_spec: u32, format: Format) -> Option<()> {
        let mut before = None;
        for spec in self.specs.get(first_spec as usize..)? {
            let is_read = matches!(
                spec.name,
                c::DW_AT_low_pc | c::DW_AT_high_pc | c::DW_AT_ranges | c::DW_AT_abstract_origin
            );
            if is_read {
                self.stops.extend(before.take().map(Stop::Pass));
                self.stops.push(Stop::Read(*spec));
                continue;
            }
            let step = step_of(spec.form, format)?;
            before = match (before, step) {
                (None, step) => Some(step),
                (Some(Step::Bytes(size)), Step::Bytes(more)) => {
                    Some(Step::Bytes(size.saturating_add(more)))
                }
                (Some(before), step) => {
                    self.stops.push(Stop::Pass(before));
                    Some(step)
                }
            };
        }
        self.stops.extend(before.map(Stop::Pass));
        Some(())
    }

    /// The way over the entry of a function.
    #[inline]
    pub(super) fn stops(&self, abbrev: &Abbrev) -> &[Stop] {
        self.stops.get(abbrev.stops.0 as usize..abbrev.stops.1 as usize).unwrap_or_default()
    }

    #[inline]
    pub(super) fn get(&self, code: u64) -> Option<&Abbrev> {
        let dense = self.dense.get(usize::try_from(code.wrapping_sub(1)).ok()?);
        dense.or_else(|| if self.sparse.is_empty() { None } else { self.sparse.get(&code) })
    }

    pub(super) fn specs(&self, abbrev: &Abbrev) -> &[Spec] {
        self.specs.get(abbrev.specs.0 as usize..abbrev.specs.1 as usize).unwrap_or_default()
    }

    /// Passes over the attributes of an entry.
    #[inline]
    pub(super) fn skip(
        &self,
        abbrev: &Abbrev,
        format: Format,
        bytes: &mut Bytes<'_>,
    ) -> Option<()> {
        if let Some(size) = abbrev.size {
            return bytes.skip(size.into());
        }
        let steps = self.steps.get(abbrev.steps.0 as usize..abbrev.steps.1 as usize)?;
        for step in steps {
            step.take(format, bytes)?;
        }
        Some(())
    }

    /// The bytes that the table takes.
    pub(super) fn memory(&self) -> usize {
        let of_abbrevs = self.dense.len().saturating_mul(size_of::<Abbrev>());
        let of_specs = self.specs.len().saturating_mul(size_of::<Spec>() + size_of::<Step>());
        let of_stops = self.stops.len().saturating_mul(size_of::<Stop>());
        of_abbrevs.saturating_add(of_specs).saturating_add(of_stops)
    }
}

impl Step {
    #[inline]
    pub(super) fn take(self, format: Format, bytes: &mut Bytes<'_>) -> Option<()> {
        match self {
            Self::Bytes(size) => bytes.skip(size.into()),
            Self::Leb => bytes.skip_leb(),
            Self::String => bytes.string().map(|_| ()),
            Self::Block(size) => {
                let length = bytes.uint(size)?;
                bytes.skip(length)
            }
            Self::LebBlock => {
                let length = bytes.uleb()?;
                bytes.skip(length)
            }
            Self::Indirect => {
                let form = DwForm(u16::try_from(bytes.uleb()?).ok()?);
                // One that leads to another is of no use to anybody.
                let is_simple = form != c::DW_FORM_indirect && form != c::DW_FORM_implicit_const;
                is_simple.then_some(())?;
                step_of(form, format)?.take(format, bytes)
            }
        }
    }
}

/// The way over a value of a form; `None` if the form is not known: then nothing behind it is.
fn step_of(form: DwForm, format: Format) -> Option<Step> {
    let width = u32::from(format.width.bytes());
    Some(match form {
        c::DW_FORM_addr => Step::Bytes(format.address_size.into()),
        c::DW_FORM_flag_present | c::DW_FORM_implicit_const => Step::Bytes(0),
        c::DW_FORM_data1
        | c::DW_FORM_ref1
        | c::DW_FORM_flag
        | c::DW_FORM_strx1
        | c::DW_FORM_addrx1 => Step::Bytes(1),
        c::DW_FORM_data2 | c::DW_FORM_ref2 | c::DW_FORM_strx2 | c::DW_FORM_addrx2 => Step::Bytes(2),
        c::DW_FORM_strx3 | c::DW_FORM_addrx3 => Step::Bytes(3),
        c::DW_FORM_data4
        | c::DW_FORM_ref4
        | c::DW_FORM_strx4
        | c::DW_FORM_addrx4
        | c::DW_FORM_ref_sup4 => Step::Bytes(4),
        c::DW_FORM_data8 | c::DW_FORM_ref8 | c::DW_FORM_ref_sig8 | c::DW_FORM_ref_sup8 => {
            Step::Bytes(8)
        }
        c::DW_FORM_data16 => Step::Bytes(16),
        c::DW_FORM_sec_offset
        | c::DW_FORM_strp
        | c::DW_FORM_line_strp
        | c::DW_FORM_strp_sup
        | c::DW_FORM_GNU_ref_alt
        | c::DW_FORM_GNU_strp_alt => Step::Bytes(width),
        // In version 2 it has the size of an address.
        c::DW_FORM_ref_addr if format.version <= 2 => Step::Bytes(format.address_size.into()),
        c::DW_FORM_ref_addr => Step::Bytes(width),
        c::DW_FORM_udata
        | c::DW_FORM_sdata
        | c::DW_FORM_ref_udata
        | c::DW_FORM_strx
        | c::DW_FORM_addrx
        | c::DW_FORM_loclistx
        | c::DW_FORM_rnglistx
        | c::DW_FORM_GNU_addr_index
        | c::DW_FORM_GNU_str_index => Step::Leb,
        c::DW_FORM_string => Step::String,
        c::DW_FORM_block1 => Step::Block(1),
        c::DW_FORM_block2 => Step::Block(2),
        c::DW_FORM_block4 => Step::Block(4),
        c::DW_FORM_block | c::DW_FORM_exprloc => Step::LebBlock,
        c::DW_FORM_indirect => Step::Indirect,
        _ => return None,
    })
}
