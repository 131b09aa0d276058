//! Sections that LLVM's compiler leaves for its linker and tools. LLVM, "Extensions".
//!
//! ```text
//! section .llvm_addrsig LLVM_ADDRSIG E { addrsig [main, 7]; }
//! section ".llvm.call-graph-profile" LLVM_CALL_GRAPH_PROFILE E { call_graph { 89; 1; } }
//! section .stack_sizes { stack_sizes { 0x1000 24; } }
//! section .llvm_bb_addr_map LLVM_BB_ADDR_MAP { bb_addr_map {
//!     function version=2 features=8 ranges=1 {
//!         range 0x1000 blocks=1 { block 0 3 1 id=0; }
//!         profile 7 [1, 50];
//!     }
//! } }
//! ```
//!
//! A block is its offset, size and metadata. What a feature asks for is `entry_count` of the
//! function, and for each block a `profile`: its frequency, and for each successor a list of id and
//! probability.

use libelf::edit::contents::llvm::{Block, BlockMap, BlockProfile, BlockRange, StackSize};
use libelf::edit::reloc::RelocSymbol;
use libelf::edit::{Contents, SymbolId};
use libpeg::diagnostic::Diagnostic;
use libpeg::notation::{Statement, TermKind};

use crate::context::{Context, Read, no_symbols, unexpected};
use crate::printer::Printer;
use crate::row::{self, Row};
use crate::section::linked_table;
use crate::view::View;

/// The symbols of a line.
const SYMBOLS_LINE: usize = 6;

/// Prints the block of symbols whose addresses matter.
pub fn print_symbols(symbols: &[RelocSymbol], printer: &mut Printer<'_>, view: &View<'_, '_>) {
    let is_short = symbols.len() <= SYMBOLS_LINE;
    printer.text(" { addrsig [");
    for (index, symbol) in symbols.iter().enumerate() {
        if index > 0 {
            printer.text(if is_short { ", " } else { "," });
        }
        if !is_short && index % SYMBOLS_LINE == 0 {
            printer.end_line();
            printer.indent();
            printer.text("    ");
        } else if !is_short {
            printer.text(" ");
        }
        match *symbol {
            RelocSymbol::None => printer.text("0"),
            RelocSymbol::Symbol(id) => view.print_reference(printer, view.symbol(id)),
            RelocSymbol::Index(index) => printer.number(index.into()),
        }
    }
    printer.text("]; }\n");
}

/// Reads `addrsig`.
///
/// # Errors
/// A symbol that is not there.
pub fn read_symbols<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    let mut row = Row::after_keyword(statement);
    let terms = row::list(row.need("a list of symbols")?);
    row.finish_line()?;
    let table = context.section.and_then(|id| linked_table(id, context));
    let mut symbols = Vec::with_capacity(terms.len());
    for term in terms {
        if term.text().is_some() {
            let Some(table) = table else {
                return Err(no_symbols(term));
            };
            symbols.push(RelocSymbol::Symbol(context.symbol(table, term)?));
            continue;
        }
        let index = context.unsigned(term, u32::BITS)? as u32;
        let key = table.and_then(|table| {
            let key = *context.symbol_keys(table).get(index as usize)?;
            Some(SymbolId { table, key })
        });
        symbols.push(match key {
            _ if index == 0 => RelocSymbol::None,
            Some(id) => RelocSymbol::Symbol(id),
            None => RelocSymbol::Index(index),
        });
    }
    Ok(Contents::AddressSignificant(symbols))
}

/// Prints the block of weights.
pub fn print_weights(weights: &[u64], printer: &mut Printer<'_>) {
    printer.open_inner("call_graph");
    for &weight in weights {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        printer.dec(weight);
        printer.end();
    }
    printer.close_inner();
}

/// Reads `call_graph`.
///
/// # Errors
/// An attribute that it does not have. Errors of weights are collected.
pub fn read_weights<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    Row::after_keyword(statement).finish()?;
    let mut weights = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let mut row = Row::new(statement);
        while let Some(term) = row.take() {
            let weight = context.unsigned(term, u64::BITS);
            weights.extend(context.check(weight));
        }
        let end = row.finish_line();
        context.check(end);
    }
    Ok(Contents::CallWeights(weights))
}

/// Prints the block of frames.
pub fn print_stack_sizes(sizes: &[StackSize], printer: &mut Printer<'_>) {
    printer.open_inner("stack_sizes");
    for entry in sizes {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        printer.hex_number(entry.address);
        printer.text(" ");
        printer.dec(entry.size);
        printer.end();
    }
    printer.close_inner();
}

/// Reads `stack_sizes`.
///
/// # Errors
/// An attribute that it does not have. Errors of rows are collected.
pub fn read_stack_sizes<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    Row::after_keyword(statement).finish()?;
    let mut sizes = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let size = read_stack_size(statement, context);
        sizes.extend(context.check(size));
    }
    Ok(Contents::StackSizes(sizes))
}

fn read_stack_size<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<StackSize> {
    let mut row = Row::new(statement);
    let bits = context.word_bits();
    let address = context.unsigned(row.need("the address of the function")?, bits)?;
    let size = context.unsigned(row.need("the size of its frame")?, u64::BITS)?;
    row.finish_line()?;
    Ok(StackSize { address, size })
}

