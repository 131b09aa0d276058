//! What notes say: descriptors by owner and type.
//!
//! | owner | type | form |
//! |---|---|---|
//! | `GNU` | `NT_GNU_ABI_TAG` | [`Desc::AbiTag`] |
//! | `GNU` | `NT_GNU_PROPERTY_TYPE_0` | [`Desc::Properties`] |
//! | `stapsdt` | `NT_STAPSDT` | [`Desc::Probe`] |
//! | `FreeBSD`, `NetBSD`, `OpenBSD`, `PaX`, `Android` | versions and flags | [`Desc::Words`] |
//! | `CORE` | see [`super::core_desc`] | threads, process, mappings, signal |
//! | any | any: build-ids, texts | [`Desc::Bytes`] |

use std::borrow::Cow;

use object::elf::{NT_GNU_ABI_TAG, NT_GNU_PROPERTY_TYPE_0, NoteType};

use super::core_desc::{Mappings, ProcessInfo, SignalInfo, ThreadStatus};
use super::writer::{Result, Writer};
use crate::edit::Field;
use crate::ident::Encoding;
use crate::note::core_file::{OWNER_CORE, auxiliary_vector};
use crate::note::gnu::{AbiTag, Properties};
use crate::note::owner::{OPENBSD_IDENT, freebsd, netbsd};
use crate::note::{OWNER_GNU, probe};

/// `NT_PRSTATUS`
pub const NT_PRSTATUS: u64 = 1;
/// `NT_PRPSINFO`
pub const NT_PRPSINFO: u64 = 3;
/// `NT_AUXV`
pub const NT_AUXV: u64 = 6;
/// `NT_SIGINFO`: "SIGI".
pub const NT_SIGINFO: u64 = 0x5349_4749;
/// `NT_FILE`: "FILE".
pub const NT_FILE: u64 = 0x4649_4c45;

