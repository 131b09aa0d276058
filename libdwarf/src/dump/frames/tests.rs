use libelf::raw::Machine;

use crate::dump::kept::{Kept, TARGET, loaded};
use crate::dump::{Dump, Loaded, Memory, Options, Target};
use crate::section::SectionId;

const X86_64: Machine = Machine(62);
const MIPS: Machine = Machine(8);

/// An entry: its length, and what it has, filled up to whole words.
fn entry(contents: &[u8]) -> Vec<u8> {
    let size = contents.len().next_multiple_of(4);
    let mut entry = (size as u32).to_le_bytes().to_vec();
    entry.extend(contents);
    entry.resize(size + 4, 0);
    entry
}

/// A CIE with addresses relative to their places.
fn cie(instructions: &[u8]) -> Vec<u8> {
    let mut contents = vec![0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x78, 16, 1, 0x1b];
    contents.extend(instructions);
    entry(&contents)
}

/// An FDE of 0x100 bytes, 0x1000 behind its place; its CIE is the first entry.
fn fde(offset: usize, instructions: &[u8]) -> Vec<u8> {
    let mut contents = (offset as u32 + 4).to_le_bytes().to_vec();
    contents.extend(0x1000u32.to_le_bytes());
    contents.extend(0x100u32.to_le_bytes());
    contents.push(0);
    contents.extend(instructions);
    entry(&contents)
}

fn shown(machine: Machine, data: &[u8], as_rows: bool) -> String {
    let target = Target { machine, ..TARGET };
    let options = Options { frames: true, frames_interp: as_rows, ..Options::default() };
    let section = Loaded { address: 0x1000, ..loaded(SectionId::EhFrame, data) };
    let mut kept = Kept::default();
    let mut memory = Memory::default();
    Dump::new(&mut kept, &mut memory, target, &options).display(&section);
    String::from_utf8(kept.printed).unwrap()
}

/// The CFA is the stack pointer and 8, where the return address is below.
const START: &[u8] = &[0xc, 7, 8, 0x90, 1];

#[test]
fn instructions_are_shown_one_by_one() {
    let mut data = cie(START);
    data.extend(fde(data.len(), &[0x41, 0xe, 16, 0x86, 2]));
    data.extend([0; 4]);
    let expected = "Contents of the .eh_frame section:\n\n
00000000 0000000000000014 00000000 CIE
  Version:               1
  Augmentation:          \"zR\"
  Code alignment factor: 1
  Data alignment factor: -8
  Return address column: 16
  Augmentation data:     1b
  DW_CFA_def_cfa: r7 (rsp) ofs 8
  DW_CFA_offset: r16 (rip) at cfa-8
  DW_CFA_nop
  DW_CFA_nop

00000018 0000000000000014 0000001c FDE cie=00000000 pc=0000000000002020..0000000000002120
  DW_CFA_advance_loc: 1 to 0000000000002021
  DW_CFA_def_cfa_offset: 16
  DW_CFA_offset: r6 (rbp) at cfa-16
  DW_CFA_nop
  DW_CFA_nop

00000030 ZERO terminator\n\n\n";
    assert_eq!(shown(X86_64, &data, false), expected);
}

#[test]
fn rows_have_a_column_for_each_register_from_the_start() {
    let mut data = cie(START);
    data.extend(fde(data.len(), &[0x41, 0xe, 16, 0x86, 2, 0x43, 0xa, 0xd, 6, 0x41, 0xb]));
    let text = shown(X86_64, &data, true);
    let rows = "   LOC           CFA      rbp   ra    
0000000000002020 rsp+8    u     c-8   
0000000000002021 rsp+16   c-16  c-8   
0000000000002024 rbp+16   c-16  c-8   
0000000000002025 rsp+16   c-16  c-8   
";
    assert!(text.contains(rows), "{text}");
}

#[test]
fn registers_without_names_are_numbers() {
    let mut data = cie(&[0xc, 29, 0]);
    data.extend(fde(data.len(), &[0x41, 0x9f, 1, 9, 5, 6]));
    let text = shown(MIPS, &data, true);
    assert!(text.contains("CFA      r5    r31   \n"), "{text}");
    assert!(text.contains("000000000000201d r29+0    r6    c-8   \n"), "{text}");
}

#[test]
fn an_fde_may_stand_before_its_cie() {
    let mut fde = fde(0, &[0x41]);
    let distance = -(fde.len() as i32) + 4;
    fde[4..8].copy_from_slice(&distance.to_le_bytes());
    fde.extend(cie(START));
    let text = shown(X86_64, &fde, false);
    assert!(text.contains(" FDE cie=00000014 pc="), "{text}");
}

#[test]
fn what_is_damaged_is_told() {
    let mut data = cie(START);
    data.extend([0xff, 0, 0, 0, 1]);
    let text = shown(X86_64, &data, false);
    assert!(text.contains("!Invalid length 0xff in FDE at 0x18\n"), "{text}");
    let mut data = cie(START);
    data.extend(fde(data.len(), &[0x41, 0x17, 0x41]));
    let text = shown(X86_64, &data, false);
    let fault = "!Unsupported or unknown Dwarf Call Frame Instruction number: 0x17\n";
    assert!(text.contains(fault), "{text}");
    let mut data = cie(START);
    data.extend(fde(data.len(), &[5, 0x80, 8, 1, 0xf, 0x7f]));
    let text = shown(X86_64, &data, false);
    assert!(text.contains("offset_extended: bad register: r1024 at cfa-8\n"), "{text}");
    assert!(text.contains("def_cfa_expression: <corrupt len 127>\n"), "{text}");
}

#[test]
fn states_are_not_restored_from_other_functions() {
    let mut data = cie(START);
    data.extend(fde(data.len(), &[0x41, 0xe, 64, 0xa]));
    data.extend(fde(data.len(), &[0x41, 0xb, 0x41]));
    let text = shown(X86_64, &data, true);
    assert_eq!(text.matches("Mismatched DW_CFA_restore_state\n").count(), 1, "{text}");
    assert_eq!(text.matches("rsp+64").count(), 1, "{text}");
}

#[test]
fn rows_of_a_hostile_entry_end() {
    let columns: Vec<u8> = (0..120).flat_map(|register| [8, register]).collect();
    let mut data = cie(&columns);
    data.extend(fde(data.len(), &[0x41; 4000]));
    let text = shown(X86_64, &data, true);
    assert!(text.contains("!Too many rows with too many columns\n"));
    assert!(text.len() < 2 << 20, "{}", text.len());
}

#[test]
fn expressions_are_shown_in_line() {
    let mut data = cie(START);
    data.extend(fde(data.len(), &[0xf, 3, 0x77, 8, 6, 0x16, 6, 4, 0x75, 0x7f, 0x23, 5]));
    let text = shown(X86_64, &data, false);
    assert!(text.contains("def_cfa_expression (DW_OP_breg7 (rsp): 8; DW_OP_deref)\n"), "{text}");
    let rule = "val_expression: r6 (rbp) (DW_OP_breg5 (rdi): -1; DW_OP_plus_uconst: 5)\n";
    assert!(text.contains(rule), "{text}");
    assert!(shown(X86_64, &data, true).contains("exp      vexp  c-8   \n"));
}

#[test]
fn any_cut_is_survived() {
    let mut data = cie(START);
    data.extend(fde(data.len(), &[0x41, 0xe, 16, 0x86, 2, 0xf, 3, 0x77, 8, 6]));
    for end in 0..data.len() {
        for as_rows in [false, true] {
            assert!(shown(X86_64, &data[..end], as_rows).ends_with('\n'));
        }
    }
}
