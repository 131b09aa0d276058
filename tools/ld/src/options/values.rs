//! Values of options: their words, and GNU's messages for others.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use libld::options::{
    BuildId, Colour, CommonOrder, Compression, Format, HashStyle, Linkage, OrphanHandling,
    SectionOrder, SectionStart, Unresolved,
};

use super::keywords::quoted;
use super::number;
use super::reader::Stop;

/// Names of formats that GNU's linkers write, and this one does not.
const FOREIGN_FORMATS: &[&str] = &[
    "elf32-big",
    "elf32-iamcu",
    "elf32-little",
    "elf64-big",
    "elf64-little",
    "ihex",
    "pdb",
    "pe-bigobj-x86-64",
    "pe-i386",
    "pe-x86-64",
    "pei-i386",
    "pei-x86-64",
    "plugin",
    "srec",
    "symbolsrec",
    "tekhex",
    "verilog",
];

/// `-a`
pub fn linkage(text: &[u8]) -> Result<Linkage, Stop> {
    match text {
        b"archive" => Ok(Linkage::Static),
        b"shared" | b"default" => Ok(Linkage::Dynamic),
        _ => Err(Stop::Message(quoted("unrecognized -a option", text))),
    }
}

/// A folder of `-L`, with the sysroot in the place of `=` or `$SYSROOT` in front.
pub fn below_sysroot(folder: &[u8], sysroot: &Path) -> PathBuf {
    let rest = folder.strip_prefix(b"=").or_else(|| folder.strip_prefix(b"$SYSROOT"));
    let bytes = match rest {
        Some(rest) => [sysroot.as_os_str().as_bytes(), rest].concat(),
        None => folder.to_vec(),
    };
    PathBuf::from(OsString::from_vec(bytes))
}

/// `--oformat`
pub fn output_format(name: &[u8]) -> Result<Format, Stop> {
    Format::named(name).ok_or_else(|| {
        let is_foreign = FOREIGN_FORMATS.iter().any(|foreign| foreign.as_bytes() == name);
        let (before, after) = if is_foreign {
            ("output format ", " is not supported")
        } else {
            ("target ", " not found")
        };
        Stop::Message([before.as_bytes(), name, after.as_bytes()].concat())
    })
}

/// `--build-id`: what it is made of, nothing for `none`.
///
/// # Errors
/// The style is unknown.
pub fn build_id(style: &[u8]) -> Result<Option<BuildId>, UnknownStyle> {
    let build_id = match style {
        b"none" => return Ok(None),
        b"fast" => BuildId::Fast,
        b"md5" => BuildId::Md5,
        b"sha1" => BuildId::Sha1,
        b"sha256" => BuildId::Sha256,
        b"uuid" => BuildId::Uuid,
        [b'0', b'x' | b'X', digits @ ..] => BuildId::Hex(hex_bytes(digits).ok_or(UnknownStyle)?),
        _ => return Err(UnknownStyle),
    };
    Ok(Some(build_id))
}

/// A style of build id that there is none of.
#[derive(Clone, Copy, Debug)]
pub struct UnknownStyle;