/// Prints the block of basic blocks.
pub fn print_block_maps(maps: &[BlockMap], printer: &mut Printer<'_>) {
    printer.open_inner("bb_addr_map");
    for map in maps {
        if printer.has_failed() {
            break;
        }
        printer.indent();
        printer.text("function");
        attribute("version", map.version.into(), printer);
        attribute("features", map.features.into(), printer);
        row::print_field(printer, "ranges", map.range_count);
        attribute("entry_count", map.entry_count, printer);
        printer.open();
        for range in &map.ranges {
            print_range(range, printer);
        }
        for profile in &map.profile {
            print_profile(profile, printer);
        }
        printer.close();
    }
    printer.close_inner();
}

fn attribute(name: &str, value: u64, printer: &mut Printer<'_>) {
    if value != 0 {
        printer.dec_attribute(name, value);
    }
}

fn print_range(range: &BlockRange, printer: &mut Printer<'_>) {
    printer.indent();
    printer.text("range ");
    printer.hex_number(range.address);
    row::print_field(printer, "blocks", range.block_count);
    printer.open();
    for block in &range.blocks {
        printer.indent();
        printer.text("block");
        for number in [block.offset, block.size, block.metadata] {
            printer.text(" ");
            printer.number(number);
        }
        attribute("id", block.id, printer);
        printer.end();
    }
    printer.close();
}

fn print_profile(profile: &BlockProfile, printer: &mut Printer<'_>) {
    printer.indent();
    printer.text("profile ");
    printer.number(profile.frequency);
    for &(id, probability) in &profile.successors {
        printer.text(" ");
        row::print_numbers(printer, [id, probability]);
    }
    printer.end();
}

/// Reads `bb_addr_map`.
///
/// # Errors
/// An attribute that it does not have. Errors of functions are collected.
pub fn read_block_maps<'s>(
    statement: &'s Statement<'s>,
    context: &mut Context<'s>,
) -> Read<Contents<'s>> {
    Row::after_keyword(statement).finish()?;
    let mut maps = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let map = read_block_map(statement, context);
        maps.extend(context.check(map));
    }
    Ok(Contents::BlockMaps(maps))
}

fn read_block_map<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<BlockMap> {
    if statement.keyword() != Some("function") {
        return Err(Diagnostic::error(statement.span, "expected `function`"));
    }
    let mut row = Row::after_keyword(statement);
    let mut map = BlockMap {
        version: row.unsigned("version", u8::BITS, context)?.unwrap_or_default() as u8,
        features: row.unsigned("features", u8::BITS, context)?.unwrap_or_default() as u8,
        range_count: row.field("ranges", u64::BITS, context)?,
        ranges: Vec::new(),
        entry_count: row.unsigned("entry_count", u64::BITS, context)?.unwrap_or_default(),
        profile: Vec::new(),
    };
    row.finish()?;
    for statement in statement.children() {
        match statement.keyword() {
            Some("range") => {
                let range = read_range(statement, context);
                map.ranges.extend(context.check(range));
            }
            Some("profile") => {
                let profile = read_profile(statement, context);
                map.profile.extend(context.check(profile));
            }
            _ => {
                let message = "expected `range` or `profile`";
                context.report(Diagnostic::error(statement.span, message));
            }
        }
    }
    Ok(map)
}

fn read_range<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<BlockRange> {
    let mut row = Row::after_keyword(statement);
    let bits = context.word_bits();
    let address = context.unsigned(row.need("the address of the range")?, bits)?;
    let block_count = row.field("blocks", u64::BITS, context)?;
    row.finish()?;
    let mut blocks = Vec::with_capacity(statement.children().len());
    for statement in statement.children() {
        let block = read_block(statement, context);
        blocks.extend(context.check(block));
    }
    Ok(BlockRange { address, block_count, blocks })
}

fn read_block<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<Block> {
    if statement.keyword() != Some("block") {
        return Err(Diagnostic::error(statement.span, "expected `block`"));
    }
    let mut row = Row::after_keyword(statement);
    let block = Block {
        id: row.unsigned("id", u64::BITS, context)?.unwrap_or_default(),
        offset: context.unsigned(row.need("the offset of the block")?, u64::BITS)?,
        size: context.unsigned(row.need("the size of the block")?, u64::BITS)?,
        metadata: context.unsigned(row.need("the metadata of the block")?, u64::BITS)?,
    };
    row.finish_line()?;
    Ok(block)
}

fn read_profile<'s>(statement: &'s Statement<'s>, context: &mut Context<'s>) -> Read<BlockProfile> {
    let mut row = Row::after_keyword(statement);
    let frequency = context.unsigned(row.need("the frequency of the block")?, u64::BITS)?;
    let mut successors = Vec::new();
    while let Some(term) = row.take() {
        let TermKind::List(_) = &term.kind else {
            return Err(unexpected(term, "`[id, probability]`"));
        };
        let numbers: Vec<u64> = row::numbers(term, u64::BITS, context)?;
        match *numbers.as_slice() {
            [id, probability] => successors.push((id, probability)),
            _ => return Err(unexpected(term, "`[id, probability]`")),
        }
    }
    row.finish_line()?;
    Ok(BlockProfile { frequency, successors })
}
