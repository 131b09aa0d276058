//! What is at addresses of one file.
//!
//! Where debugging information tells no name that symbols know a function by, GNU's program asks
//! the symbol table, and remembers. So what it says of such a function depends on what it was asked
//! before: the first time it is the name of the nearest symbol, later the function's own name,
//! unless that symbol has the address where the function starts (that of a descriptor does not).
//! Answers are worked out in two steps for that: what is found, which takes time and needs no
//! order, and then the names, in order.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use libdwarf::lookup::{Found, FunctionId, Location, Lookup, Name, SourceFile};
use libelf::File;
use libelf::linkview::LinkView;
use libelf::raw::{EM_MIPS, ET_REL};

use crate::address::{self, Written};
use crate::symbols::{Nearest, Symbols};

/// A source file.
#[derive(Clone, Copy, Debug, Default)]
pub enum Path<'data> {
    /// Nothing tells it.
    #[default]
    None,
    /// It has a number that is of no file.
    Unknown,
    /// A name of the symbol table.
    Name(&'data [u8]),
    File(SourceFile<'data>),
}

/// A function, and a place in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'data> {
    pub function: Option<&'data [u8]>,
    pub path: Path<'data>,
    pub line: u64,
    pub discriminator: u32,
    /// Which function it is, and whether its name is that of its symbol.
    id: Option<FunctionId>,
    has_symbol: bool,
}

/// What was found at an address.
#[derive(Clone, Debug, Default)]
pub struct Answer<'data> {
    /// The address as it is printed.
    pub address: u64,
    /// The innermost function first; none if nothing is known of the address.
    pub frames: Vec<Frame<'data>>,
    /// What the symbol table was asked, or may have to be.
    question: Option<Question<'data>>,
    /// Whether it was asked in vain before: then nothing is remembered of the symbol found last.
    is_missed: bool,
    /// Where debugging information was asked, and the unit that it found.
    asked: Option<u64>,
    unit: Option<u64>,
    /// The unit of the variable that was found.
    variable_unit: Option<u64>,
}

/// A question for a symbol.
#[derive(Clone, Copy, Debug)]
struct Question<'data> {
    section: u32,
    /// As [`Nearest::start`] counts.
    at: u64,
    nearest: Nearest<'data>,
    reason: Reason,
}

/// Why a symbol is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// Nothing else is known.
    NothingElse,
    /// The function has no name.
    NoName,
    /// The function has no name of a symbol; where it starts, as [`Nearest::start`] counts.
    NoSymbol(Option<u64>),
}

/// A section that is in memory when the program runs.
#[derive(Clone, Copy, Debug)]
struct Section {
    header: u32,
    address: u64,
    size: u64,
    is_code: bool,
}

/// A file that is asked about.
#[derive(Debug)]
pub struct Session<'a, 'data> {
    lookup: &'a Lookup<'a, 'data>,
    debug: &'a libdwarf::load::Debug<'data>,
    symbols: Symbols<'data>,
    sections: Vec<Section>,
    /// The section that addresses are offsets in.
    only: Option<Section>,
    is_relocatable: bool,
    /// The bits of addresses.
    narrow: Option<Narrow>,
    /// Of functions whose names were asked of the symbol table: the name that stays.
    remembered: HashMap<FunctionId, Option<&'data [u8]>, FixedState>,
    /// The symbol that was found last, and its section.
    last_symbol: Option<(u32, Nearest<'data>)>,
    /// The units that were found, and the addresses that only their lines have: where a gap ends,
    /// and the unit, by where it starts.
    seen: HashSet<u64, FixedState>,
    gaps: BTreeMap<u64, (u64, u64)>,
    wants: Wants,
}

/// What of an answer is printed.
#[derive(Clone, Copy, Debug)]
pub struct Wants {
    pub inlines: bool,
}

/// Where in the file an address is.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// The address as it is printed.
    address: u64,
    /// The section that has it, and the number from which on there may be more that do.
    section: Option<Section>,
    first: usize,
    /// What debugging information is asked for.
    pub asked: Option<u64>,
}

impl Spot {
    fn enter(&mut self, session: &Session<'_, '_>, section: Option<Section>) {
        self.section = section;
        self.asked = section.and_then(|section| {
            let offset = session.offset(section, self.address);
            if session.is_relocatable {
                session.debug.sections().address_of(section.header, offset)
            } else {
                Some(section.address.wrapping_add(offset))
            }
        });
    }
}

/// How addresses of 32 bits become such of 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Narrow {
    Unsigned,
    Signed,
}