/// Pairs of digits, with `-` or `:` between them where one likes.
fn hex_bytes(mut digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::new();
    loop {
        digits = match *digits {
            [] => break,
            [b'-' | b':', ref rest @ ..] => rest,
            [high, low, ref rest @ ..] => {
                bytes.push(digit(high)? << 4 | digit(low)?);
                rest
            }
            [_] => return None,
        };
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// `--compress-debug-sections`
pub fn compression(text: &[u8]) -> Result<Compression, Stop> {
    match text {
        b"none" => Ok(Compression::Nothing),
        b"zlib" | b"zlib-gabi" => Ok(Compression::Zlib),
        b"zlib-gnu" => Ok(Compression::ZlibGnu),
        b"zstd" => Ok(Compression::Zstd),
        _ => Err(Stop::Message(quoted("invalid --compress-debug-sections option:", text))),
    }
}

/// `SECTION=ADDRESS`
pub fn section_start(text: &[u8], follows_script: bool) -> Result<SectionStart, Stop> {
    let at = text.iter().position(|&byte| byte == b'=');
    let Some((section, address)) = at.and_then(|at| text.split_at_checked(at)) else {
        return Err("invalid argument to option \"--section-start\"".into());
    };
    let address = self::address(address.get(1..).unwrap_or_default())?;
    Ok(SectionStart { section: section.to_vec(), address, follows_script })
}

/// An address, in base 16.
pub fn address(text: &[u8]) -> Result<u64, Stop> {
    number::whole_hex(text).ok_or_else(|| Stop::Message(quoted("invalid hex number", text)))
}

/// `--sort-section`
pub fn section_order(text: &[u8]) -> Result<SectionOrder, Stop> {
    match text {
        b"name" => Ok(SectionOrder::Name),
        b"alignment" => Ok(SectionOrder::Alignment),
        _ => Err(named("invalid section sorting option: ", text)),
    }
}

/// `--sort-common`
pub fn common_order(text: &[u8], has_value: bool) -> Result<CommonOrder, Stop> {
    match text {
        _ if !has_value => Ok(CommonOrder::Descending),
        b"descending" => Ok(CommonOrder::Descending),
        b"ascending" => Ok(CommonOrder::Ascending),
        _ => Err(named("invalid common section sorting option: ", text)),
    }
}

/// `--orphan-handling`
pub fn orphan_handling(text: &[u8]) -> Result<OrphanHandling, Stop> {
    match text {
        b"place" => Ok(OrphanHandling::Place),
        b"discard" => Ok(OrphanHandling::Discard),
        b"warn" => Ok(OrphanHandling::Warn),
        b"error" => Ok(OrphanHandling::Error),
        _ => Err("invalid argument to option \"--orphan-handling\"".into()),
    }
}

/// `--unresolved-symbols`: in objects, and in shared libraries.
pub fn unresolved(text: &[u8]) -> Result<(Unresolved, Unresolved), Stop> {
    match text {
        b"ignore-all" => Ok((Unresolved::Ignore, Unresolved::Ignore)),
        b"report-all" => Ok((Unresolved::Report, Unresolved::Report)),
        b"ignore-in-object-files" => Ok((Unresolved::Ignore, Unresolved::Report)),
        b"ignore-in-shared-libs" => Ok((Unresolved::Report, Unresolved::Ignore)),
        _ => Err(named("bad --unresolved-symbols option: ", text)),
    }
}

/// `--hash-style`
pub fn hash_style(text: &[u8]) -> Result<HashStyle, Stop> {
    match text {
        b"sysv" => Ok(HashStyle::SysV),
        b"gnu" => Ok(HashStyle::Gnu),
        b"both" => Ok(HashStyle::Both),
        _ => Err(Stop::Message(quoted("invalid hash style", text))),
    }
}

/// `--color-diagnostics`
pub fn colour(text: &[u8]) -> Result<Colour, Stop> {
    match text {
        b"auto" => Ok(Colour::Auto),
        b"always" => Ok(Colour::Always),
        b"never" => Ok(Colour::Never),
        _ => Err(named("invalid argument to --color-diagnostics: ", text)),
    }
}

/// A number in base 10, the value of the option `name`.
pub fn count(name: &str, text: &[u8]) -> Result<usize, Stop> {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| named(&format!("{name} needs a number: "), text))
}

/// Adds to a list with colons those of another that are not in it.
pub fn add_to_list(list: &mut Option<Vec<u8>>, more: &[u8]) {
    let Some(list) = list else {
        *list = Some(more.to_vec());
        return;
    };
    for item in more.split(|&byte| byte == b':') {
        if !list.split(|&byte| byte == b':').any(|known| known == item) {
            list.push(b':');
            list.extend_from_slice(item);
        }
    }
}

/// `-assert`: SunOS knew more, of which these did nothing either.
pub fn assertion(text: &[u8]) -> Result<(), Stop> {
    match text {
        b"definitions" | b"nodefinitions" | b"nosymbolic" | b"pure-text" => Ok(()),
        _ => Err(Stop::Message(quoted("unrecognized -assert option", text))),
    }
}

/// `--ctf-share-types`: types are not merged at all, so only what is usual is accepted.
pub fn ctf_sharing(text: &[u8]) -> Result<(), Stop> {
    match text {
        b"share-unconflicted" => Ok(()),
        b"share-duplicated" => Err("--ctf-share-types=share-duplicated is not supported".into()),
        _ => Err(named("bad --ctf-share-types option: ", text)),
    }
}

/// `--max-cache-size`: it says how much memory to take, which is done better without.
pub fn cache_size(text: &[u8]) -> Result<(), Stop> {
    let is_good = !text.is_empty() && number::whole(text).is_some();
    if is_good { Ok(()) } else { Err(named("invalid cache memory size: ", text)) }
}

fn named(message: &str, text: &[u8]) -> Stop {
    Stop::Message([message.as_bytes(), text].concat())
}
