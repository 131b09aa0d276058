//! A kernel image with symbols, of the corpus's kernel, which has none: distributions strip it. But
//! it carries a table of its own, kallsyms, to name functions in its messages. From that the symbol
//! table is made again, but for sizes, which nothing tells.
//!
//! As in Linux 6, in the order in which they lie in the image, each aligned to 8 bytes:
//!
//! ```text
//! offsets          4 bytes a symbol; below 0: from the base down, else the address of a variable
//!                  that each processor has
//! base             8 bytes
//! number           4 bytes
//! names            each a length, of two bytes from 128 on, and so many numbers of tokens
//! markers          the offset of each 256th name, 4 bytes
//! (a table of newer kernels)
//! tokens           256 texts, each ended by a zero byte; a name's first letter is its class
//! token index      the offset of each, 2 bytes
//! ```

use std::path::Path;

use anyhow::{Context, Result};

/// The texts of tokens that stand for digits: that of a digit is itself.
const DIGITS: &[u8] = b"0\x001\x002\x003\x004\x005\x006\x007\x008\x009\0";
const FIRST_DIGIT: usize = b'0' as usize;
const TOKENS: usize = 256;
/// A marker stands for so many names.
const NAMES_PER_MARKER: usize = 256;
/// So many markers are enough to know them by.
const MARKERS_TO_KNOW: usize = 20;
/// The sizes in bytes of the structures of a file of 64 bits.
const SECTION_HEADER: usize = 64;
const SYMBOL: usize = 24;
/// `SHN_ABS`
const ABSOLUTE: u16 = 0xfff1;

/// A symbol of kallsyms.
struct Symbol {
    value: u64,
    /// The letter that nm has for it.
    class: u8,
    name: Vec<u8>,
}