/// The file has no section of that name.
#[derive(Clone, Copy, Debug)]
pub struct NoSection;

impl Answer<'_> {
    /// For an address that nothing is known of.
    pub fn nothing(address: u64) -> Self {
        Self { address, ..Self::default() }
    }

    /// Makes it one for another address.
    fn clear(&mut self, address: u64) {
        self.address = address;
        self.frames.clear();
        (self.question, self.asked, self.unit) = (None, None, None);
        self.variable_unit = None;
        self.is_missed = false;
    }

    /// The unit of an answer that is the same whatever was asked before.
    pub fn settled_unit(&self) -> Option<u64> {
        let is_named = self.frames.iter().all(|frame| frame.has_symbol);
        self.unit.filter(|_| is_named && self.question.is_none() && !self.is_missed)
    }
}

impl<'a, 'data> Session<'a, 'data> {
    /// Addresses of `file`, or offsets in one of its sections.
    pub fn new(
        file: &File<'data>,
        view: &LinkView<'data>,
        debug: &'a libdwarf::load::Debug<'data>,
        lookup: &'a Lookup<'a, 'data>,
        section: Option<&OsStr>,
        wants: Wants,
    ) -> Result<Self, NoSection> {
        let made = |section: &libelf::linkview::Section<'_>| Section {
            header: section.header,
            address: section.addr,
            // No address is in a section that is not in memory.
            size: if section.flags.is_alloc() { section.size } else { 0 },
            is_code: section.flags.is_code(),
        };
        let sections =
            view.sections.iter().filter(|section| section.flags.is_alloc()).map(made).collect();
        let only = match section {
            None => None,
            Some(name) => {
                let mut sections = view.sections.iter();
                let found = sections.find(|section| section.name() == name.as_bytes());
                Some(found.map(made).ok_or(NoSection)?)
            }
        };
        let is_signed = file.header().machine == EM_MIPS;
        let narrow = match (file.encoding().is_64(), is_signed) {
            (true, _) => None,
            (false, true) => Some(Narrow::Signed),
            (false, false) => Some(Narrow::Unsigned),
        };
        Ok(Self {
            lookup,
            debug,
            symbols: Symbols::of_files(file, debug.sections().file()),
            sections,
            only,
            is_relocatable: file.header().kind == ET_REL,
            narrow,
            remembered: HashMap::default(),
            last_symbol: None,
            seen: HashSet::default(),
            gaps: BTreeMap::new(),
            wants,
        })
    }

    /// Who is asked about addresses.
    pub fn lookup(&self) -> &'a Lookup<'a, 'data> {
        self.lookup
    }

    /// Takes the symbols of `file` for those that linkers can read.
    pub fn expect_symbols(
        &mut self,
        file: &File<'data>,
        readable: Option<libelf::linkview::Symbols<'data>>,
    ) {
        if std::ptr::eq(self.debug.sections().file().data(), file.data()) {
            self.symbols.restrict(readable);
        }
    }

    /// The address that a text means, and where that is in the file.
    pub fn spot(&self, text: &[u8]) -> Spot {
        let address = match address::parse(text) {
            Written::Number(number) => number,
            Written::Symbol(name, offset) => {
                self.symbols.find(name).map_or(0, |value| value.wrapping_add(offset))
            }
        };
        let address = match self.narrow {
            None => address,
            Some(Narrow::Unsigned) => u64::from(address as u32),
            Some(Narrow::Signed) => i64::from(address as u32 as i32).cast_unsigned(),
        };
        let mut spot = Spot { address, first: 0, section: None, asked: None };
        let section = match self.only {
            Some(section) => (address < section.size).then_some(section),
            None => self.next_section(&mut spot),
        };
        spot.enter(self, section);
        spot
    }

    /// The next section that has the address.
    fn next_section(&self, spot: &mut Spot) -> Option<Section> {
        let sections = self.sections.get(spot.first..).unwrap_or_default();
        // One that reaches beyond the last address has none.
        let has_it = |section: &Section| {
            let end = section.address.wrapping_add(section.size);
            (section.address..end).contains(&spot.address)
        };
        let skipped = sections.iter().position(has_it).unwrap_or(sections.len());
        spot.first = spot.first.saturating_add(skipped).saturating_add(1);
        sections.get(skipped).copied()
    }

    /// What is at a spot, for which `found` is what debugging information has at
    /// [`Spot::asked`]. This is the first step, in any order.
    pub fn find(&self, mut spot: Spot, found: Option<&Found<'data>>, answer: &mut Answer<'data>) {
        answer.clear(spot.address);
        let Some(section) = spot.section else { return };
        if self.find_in(section, spot, found, answer) || self.only.is_some() {
            return;
        }
        // Sections of relocatable files all start at 0; others may overlap.
        while let Some(section) = self.next_section(&mut spot) {
            spot.enter(self, Some(section));
            let found = spot.asked.and_then(|address| self.lookup.find(address));
            if self.find_in(section, spot, found.as_ref(), answer) {
                return;
            }
        }
    }

    /// What is at a spot of a section. `false` if nothing is.
    fn find_in(
        &self,
        section: Section,
        spot: Spot,
        found: Option<&Found<'data>>,
        answer: &mut Answer<'data>,
    ) -> bool {
        let offset = self.offset(section, spot.address);
        let address = spot.asked;
        let nearest = || self.symbols.nearest(section.header, section.address, offset);
        let at =
            if self.symbols.are_offsets() { offset } else { section.address.wrapping_add(offset) };
        let Some(found) = found else {
            let reason = Reason::NothingElse;
            let question =
                nearest().map(|nearest| Question { section: section.header, at, nearest, reason });
            return self.without_function(section, offset, address, question, answer);
        };
        answer.unit = Some(Lookup::unit_of(found));
        let count = if self.wants.inlines { usize::MAX } else { 1 };
        for frame in self.lookup.frames(found).take(count) {
            let mut frame = Frame::of(frame.function, frame.name, &frame.location);
            // GNU's program says it again for every call on the way.
            let first = answer.frames.first().map(|first: &Frame<'_>| first.discriminator);
            frame.discriminator = first.unwrap_or(frame.discriminator);
            answer.frames.push(frame);
        }
        if let Some(first) = answer.frames.first_mut()
            && first.id.is_some()
            && first.has_symbol
            && first.function.is_none()
        {
            // It has a name, which cannot be read.
            first.function = self.symbols.global_at(section.header, section.address, offset);
            return true;
        }
        let first = answer.frames.first();
        let reason = match first {
            Some(first) if first.function.is_none_or(<[u8]>::is_empty) => Reason::NoName,
            Some(first) if !first.has_symbol => {
                let start = self.lookup.start_of(found);
                let of_section = address.map(|address| address.wrapping_sub(at));
                Reason::NoSymbol(
                    start.zip(of_section).map(|(start, base)| start.wrapping_sub(base)),
                )
            }
            _ => return true,
        };
        answer.question =
            nearest().map(|nearest| Question { section: section.header, at, nearest, reason });
        answer.is_missed |= answer.question.is_none();
        true
    }

    /// How far into a section an address is: those asked for in one section are offsets.
    fn offset(&self, section: Section, address: u64) -> u64 {
        match self.only {
            Some(_) => address,
            None => address.wrapping_sub(section.address),
        }
    }

    /// What is at an address that no function and no line has: a variable, or just a symbol.
    fn without_function(
        &self,
        section: Section,
        offset: u64,
        address: Option<u64>,
        question: Option<Question<'data>>,
        answer: &mut Answer<'data>,
    ) -> bool {
        let mut frame = Frame { has_symbol: true, ..Frame::default() };
        let is_data = !section.is_code;
        let variable = address.filter(|_| is_data).and_then(|at| {
            // A global symbol there decides which variable is meant.
            let known = self.lookup.variable(at)?;
            match self.symbols.global_at(section.header, section.address, offset) {
                Some(symbol) => self.lookup.variable_of_symbol(at, symbol),
                None => Some(known),
            }
        });
        if let Some(variable) = &variable {
            frame.place(&variable.location);
            answer.variable_unit = Some(variable.unit);
        }
        answer.is_missed |= question.is_none();
        let is_known = question.is_some() || variable.is_some();
        if is_known {
            answer.frames.push(frame);
            answer.question = question;
        }
        if variable.is_none() && (is_known || answer.asked.is_none()) {
            answer.asked = address;
        }
        is_known
    }

    /// The symbol that answers a question. GNU's program first looks at the one that it found
    /// last, and is content with it as far as its size reaches.
    fn symbol(&mut self, question: &Question<'data>) -> Nearest<'data> {
        if let Some((section, last)) = &self.last_symbol
            && *section == question.section
            && question.at.checked_sub(last.start).is_some_and(|offset| offset < last.size)
        {
            return *last;
        }
        self.last_symbol = Some((question.section, question.nearest));
        question.nearest
    }

    /// Once a unit was found, its lines answer for the gaps that its ranges leave, too.
    pub fn see_unit(&mut self, unit: u64) {
        if self.seen.insert(unit) {
            for gap in self.lookup.lines_outside(unit) {
                self.add_gap(gap, unit);
            }
        }
    }

    /// Gives a unit what of a gap no unit has that was found before.
    fn add_gap(&mut self, gap: Range<u64>, unit: u64) {
        let mut start = gap.start;
        while start < gap.end {
            let before = self.gaps.range(..=start).next_back().map(|(_, (end, _))| *end);
            if let Some(end) = before.filter(|end| *end > start) {
                start = end;
                continue;
            }
            let next = self.gaps.range(start..).next().map_or(gap.end, |(next, _)| *next);
            let end = next.min(gap.end);
            self.gaps.insert(start, (end, unit));
            start = end;
        }
    }

    fn settle_unit(&mut self, answer: &mut Answer<'data>) {
        if let Some(unit) = answer.unit {
            self.see_unit(unit);
            return;
        }
        if let Some(unit) = answer.variable_unit {
            self.see_unit(unit);
        }
        let Some(address) = answer.asked else { return };
        let Some((_, &(end, unit))) = self.gaps.range(..=address).next_back() else { return };
        if address < end
            && let Some(found) = self.lookup.find_in_unit(unit, address)
        {
            self.take_outside(&found, answer);
        }
    }

    /// Takes what a unit tells of an address that is none of its own: a function only where it is
    /// one that the linker dropped, from 0 on.
    fn take_outside(&self, found: &Found<'data>, answer: &mut Answer<'data>) {
        let mut frames = self.lookup.frames(found);
        let Some(frame) = frames.next() else { return };
        let frame = Frame::of(frame.function, frame.name, &frame.location);
        if frame.id.is_some() {
            answer.frames = vec![frame];
            return;
        }
        if answer.frames.is_empty() {
            answer.frames.push(Frame { has_symbol: true, ..Frame::default() });
        }
        if let Some(first) = answer.frames.first_mut() {
            first.path = frame.path;
            first.line = frame.line;
            first.discriminator = frame.discriminator;
        }
    }

    /// Settles the names of an answer: the second step, in the order of questions.
    pub fn settle(&mut self, answer: &mut Answer<'data>) {
        let question = answer.question;
        if answer.is_missed {
            self.last_symbol = None;
        }
        if let Some(question) = question.filter(|question| question.reason == Reason::NothingElse) {
            let symbol = self.symbol(&question);
            if let Some(frame) = answer.frames.first_mut() {
                frame.function = Some(symbol.name);
                if matches!(frame.path, Path::None) {
                    frame.path = symbol.file.map_or(Path::None, Path::Name);
                }
            }
        }
        self.settle_unit(answer);
        let Some((first, others)) = answer.frames.split_first_mut() else { return };
        match question.map(|question| (question, question.reason)) {
            Some((question, Reason::NoName)) => {
                first.function = Some(self.symbol(&question).name);
            }
            Some((question, Reason::NoSymbol(start))) => self.rename(first, start, Some(question)),
            None if !first.has_symbol => self.rename(first, None, None),
            _ => {}
        }
        for frame in others {
            if let Some(id) = frame.id.filter(|_| !frame.has_symbol)
                && let Some(Some(name)) = self.remembered.get(&id)
            {
                frame.function = Some(name);
            }
        }
    }

    /// Gives a function the name of the nearest symbol, the first time or for ever.
    fn rename(
        &mut self,
        frame: &mut Frame<'data>,
        start: Option<u64>,
        question: Option<Question<'data>>,
    ) {
        let Some(id) = frame.id else { return };
        match self.remembered.get(&id) {
            Some(Some(name)) => frame.function = Some(name),
            Some(None) => {}
            None => {
                let symbol = question.map(|question| self.symbol(&question));
                let stays = symbol.filter(|symbol| Some(symbol.value) == start);
                self.remembered.insert(id, stays.map(|symbol| symbol.name));
                frame.function = symbol.map(|symbol| symbol.name).or(frame.function);
            }
        }
    }
}

impl<'data> Frame<'data> {
    fn of(id: Option<FunctionId>, name: Name<'data>, location: &Location<'data>) -> Self {
        let mut frame =
            Self { function: name.text, id, has_symbol: name.is_symbol, ..Self::default() };
        frame.place(location);
        frame
    }

    fn place(&mut self, location: &Location<'data>) {
        self.path = match (location.file, location.file_number) {
            (Some(file), _) => Path::File(file),
            (None, Some(_)) => Path::Unknown,
            (None, None) => Path::None,
        };
        self.line = location.line;
        self.discriminator = location.discriminator;
    }
}
