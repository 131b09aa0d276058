//! Hash tables over dynamic symbols: `hash …;`, `gnu_hash …;`.
//!
//! ```text
//! section .hash { hash; }                          computed from the linked symbols
//! section .gnu.hash { gnu_hash style=llvm; }       with the numbers that LLVM's linker chooses
//! section .hash { hash nbucket=0xffffffff buckets=[1] chains=[0, 0]; }
//! ```
//!
//! With lists, the words are those of the lists, and numbers only say what the header claims.
//!
//! | attribute | of | |
//! |---|---|---|
//! | `nbucket`, `nchain` | `hash` | the numbers of buckets and of symbols |
//! | `order=descending` | `hash` | buckets lead to their highest symbol first |
//! | `buckets`, `chains` | `hash` | the words |
//! | `nbuckets`, `first`, `maskwords`, `shift` | `gnu_hash` | the header |
//! | `bloom`, `buckets`, `values` | `gnu_hash` | the words |
//! | `style` | both | `gnu` or `llvm`: whose choice the numbers are |

use libelf::edit::Contents;
use libelf::edit::contents::hashes::{ChainOrder, GnuHash, GnuWords, Style, SysvHash, SysvWords};
use libpeg::notation::{Statement, TermKind};

use crate::context::{Context, Read, unexpected};
use crate::printer::Printer;
use crate::row::{self, Row};

/// Lists of more numbers than this have a line of their own for each of [`LINE`] numbers.
const SHORT: usize = 8;
/// The numbers of a line.
const LINE: usize = 8;

fn print_style(style: Style, printer: &mut Printer<'_>) {
    if style == Style::Llvm {
        printer.attribute("style");
        printer.text("llvm");
    }
}

/// Prints ` name=[…]`, on several lines if it is long.
fn print_list(
    name: &str,
    numbers: impl ExactSizeIterator<Item = u64> + Clone,
    printer: &mut Printer<'_>,
) {
    printer.attribute(name);
    if numbers.len() <= SHORT {
        return row::print_numbers(printer, numbers);
    }
    printer.text("[");
    for (index, number) in numbers.enumerate() {
        if index % LINE == 0 {
            printer.end_line();
            printer.indent();
            printer.text("    ");
        } else {
            printer.text(" ");
        }
        printer.number(number);
        printer.text(",");
    }
    printer.text("]");
}

/// Prints the block of a SysV hash table.
pub fn print_sysv(hash: &SysvHash, printer: &mut Printer<'_>) {
    printer.text(" { hash");
    print_style(hash.style, printer);
    row::print_field(printer, "nbucket", hash.bucket_count);
    row::print_field(printer, "nchain", hash.chain_count);
    if hash.order == ChainOrder::Descending {
        printer.attribute("order");
        printer.text("descending");
    }
    if let Some(words) = &hash.given {
        print_list("buckets", words.buckets.iter().copied(), printer);
        print_list("chains", words.chains.iter().copied(), printer);
    }
    printer.text("; }\n");
}

/// Prints the block of a GNU hash table.
pub fn print_gnu(hash: &GnuHash, printer: &mut Printer<'_>) {
    printer.text(" { gnu_hash");
    print_style(hash.style, printer);
    row::print_field(printer, "nbuckets", hash.bucket_count);
    row::print_field(printer, "first", hash.first_symbol);
    row::print_field(printer, "maskwords", hash.bloom_count);
    row::print_field(printer, "shift", hash.bloom_shift);
    if let Some(words) = &hash.given {
        print_list("bloom", words.bloom.iter().copied(), printer);
        print_list("buckets", words.buckets.iter().map(|&bucket| bucket.into()), printer);
        print_list("values", words.chains.iter().map(|&value| value.into()), printer);
    }
    printer.text("; }\n");
}

fn read_style(row: &mut Row<'_>) -> Read<Style> {
    match row.attribute("style") {
        None => Ok(Style::Gnu),
        Some(term) => match term.word() {
            Some("gnu") => Ok(Style::Gnu),
            Some("llvm") => Ok(Style::Llvm),
            _ => Err(unexpected(term, "`gnu` or `llvm`")),
        },
    }
}

/// The numbers of a list, each of at most `bits` bits; `None` if the attribute is not there.
fn read_list<T: TryFrom<u64>>(
    name: &'static str,
    bits: u32,
    row: &mut Row<'_>,
    context: &mut Context<'_>,
) -> Read<Option<Vec<T>>> {
    let Some(term) = row.attribute(name) else {
        return Ok(None);
    };
    match term.kind {
        TermKind::List(_) => row::numbers(term, bits, context).map(Some),
        _ => Err(unexpected(term, "a list of numbers")),
    }
}

/// Reads `hash`.
///
/// # Errors
/// A value that does not fit.
pub fn read_sysv<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let mut row = Row::after_keyword(statement);
    let style = read_style(&mut row)?;
    let bucket_count = row.field("nbucket", u64::BITS, context)?;
    let chain_count = row.field("nchain", u64::BITS, context)?;
    let order = match row.attribute("order") {
        None => ChainOrder::Ascending,
        Some(term) => match term.word() {
            Some("ascending") => ChainOrder::Ascending,
            Some("descending") => ChainOrder::Descending,
            _ => return Err(unexpected(term, "`ascending` or `descending`")),
        },
    };
    let buckets: Option<Vec<u64>> = read_list("buckets", u64::BITS, &mut row, context)?;
    let chains: Option<Vec<u64>> = read_list("chains", u64::BITS, &mut row, context)?;
    row.finish_line()?;
    let is_given = buckets.is_some() || chains.is_some();
    let given = is_given.then(|| SysvWords {
        buckets: buckets.unwrap_or_default(),
        chains: chains.unwrap_or_default(),
    });
    Ok(Contents::SysvHash(SysvHash { style, bucket_count, chain_count, order, given }))
}

/// Reads `gnu_hash`.
///
/// # Errors
/// A value that does not fit.
pub fn read_gnu<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Contents<'s>> {
    let mut row = Row::after_keyword(statement);
    let style = read_style(&mut row)?;
    let bucket_count = row.field("nbuckets", u32::BITS, context)?;
    let first_symbol = row.field("first", u32::BITS, context)?;
    let bloom_count = row.field("maskwords", u32::BITS, context)?;
    let bloom_shift = row.field("shift", u32::BITS, context)?;
    let bits = context.word_bits();
    let bloom: Option<Vec<u64>> = read_list("bloom", bits, &mut row, context)?;
    let buckets: Option<Vec<u32>> = read_list("buckets", u32::BITS, &mut row, context)?;
    let chains: Option<Vec<u32>> = read_list("values", u32::BITS, &mut row, context)?;
    row.finish_line()?;
    let is_given = bloom.is_some() || buckets.is_some() || chains.is_some();
    let given = is_given.then(|| GnuWords {
        bloom: bloom.unwrap_or_default(),
        buckets: buckets.unwrap_or_default(),
        chains: chains.unwrap_or_default(),
    });
    Ok(Contents::GnuHash(GnuHash {
        style,
        bucket_count,
        first_symbol,
        bloom_count,
        bloom_shift,
        given,
    }))
}
