use gimli::{Encoding, Format, LineEncoding, Register, RunTimeEndian, constants as dw};
use libdwarf::write::{
    Address, CallFrameInstruction as Cfi, Cie, Dwarf, Fde, File, FrameSection, FrameTable,
    LineProgram, Row, Sections, Unit, UnitKind, Value, add_to_object, no_distances,
};
use libelf::edit::{Contents, Object, Section, Symbol, SymbolSection};
use libelf::raw::{EM_X86_64, ET_REL, Endianness, SHF_ALLOC, SHF_EXECINSTR, SHT_PROGBITS};

// push %rbp; mov %rsp,%rbp; mov $42,%eax; pop %rbp; ret
let code = [0x55, 0x48, 0x89, 0xe5, 0xb8, 42, 0, 0, 0, 0x5d, 0xc3];
let encoding = Encoding { format: Format::Dwarf32, version: 5, address_size: 8 };
let endian = RunTimeEndian::Little;
// The function is the first symbol that addresses refer to.
let at = |addend| Address::Symbol { symbol: 0, addend };
let (start, end) = (at(0), at(code.len() as i64));

let mut program = LineProgram::new(encoding, LineEncoding::default(), endian)?;
program.add_directory("/src".into());
let file = program.add_file(File::new("answer.c".into(), 0));
for (offset, line) in [(0, 1), (4, 2), (9, 3)] {
    program.row(Row { file, ..Row::new(at(offset), line) })?;
}
program.end_sequence(end)?;

let mut dwarf = Dwarf::default();
let line = dwarf.add_line(program);
let mut unit = Unit::new(encoding, UnitKind::Compile)?;
let root = unit.root();
unit.set(root, dw::DW_AT_name, Value::String(dwarf.strings.add(b"answer.c")?))?;
unit.set(root, dw::DW_AT_stmt_list, Value::Line(line))?;
unit.set(root, dw::DW_AT_low_pc, Value::Address(start))?;
unit.set(root, dw::DW_AT_high_pc, Value::Distance(start, end))?;
let function = unit.add(root, dw::DW_TAG_subprogram)?;
unit.set(function, dw::DW_AT_name, Value::String(dwarf.strings.add(b"answer")?))?;
unit.set(function, dw::DW_AT_low_pc, Value::Address(start))?;
unit.set(function, dw::DW_AT_high_pc, Value::Distance(start, end))?;
let unit = dwarf.add_unit(unit);

let (rbp, rsp, rip) = (Register(6), Register(7), Register(16));
let mut frames = FrameTable::new(FrameSection::EhFrame, Format::Dwarf32, 8)?;
let mut cie = Cie::new(1, 1, -8, rip);
cie.pointers = dw::DW_EH_PE_pcrel | dw::DW_EH_PE_sdata4;
cie.instructions = vec![Cfi::DefCfa(rsp, 8), Cfi::Offset(rip, -8)];
let cie = frames.add_cie(cie);
let mut fde = Fde::new(start, end);
fde.add(at(1), Cfi::DefCfaOffset(16));
fde.add(at(1), Cfi::Offset(rbp, -16));
fde.add(at(4), Cfi::DefCfaRegister(rbp));
fde.add(at(10), Cfi::DefCfa(rsp, 8));
frames.add_fde(cie, fde);

let mut sections = Sections::new(endian);
let placed = dwarf.write(&mut sections, &no_distances)?;
assert_eq!(placed.unit(unit)?, 0);
frames.write(sections.get_mut(libdwarf::section::SectionId::EhFrame), &no_distances)?;

let class = libelf::Encoding { class: libelf::Class::Elf64, endian: Endianness::Little };
let mut object = Object::new(class, ET_REL.0, EM_X86_64.0);
let text = object.add_section(Section {
    name: ".text".into(),
    kind: SHT_PROGBITS.0,
    flags: SHF_ALLOC.0 | SHF_EXECINSTR.0,
    contents: Contents::Bytes(code[..].into()),
    ..Section::default()
});
let table = object.symbol_table();
let symbol = object.add_symbol(table, Symbol {
    name: "answer".into(),
    info: 0x12, // STB_GLOBAL, STT_FUNC
    section: SymbolSection::Section(text),
    size: code.len() as u64,
    ..Symbol::default()
})?;
// Kept to be read below, with the function at this address.
let mut linked = sections.clone();
linked.resolve(&|symbol| (symbol == 0).then_some(0x1000))?;
add_to_object(&mut object, sections, &[symbol])?;
object.complete();
let bytes = object.to_bytes()?;
assert!(libelf::File::parse(&bytes)?.section_by_name(b".rela.debug_info")?.is_some());

let read = gimli::Dwarf::load(|id| {
    let bytes = libdwarf::section::SectionId::of_name(id.name().as_bytes());
    Ok::<_, gimli::Error>(gimli::EndianSlice::new(bytes.map_or(&[], |id| linked.bytes(id)), endian))
})?;
let header = read.units().next()?.unwrap();
let unit = read.unit(header)?;
let mut rows = unit.line_program.clone().unwrap().rows();
let mut lines = Vec::new();
while let Some((_, row)) = rows.next_row()? {
    lines.push((row.address(), row.line().map_or(0, u64::from)));
}
assert_eq!(lines, [(0x1000, 1), (0x1004, 2), (0x1009, 3), (0x100b, 3)]);