/// Writes the image `from` with its symbols to `to`.
///
/// # Errors
/// If it has no kallsyms of this form.
pub fn with_symbols(from: &Path, to: &Path) -> Result<()> {
    let image = std::fs::read(from).with_context(|| from.display().to_string())?;
    let symbols = symbols(&image).context("no kallsyms")?;
    let file = add_symbols(&image, &symbols).context("no sections")?;
    Ok(std::fs::write(to, file)?)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn symbols(image: &[u8]) -> Option<Vec<Symbol>> {
    let (tokens_at, tokens) =
        memchr::memmem::find_iter(image, DIGITS).find_map(|digits| tokens(image, digits))?;
    let mut markers = tokens_at & !7;
    while !are_markers(image, markers)? {
        markers = markers.checked_sub(8)?;
    }
    let is_marker = |at: &usize| is_step(image, markers, *at) == Some(true);
    let count = (1..image.len()).take_while(is_marker).count() + 1;
    let last = u32_at(image, markers + 4 * (count - 1))? as usize;
    let mut number_at = markers.checked_sub(last + 8)? & !7;
    let number = loop {
        let number = u32_at(image, number_at)? as usize;
        if number.div_ceil(NAMES_PER_MARKER) == count {
            break number;
        }
        number_at = number_at.checked_sub(8)?;
    };
    let base = u64_at(image, number_at.checked_sub(8)?)?;
    let offsets = number_at.checked_sub(8 + (4 * number).next_multiple_of(8))?;
    let mut at = number_at + 8;
    let mut symbols = Vec::with_capacity(number);
    for index in 0..number {
        let mut length = usize::from(*image.get(at)?);
        at += 1;
        if length >= 128 {
            length = length - 128 + 128 * usize::from(*image.get(at)?);
            at += 1;
        }
        let numbers = image.get(at..at + length)?;
        at += length;
        let text: Vec<u8> = numbers
            .iter()
            .filter_map(|&number| tokens.get(usize::from(number)))
            .copied()
            .flatten()
            .copied()
            .collect();
        let (class, name) = text.split_first()?;
        let offset = u32_at(image, offsets + 4 * index)?.cast_signed();
        let value = if offset < 0 {
            base.wrapping_sub(1).wrapping_sub(i64::from(offset).cast_unsigned())
        } else {
            u64::from(offset.cast_unsigned())
        };
        symbols.push(Symbol { value, class: *class, name: name.to_vec() });
    }
    Some(symbols)
}

/// Where the tokens start, and each of them, if `digits` is where those of digits are.
fn tokens(image: &[u8], digits: usize) -> Option<(usize, Vec<&[u8]>)> {
    let mut end = digits;
    for _ in FIRST_DIGIT..TOKENS {
        end += memchr::memchr(0, image.get(end..)?)? + 1;
    }
    let index = end.next_multiple_of(8);
    let start = digits.checked_sub(u16_at(image, index + 2 * FIRST_DIGIT)?.into())?;
    if u16_at(image, index)? != 0 {
        return None;
    }
    let texts = (0..TOKENS).map(|token| {
        let text = image.get(start + usize::from(u16_at(image, index + 2 * token)?)..)?;
        text.get(..memchr::memchr(0, text)?)
    });
    Some((start, texts.collect::<Option<_>>()?))
}

/// Whether markers start at `at`. `None` where the image ends.
fn are_markers(image: &[u8], at: usize) -> Option<bool> {
    let is_first = u32_at(image, at)? == 0;
    Some(is_first && (1..MARKERS_TO_KNOW).all(|step| is_step(image, at, step) == Some(true)))
}

/// Whether the marker number `step` is as far from the one before as 256 names may take.
fn is_step(image: &[u8], markers: usize, step: usize) -> Option<bool> {
    let before = u32_at(image, markers + 4 * (step - 1))?;
    let distance = u32_at(image, markers + 4 * step)?.checked_sub(before)?;
    Some((512..16384).contains(&distance))
}

/// The image with a symbol table behind all it had.
fn add_symbols(image: &[u8], symbols: &[Symbol]) -> Option<Vec<u8>> {
    let table = usize::try_from(u64_at(image, 40)?).ok()?;
    let (count, names_index) = (u16_at(image, 60)?, usize::from(u16_at(image, 62)?));
    let headers = image.get(table..table + SECTION_HEADER * usize::from(count))?;
    let (headers, _) = headers.as_chunks::<SECTION_HEADER>();
    let sections: Vec<(u64, u64)> = headers
        .iter()
        .map(|header| Some((u64_at(header, 16)?, u64_at(header, 32)?)))
        .collect::<Option<_>>()?;
    let home = |symbol: &Symbol| {
        let is_inside = |&(addr, size): &(u64, u64)| {
            symbol.value.checked_sub(addr).is_some_and(|offset| offset < size) && addr != 0
        };
        let is_absolute = symbol.class.eq_ignore_ascii_case(&b'a');
        let place = sections.iter().position(is_inside).filter(|_| !is_absolute);
        place.and_then(|place| u16::try_from(place).ok()).unwrap_or(ABSOLUTE)
    };
    let (mut strings, mut locals, mut globals) = (vec![0], vec![0; SYMBOL], Vec::new());
    for symbol in symbols {
        let binding = match symbol.class {
            b'w' | b'W' | b'v' | b'V' => 2,
            class => u8::from(class.is_ascii_uppercase()),
        };
        let kind = match symbol.class.to_ascii_lowercase() {
            b't' | b'w' => 2,
            b'a' => 0,
            _ => 1,
        };
        let symbols = if binding == 0 { &mut locals } else { &mut globals };
        symbols.extend(u32::try_from(strings.len()).ok()?.to_le_bytes());
        symbols.extend([binding << 4 | kind, 0]);
        symbols.extend(home(symbol).to_le_bytes());
        symbols.extend(symbol.value.to_le_bytes());
        symbols.extend([0; 8]);
        strings.extend(&symbol.name);
        strings.push(0);
    }
    let first_global = u32::try_from(locals.len() / SYMBOL).ok()?;
    locals.extend(globals);

    let names_header = table + SECTION_HEADER * names_index;
    let (names_at, names_size) =
        (u64_at(image, names_header + 24)?, u64_at(image, names_header + 32)?);
    let names_at = usize::try_from(names_at).ok()?;
    let mut names = image.get(names_at..names_at + usize::try_from(names_size).ok()?)?.to_vec();
    let symtab_name = u32::try_from(names.len()).ok()?;
    names.extend(b".symtab\0.strtab\0");

    let mut file = image.to_vec();
    let mut append = |bytes: &[u8]| {
        file.resize(file.len().next_multiple_of(8), 0);
        let at = file.len() as u64;
        file.extend(bytes);
        (at, bytes.len() as u64)
    };
    let (symtab, strtab, names) = (append(&locals), append(&strings), append(&names));
    let mut headers = image.get(table..table + SECTION_HEADER * usize::from(count))?.to_vec();
    let place = headers.get_mut(SECTION_HEADER * names_index + 24..)?.first_chunk_mut::<16>()?;
    *place = pair(names);
    let link = u32::from(count) + 1;
    headers.extend(header(symtab_name, 2, symtab, link, first_global, SYMBOL as u64));
    headers.extend(header(symtab_name + 8, 3, strtab, 0, 0, 0));
    let (headers, _) = append(&headers);
    *file.get_mut(40..)?.first_chunk_mut()? = headers.to_le_bytes();
    *file.get_mut(60..)?.first_chunk_mut()? = (count + 2).to_le_bytes();
    Some(file)
}

/// Offset and size as they stand in a section header.
fn pair((at, size): (u64, u64)) -> [u8; 16] {
    (u128::from(size) << 64 | u128::from(at)).to_le_bytes()
}

/// A section header; `contents` are offset and size in bytes.
fn header(name: u32, kind: u32, contents: (u64, u64), link: u32, info: u32, entry: u64) -> Vec<u8> {
    let mut header = Vec::with_capacity(SECTION_HEADER);
    header.extend(name.to_le_bytes());
    header.extend(kind.to_le_bytes());
    header.extend([0; 16]);
    header.extend(pair(contents));
    header.extend(link.to_le_bytes());
    header.extend(info.to_le_bytes());
    header.extend(8_u64.to_le_bytes());
    header.extend(entry.to_le_bytes());
    header
}
