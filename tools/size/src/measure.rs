//! The sizes of one object file.

use common::notices::printed;
use common::targets::Target;
use libelf::linkview::{self, CommonFault, LinkView, Notice, Section};

use crate::options::{Options, Style};

/// Sums over the sections that become memory, in bytes; all sums wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Instructions; in Berkeley style also data that nothing writes.
    pub text: u64,
    /// Data that the file holds; in GNU style also that which nothing writes.
    pub data: u64,
    /// Memory that starts as zeros.
    pub bss: u64,
}

impl Sizes {
    /// All three.
    pub fn total(&self) -> u64 {
        self.text.wrapping_add(self.data).wrapping_add(self.bss)
    }

    /// Adds the sizes of another file.
    pub fn add(&mut self, other: &Self) {
        self.text = self.text.wrapping_add(other.text);
        self.data = self.data.wrapping_add(other.data);
        self.bss = self.bss.wrapping_add(other.bss);
    }

    fn of(sections: &[Section<'_>], style: Style) -> Self {
        let mut sizes = Self::default();
        for section in sections {
            let flags = section.flags;
            if !flags.is_alloc() {
                continue;
            }
            let is_text = flags.is_code() || flags.is_readonly() && style != Style::Gnu;
            let sum = if is_text {
                &mut sizes.text
            } else if flags.has_contents() {
                &mut sizes.data
            } else {
                &mut sizes.bss
            };
            *sum = sum.wrapping_add(section.size);
        }
        sizes
    }
}

/// What a core file says of its process.
#[derive(Debug)]
pub struct CoreFile {
    /// The command line, as far as the file kept it.
    pub command: Option<Vec<u8>>,
}

/// An object file, measured.
#[derive(Debug)]
pub struct Measured<'data> {
    /// The sums.
    pub sizes: Sizes,
    /// What common symbols ask for, if that was asked.
    pub common: u64,
    /// The sections, if the style prints them.
    pub sections: Vec<Section<'data>>,
    /// What is wrong with the file without spoiling it.
    pub notices: Vec<Notice>,
    /// What is wrong with its symbols, if they were looked at.
    pub symbol_notices: Vec<Notice>,
    /// For a core file what ran.
    pub core: Option<CoreFile>,
}

/// Why a file has no sizes.
#[derive(Debug)]
pub enum Failure {
    /// It is no object file. The notices are those to print all the same.
    NotRecognized(Vec<Notice>),
    /// Its symbols cannot be read, with the notices on the file.
    Symbols(CommonFault, Vec<Notice>),
}

/// Measures the file with these bytes.
pub fn measure<'data>(data: &'data [u8], options: &Options) -> Result<Measured<'data>, Failure> {
    if options.target == Target::Binary {
        return Ok(measure_binary(data));
    }
    let view = match LinkView::parse(data) {
        Ok(view) => view,
        Err(error) => return Err(Failure::NotRecognized(printed(data, error.notices, false))),
    };
    let notices = printed(data, view.notices, true);
    let sizes = Sizes::of(&view.sections, options.style);
    let mut common = 0;
    let mut symbol_notices = Vec::new();
    if options.common && !view.is_core {
        let file = libelf::File::parse(data).map_err(|_| CommonFault::Truncated);
        let size = file.and_then(|file| linkview::common_size(&file, &mut symbol_notices));
        match size {
            Ok(size) => common = size,
            Err(fault) => return Err(Failure::Symbols(fault, notices)),
        }
    }
    Ok(Measured {
        sizes: Sizes { bss: sizes.bss.wrapping_add(common), ..sizes },
        common,
        sections: view.sections,
        notices,
        symbol_notices,
        core: view.is_core.then_some(CoreFile { command: view.command }),
    })
}

/// The whole file as data.
fn measure_binary(data: &[u8]) -> Measured<'_> {
    let size = data.len() as u64;
    Measured {
        sizes: Sizes { data: size, ..Sizes::default() },
        common: 0,
        sections: vec![Section::data(b".data", size)],
        notices: Vec::new(),
        symbol_notices: Vec::new(),
        core: None,
    }
}
