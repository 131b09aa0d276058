//! Other demanglers: programs that stand on the search path.

use std::ffi::OsStr;
use std::fs::File;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use libdemangle::Options;
use libelf::edit::{Object, Symbol};
use libelf::raw::{EM_X86_64, ET_REL, Endianness};
use libelf::{Class, Encoding};

/// So many names go through a program at once.
const CHUNK: usize = 50_000;

/// A program that demangles, and the spelling of ours that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// GNU's `c++filt`, as a filter.
    Cxxfilt,
    /// GNU's `nm -C`.
    Nm,
    /// LLVM's `llvm-cxxfilt`, as a filter.
    Llvm,
}

/// The texts of names, in their order.
#[derive(Debug, Default)]
pub struct Texts(Vec<Vec<u8>>);

impl Texts {
    /// Each text.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }
}

impl Reference {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cxxfilt, Self::Nm, Self::Llvm];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cxxfilt => "c++filt",
            Self::Nm => "nm -C",
            Self::Llvm => "llvm-cxxfilt",
        }
    }

    /// Our options that spell names as it does.
    pub fn options(self) -> Options {
        match self {
            Self::Cxxfilt => Options::CXXFILT,
            Self::Nm => Options::NM,
            Self::Llvm => Options::LLVM,
        }
    }

    fn command(self) -> Command {
        match self {
            Self::Cxxfilt => Command::new("/usr/bin/c++filt"),
            Self::Nm => {
                let mut command = Command::new("/usr/bin/nm");
                command.args(["-C", "-j", "-p"]);
                command
            }
            Self::Llvm => Command::new("llvm-cxxfilt-14"),
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Cxxfilt | Self::Nm => "binutils",
            Self::Llvm => "llvm-14",
        }
    }

    /// What it makes of the names; a name that it does not know stays as it is.
    ///
    /// # Errors
    /// Where the program is not there, or does not answer with a line for each name.
    pub fn texts(self, names: &[&[u8]]) -> Result<Texts> {
        let mut texts = Vec::with_capacity(names.len());
        for chunk in names.chunks(CHUNK) {
            let input = if self == Self::Nm { object(chunk)? } else { joined(chunk) };
            let output = self.run(&input)?;
            let lines = output.strip_suffix(b"\n").unwrap_or(&output);
            let before = texts.len();
            texts.extend(lines.split(|&byte| byte == b'\n').map(<[u8]>::to_vec));
            let answered = texts.len() - before;
            if answered != chunk.len() {
                bail!("{}: {answered} answers to {} names", self.name(), chunk.len());
            }
        }
        Ok(Texts(texts))
    }

    /// The same, without an error for a name that ends the program: it has no text then.
    ///
    /// # Errors
    /// Where the program is not there.
    pub fn texts_or_none(self, names: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>> {
        if let Ok(texts) = self.texts(names) {
            return Ok(texts.0.into_iter().map(Some).collect());
        }
        if names.len() <= 1 {
            // Whether it is there at all.
            self.texts(&[b"_Z1fv"])?;
            return Ok(vec![None; names.len()]);
        }
        let (first, second) = names.split_at(names.len() / 2);
        let mut texts = self.texts_or_none(first)?;
        texts.extend(self.texts_or_none(second)?);
        Ok(texts)
    }

    fn run(self, input: &[u8]) -> Result<Vec<u8>> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), input)?;
        let mut command = self.command();
        if self == Self::Nm {
            command.arg::<&OsStr>(file.path().as_ref()).stdin(Stdio::null());
        } else {
            command.stdin(File::open(file.path())?);
        }
        let output = command.output().with_context(|| {
            let package = self.package();
            format!("{} is not there: apt-get install {package}", self.name())
        })?;
        if !output.status.success() {
            bail!("{}: {}", self.name(), String::from_utf8_lossy(&output.stderr));
        }
        Ok(output.stdout)
    }
}

fn joined(names: &[&[u8]]) -> Vec<u8> {
    let mut text = names.join(&b'\n');
    text.push(b'\n');
    text
}

/// An object file in which each name is an undefined symbol.
fn object(names: &[&[u8]]) -> Result<Vec<u8>> {
    let encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
    let mut object = Object::new(encoding, ET_REL.0, EM_X86_64.0);
    let table = object.symbol_table();
    for name in names {
        let symbol = Symbol { name: (*name).into(), info: 1 << 4, ..Symbol::default() };
        object.add_symbol(table, symbol)?;
    }
    object.complete();
    Ok(object.to_bytes()?)
}