/// The descriptor of a note.
#[derive(Clone, Debug, PartialEq)]
pub enum Desc<'data> {
    /// Bytes: build-ids, texts, and what no other form says wholly.
    Bytes(Cow<'data, [u8]>),
    /// Numbers of 32 bits.
    Words(Vec<u32>),
    /// The oldest operating system that the file runs on.
    AbiTag(AbiTag),
    /// What a program asks of or promises to the loader.
    Properties(Vec<Property<'data>>),
    /// A probe of SystemTap.
    Probe(Probe<'data>),
    /// A thread of a core file.
    ThreadStatus(ThreadStatus<'data>),
    /// The process of a core file.
    ProcessInfo(ProcessInfo<'data>),
    /// What the kernel told the loader: pairs of an `AT_` number and a value; the closing pair
    /// `AT_NULL` included.
    AuxiliaryVector(Vec<(u64, u64)>),
    /// The files that were mapped into the process of a core file.
    Mappings(Mappings<'data>),
    /// The signal that ended the process of a core file.
    SignalInfo(SignalInfo<'data>),
}

impl Default for Desc<'_> {
    fn default() -> Self {
        Self::Bytes(Cow::Borrowed(&[]))
    }
}

/// A property of `NT_GNU_PROPERTY_TYPE_0`. Linux Extensions to gABI, "Program Property".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Property<'data> {
    /// `pr_type`: a `GNU_PROPERTY_` number.
    pub kind: u32,
    /// `pr_datasz`: the size of the value in bytes, padding not counted.
    pub size: Field<u32>,
    /// The value; zeros up to a multiple of the class's word follow it.
    pub value: PropertyValue<'data>,
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum PropertyValue<'data> {
    /// A number of 32 bits, as most are.
    U32(u32),
    /// A number of 64 bits: in 64-bit files the stack size.
    U64(u64),
    /// Bytes; none in properties that just are there.
    Bytes(Cow<'data, [u8]>),
}

impl Default for PropertyValue<'_> {
    fn default() -> Self {
        Self::Bytes(Cow::Borrowed(&[]))
    }
}

/// A probe of SystemTap: see [`probe`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe<'data> {
    /// The link-time address of the probe.
    pub location: u64,
    /// The link-time address of `.stapsdt.base`.
    pub base: u64,
    /// The link-time address of the counter that switches it on, or 0.
    pub semaphore: u64,
    /// The name of the library or program.
    pub provider: Cow<'data, [u8]>,
    /// The name of the probe.
    pub name: Cow<'data, [u8]>,
    /// The arguments as text.
    pub arguments: Cow<'data, [u8]>,
}

impl<'data> Desc<'data> {
    /// The form that says most without loss.
    pub fn decode(owner: &[u8], kind: u64, desc: &'data [u8], encoding: Encoding) -> Self {
        let typed = Self::decode_typed(owner, kind, desc, encoding);
        typed
            .filter(|typed| typed.encode(encoding).is_ok_and(|bytes| *bytes == *desc))
            .unwrap_or(Self::Bytes(Cow::Borrowed(desc)))
    }

    fn decode_typed(
        owner: &[u8],
        kind: u64,
        desc: &'data [u8],
        encoding: Encoding,
    ) -> Option<Self> {
        let short_kind = NoteType(u32::try_from(kind).ok()?);
        match (owner, short_kind) {
            (OWNER_GNU, NT_GNU_ABI_TAG) => AbiTag::parse(desc, encoding).map(Self::AbiTag),
            (OWNER_GNU, NT_GNU_PROPERTY_TYPE_0) => decode_properties(desc, encoding),
            (probe::OWNER, probe::KIND) => Probe::decode(desc, encoding).map(Self::Probe),
            OPENBSD_IDENT
            | (freebsd::OWNER, freebsd::ABI_TAG | freebsd::NO_INIT | freebsd::FEATURE_CONTROL)
            | (netbsd::OWNER, netbsd::IDENT)
            | (netbsd::OWNER_PAX, netbsd::PAX)
                if desc.len() == 4 =>
            {
                Some(Self::Words(vec![encoding.u32(desc, 0)?]))
            }
            (OWNER_CORE, _) => match kind {
                NT_PRSTATUS => ThreadStatus::decode(desc, encoding).map(Self::ThreadStatus),
                NT_PRPSINFO => ProcessInfo::decode(desc, encoding).map(Self::ProcessInfo),
                NT_AUXV => decode_auxiliary_vector(desc, encoding),
                NT_FILE => Mappings::decode(desc, encoding).map(Self::Mappings),
                NT_SIGINFO => SignalInfo::decode(desc, encoding).map(Self::SignalInfo),
                _ => None,
            },
            _ => None,
        }
    }

    /// The bytes of the descriptor, without padding behind it.
    ///
    /// # Errors
    /// A value that does not fit.
    pub fn encode(&self, encoding: Encoding) -> Result<Cow<'_, [u8]>> {
        let mut writer = Writer::new(encoding, "note descriptor");
        match self {
            Self::Bytes(bytes) => return Ok(Cow::Borrowed(bytes)),
            Self::Words(words) => words.iter().for_each(|&word| writer.u32(word)),
            Self::AbiTag(tag) => {
                writer.u32(tag.os);
                tag.version.iter().for_each(|&number| writer.u32(number));
            }
            Self::Properties(properties) => encode_properties(properties, &mut writer)?,
            Self::Probe(probe) => probe.encode(&mut writer)?,
            Self::ThreadStatus(status) => status.encode(&mut writer)?,
            Self::ProcessInfo(info) => info.encode(&mut writer)?,
            Self::AuxiliaryVector(pairs) => {
                for &(kind, value) in pairs {
                    writer.word("a_type", kind)?;
                    writer.word("a_val", value)?;
                }
            }
            Self::Mappings(mappings) => mappings.encode(&mut writer)?,
            Self::SignalInfo(info) => info.encode(&mut writer),
        }
        Ok(Cow::Owned(writer.finish()))
    }
}

fn decode_properties(desc: &[u8], encoding: Encoding) -> Option<Desc<'_>> {
    let properties = Properties::new(desc, encoding).map(|property| {
        let property = property.ok()?;
        let value = match property.data.len() {
            4 => PropertyValue::U32(encoding.u32(property.data, 0)?),
            8 if encoding.is_64() => PropertyValue::U64(encoding.u64(property.data, 0)?),
            _ => PropertyValue::Bytes(Cow::Borrowed(property.data)),
        };
        Some(Property { kind: property.kind.0, size: Field::Auto, value })
    });
    properties.collect::<Option<_>>().map(Desc::Properties)
}

fn encode_properties(properties: &[Property<'_>], writer: &mut Writer) -> Result<()> {
    for (index, property) in properties.iter().enumerate() {
        writer.entry_of("property", index);
        writer.u32(property.kind);
        let size = match &property.value {
            PropertyValue::U32(_) => 4,
            PropertyValue::U64(_) => 8,
            PropertyValue::Bytes(bytes) => bytes.len(),
        };
        writer.field("pr_datasz", property.size, size as u64, 4)?;
        match &property.value {
            PropertyValue::U32(value) => writer.u32(*value),
            PropertyValue::U64(value) => writer.u64(*value),
            PropertyValue::Bytes(bytes) => writer.bytes(bytes),
        }
        writer.align(writer.encoding().word_size());
    }
    Ok(())
}

fn decode_auxiliary_vector(desc: &[u8], encoding: Encoding) -> Option<Desc<'_>> {
    let mut pairs: Vec<_> = auxiliary_vector(desc, encoding).collect();
    // The closing pair, and what may follow it.
    let word = encoding.word_size();
    for pair in desc.chunks_exact(2 * word).skip(pairs.len()) {
        pairs.push((encoding.word(pair, 0)?, encoding.word(pair, word)?));
    }
    Some(Desc::AuxiliaryVector(pairs))
}

impl<'data> Probe<'data> {
    fn decode(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        let probe = probe::Probe::parse(desc, encoding)?;
        Some(Self {
            location: probe.location,
            base: probe.base,
            semaphore: probe.semaphore,
            provider: Cow::Borrowed(probe.provider),
            name: Cow::Borrowed(probe.name),
            arguments: Cow::Borrowed(probe.arguments),
        })
    }

    fn encode(&self, writer: &mut Writer) -> Result<()> {
        writer.word("location of a probe", self.location)?;
        writer.word("base of a probe", self.base)?;
        writer.word("semaphore of a probe", self.semaphore)?;
        for text in [&self.provider, &self.name, &self.arguments] {
            writer.text(text);
        }
        Ok(())
    }
}
