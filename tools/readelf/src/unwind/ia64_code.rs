//! IA-64's unwind descriptors. IA-64 Software Conventions and Runtime Architecture Guide, section
//! 11.4.2, "Unwind Descriptor Record Format", and appendix B.
//!
//! A region record (R1 to R3) starts a prologue or a body; the records behind it, up to the next
//! one, tell of its instructions. What a byte means depends on which of the two it stands in:
//!
//! ```text
//! first byte   in a prologue         in a body
//! 00-3f        R1                    R1
//! 40-5f        R2                    R2
//! 60-7f        R3                    R3
//! 80-9f        P1                    B1
//! a0-af        P2                    B1
//! b0-b7        P3                    B1
//! b8, b9       P4, P5                B1
//! c0-df        P6                    B2
//! e0-ef        P7                    B3
//! f0, f1       P8, P9                B4, X1
//! f2-f4        none                  X2 to X4
//! f8           none                  B4
//! f9-fc        X1 to X4              X1 to X4
//! ff           P10                   none
//! ```

use common::{Output, out};

/// The records of P7, by the lower half of the first byte.
const P7: [&str; 16] = [
    "mem_stack_f",
    "mem_stack_v",
    "spill_base",
    "psp_sprel",
    "rp_when",
    "rp_psprel",
    "pfs_when",
    "pfs_psprel",
    "pr_when",
    "pr_psprel",
    "lc_when",
    "lc_psprel",
    "unat_when",
    "unat_psprel",
    "fpsr_when",
    "fpsr_psprel",
];

/// The records of P8, by the second byte.
const P8: [&str; 20] = [
    "",
    "rp_sprel",
    "pfs_sprel",
    "pr_sprel",
    "lc_sprel",
    "unat_sprel",
    "fpsr_sprel",
    "bsp_when",
    "bsp_psprel",
    "bsp_sprel",
    "bspstore_when",
    "bspstore_psprel",
    "bspstore_sprel",
    "rnat_when",
    "rnat_psprel",
    "rnat_sprel",
    "priunat_when_gr",
    "priunat_psprel",
    "priunat_sprel",
    "priunat_when_mem",
];

/// The records of P3.
const P3: [&str; 12] = [
    "psp_gr",
    "rp_gr",
    "pfs_gr",
    "pr_gr",
    "unat_gr",
    "lc_gr",
    "rp_br",
    "rnat_gr",
    "bsp_gr",
    "bspstore_gr",
    "fpsr_gr",
    "priunat_gr",
];

/// The record of [`P3`] that names a branch register.
const RP_BR: u8 = 6;

/// Registers of no file, by number.
const SPECIAL: [&str; 11] = [
    "pr",
    "psp",
    "@priunat",
    "rp",
    "ar.bsp",
    "ar.bspstore",
    "ar.rnat",
    "ar.unat",
    "ar.fpsr",
    "ar.pfs",
    "ar.lc",
];

/// Operating systems by the number in P10.
const SYSTEMS: [&str; 3] = ["@svr4", "@hpux", "@nt"];

/// Prints all descriptors.
pub fn display(out: &mut Output, descriptors: &[u8]) {
    let mut reader = Reader { rest: descriptors, region_length: 0, in_body: false };
    while let Some(code) = reader.byte() {
        if let Err(Corrupt(format)) = reader.record(out, code) {
            out!(out, "\t<corrupt {format}>\n");
            return;
        }
    }
}

/// A record of this format is cut off.
struct Corrupt(&'static str);

struct Reader<'data> {
    rest: &'data [u8],
    /// The number of instruction slots of the region.
    region_length: u64,
    in_body: bool,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    /// The first `N` bytes of a record behind its code, which must have `least` bytes left.
    fn bytes<const N: usize>(
        &mut self,
        format: &'static str,
        least: usize,
    ) -> Result<[u8; N], Corrupt> {
        if self.rest.len() < least {
            return Err(Corrupt(format));
        }
        let (&bytes, rest) = self.rest.split_first_chunk().ok_or(Corrupt(format))?;
        self.rest = rest;
        Ok(bytes)
    }

    /// An unsigned LEB128 number; what fits of it, and a complaint, if it does not end or is too
    /// large.
    fn uleb(&mut self, out: &mut Output) -> u64 {
        let mut value = 0_u64;
        let mut shift = 0_u32;
        let mut fits = true;
        while let Some(byte) = self.byte() {
            let bits = u64::from(byte & 0x7f);
            let placed = bits.checked_shl(shift).unwrap_or(0);
            fits &= shift < u64::BITS && placed >> shift == bits || bits == 0 && shift < 70;
            value |= placed;
            shift = shift.saturating_add(7);
            if byte & 0x80 == 0 {
                if fits {
                    return value;
                }
                break;
            }
        }
        out!(out, "Bad uleb128\n");
        value
    }

    fn record(&mut self, out: &mut Output, code: u8) -> Result<(), Corrupt> {
        match (code, self.in_body) {
            (0x00..=0x3f, _) => {
                let length = u64::from(code & 0x1f);
                self.region(out, "R1", code & 0x20 != 0, length);
            }
            (0x40..=0x5f, _) => self.r2(out, code)?,
            (0x60..=0x7f, _) => {
                let length = self.uleb(out);
                self.region(out, "R3", code & 3 == 1, length);
            }
            (0x80..=0xbf, true) => {
                let what = if code & 0x20 == 0 { "label" } else { "copy" };
                out!(out, "\tB1:{what}_state(label={})\n", code & 0x1f);
            }
            (0xc0..=0xdf, true) => {
                let t = self.uleb(out);
                out!(out, "\tB2:epilogue(t={t},ecount={})\n", code & 0x1f);
            }
            (0xe0..=0xef, true) => {
                let t = self.uleb(out);
                let ecount = self.uleb(out);
                out!(out, "\tB3:epilogue(t={t},ecount={ecount})\n");
            }
            (0xf0 | 0xf8, true) => {
                let label = self.uleb(out);
                let what = if code & 8 == 0 { "label" } else { "copy" };
                out!(out, "\tB4:{what}_state(label={label})\n");
            }
            (0xf9, _) | (0xf1, true) => self.x1(out)?,
            (0xfa, _) | (0xf2, true) => self.x2(out)?,
            (0xfb, _) | (0xf3, true) => self.x3(out)?,
            (0xfc, _) | (0xf4, true) => self.x4(out)?,
            (_, true) => unknown(out, code),
            (_, false) => self.prologue_record(out, code)?,
        }
        Ok(())
    }

    fn region(&mut self, out: &mut Output, format: &str, is_body: bool, length: u64) {
        self.in_body = is_body;
        self.region_length = length;
        let what = if is_body { "body" } else { "prologue" };
        out!(out, "    {format}:{what}(rlen={length})\n");
    }

    fn r2(&mut self, out: &mut Output, code: u8) -> Result<(), Corrupt> {
        let [byte] = self.bytes("R2", 2)?;
        let mask = (code & 7) << 1 | byte >> 7;
        let length = self.uleb(out);
        self.in_body = false;
        self.region_length = length;
        let names = [(8, "rp"), (4, "ar.pfs"), (2, "psp"), (1, "pr")];
        let names = list(names.iter().filter(|(bit, _)| mask & bit != 0).map(|(_, name)| *name));
        out!(out, "    R2:prologue_gr(mask=[{names}],grsave=r{},rlen={length})\n", byte & 0x7f);
        Ok(())
    }

    fn prologue_record(&mut self, out: &mut Output, code: u8) -> Result<(), Corrupt> {
        match code {
            0x80..=0x9f => {
                out!(out, "\tP1:br_mem(brmask=[{}])\n", registers("b", 1, code & 0x1f));
            }
            0xa0..=0xaf => {
                let [byte] = self.bytes("P2", 1)?;
                let mask = registers("b", 1, (code & 0xf) << 1 | byte >> 7);
                out!(out, "\tP2:br_gr(brmask=[{mask}],gr=r{})\n", byte & 0x7f);
            }
            0xb0..=0xb7 => {
                let [byte] = self.bytes("P3", 1)?;
                let kind = (code & 7) << 1 | byte >> 7;
                match P3.get(usize::from(kind)) {
                    Some(name) => {
                        let file = if kind == RP_BR { "b" } else { "r" };
                        out!(out, "\tP3:{name}(reg={file}{})\n", byte & 0x7f);
                    }
                    None => unknown(out, kind),
                }
            }
            0xb8 => self.p4(out),
            0xb9 => {
                let [first, second, third] = self.bytes("P5", 3)?;
                let low = registers("r", 4, first >> 4);
                let mask = u32::from_be_bytes([0, first & 0xf, second, third]);
                let high = float_registers(mask);
                out!(out, "\tP5:frgr_mem(grmask=[{low}],frmask=[{high}])\n");
            }
            0xc0..=0xcf => {
                let mask = float_registers((code & 0xf).into());
                out!(out, "\tP6:fr_mem(frmask=[{mask}])\n");
            }
            0xd0..=0xdf => {
                out!(out, "\tP6:gr_mem(grmask=[{}])\n", registers("r", 4, code & 0xf));
            }
            0xe0..=0xef => self.p7(out, code & 0xf),
            0xf0 => {
                let [kind] = self.bytes("P8", 2)?;
                let name = P8.get(usize::from(kind)).filter(|name| !name.is_empty());
                let operand = self.uleb(out);
                match name {
                    Some(name) => put_operand(out, "P8", name, operand),
                    None => unknown(out, kind),
                }
            }
            0xf1 => {
                let [mask, register] = self.bytes("P9", 2)?;
                let mask = registers("r", 4, mask & 0xf);
                out!(out, "\tP9:gr_gr(grmask=[{mask}],r{})\n", register & 0x7f);
            }
            0xff => {
                let [system, context] = self.bytes("P10", 2)?;
                let system = match SYSTEMS.get(usize::from(system)) {
                    Some(name) => (*name).to_owned(),
                    None => format!("0x{system:x}"),
                };
                out!(out, "\tP10:unwabi(abi={system},context=0x{context:02x})\n");
            }
            _ => unknown(out, code),
        }
        Ok(())
    }

    /// What each instruction of the region spills, two bits each.
    fn p4(&mut self, out: &mut Output) {
        let least = self.region_length / 4;
        let left = self.rest.len() as u64;
        if least > left {
            out!(out, "\nERROR: unwind length too long (0x{least:x} > 0x{left:x})\n\n");
            return;
        }
        let mut text = String::new();
        let mut byte = 0;
        for slot in 0..self.region_length {
            if slot % 4 == 0 {
                byte = self.byte().unwrap_or(0);
            }
            if slot > 0 && slot % 3 == 0 {
                text.push(',');
            }
            text.push(match byte >> 6 {
                0 => '-',
                1 => 'f',
                2 => 'r',
                _ => 'b',
            });
            byte <<= 2;
        }
        out!(out, "\tP4:spill_mask(imask=[{text}])\n");
    }

    fn p7(&mut self, out: &mut Output, kind: u8) {
        let operand = self.uleb(out);
        if kind == 0 {
            let size = self.uleb(out) << 4;
            out!(out, "\tP7:mem_stack_f(t={operand},size={size})\n");
        } else if kind == 2 {
            out!(out, "\tP7:spill_base(pspoff=0x10-0x{:x})\n", operand << 2);
        } else {
            put_operand(out, "P7", P7.get(usize::from(kind)).unwrap_or(&""), operand);
        }
    }

    fn x1(&mut self, out: &mut Output) -> Result<(), Corrupt> {
        let [byte] = self.bytes("X1", 3)?;
        let t = self.uleb(out);
        let offset = self.uleb(out) << 2;
        let register = any_register(byte >> 5 & 3, byte);
        if byte & 0x80 == 0 {
            out!(out, "\tX1:spill_psprel(reg={register},t={t},pspoff=0x10-0x{offset:x})\n");
        } else {
            out!(out, "\tX1:spill_sprel(reg={register},t={t},spoff=0x{offset:x})\n");
        }
        Ok(())
    }

    fn x2(&mut self, out: &mut Output) -> Result<(), Corrupt> {
        let [byte, target] = self.bytes("X2", 3)?;
        let t = self.uleb(out);
        let register = any_register(byte >> 5 & 3, byte);
        match target_register(byte, target) {
            None => out!(out, "\tX2:restore(t={t},reg={register})\n"),
            Some(target) => {
                out!(out, "\tX2:spill_reg(t={t},reg={register},treg={target})\n");
            }
        }
        Ok(())
    }

    fn x3(&mut self, out: &mut Output) -> Result<(), Corrupt> {
        let [predicate, byte] = self.bytes("X3", 4)?;
        let t = self.uleb(out);
        let offset = self.uleb(out) << 2;
        let register = any_register(byte >> 5 & 3, byte);
        let qp = predicate & 0x3f;
        if predicate & 0x80 == 0 {
            out!(
                out,
                "\tX3:spill_psprel_p(qp=p{qp},t={t},reg={register},pspoff=0x10-0x{offset:x})\n"
            );
        } else {
            out!(out, "\tX3:spill_sprel_p(qp=p{qp},t={t},reg={register},spoff=0x{offset:x})\n");
        }
        Ok(())
    }

    fn x4(&mut self, out: &mut Output) -> Result<(), Corrupt> {
        let [predicate, byte, target] = self.bytes("X4", 4)?;
        let t = self.uleb(out);
        let register = any_register(byte >> 5 & 3, byte);
        let qp = predicate & 0x3f;
        match target_register(byte, target) {
            None => out!(out, "\tX4:restore_p(qp=p{qp},t={t},reg={register})\n"),
            Some(target) => {
                out!(out, "\tX4:spill_reg_p(qp=p{qp},t={t},reg={register},treg={target})\n");
            }
        }
        Ok(())
    }
}

fn unknown(out: &mut Output, code: u8) {
    out!(out, "Unknown code 0x{code:02x}\n");
}

/// Prints a record of P7 or P8, whose name tells what its operand is.
fn put_operand(out: &mut Output, format: &str, name: &str, operand: u64) {
    out!(out, "\t{format}:{name}(");
    if name.ends_with("_psprel") {
        out!(out, "pspoff=0x10-0x{:x})\n", operand << 2);
    } else if name.ends_with("_sprel") {
        out!(out, "spoff=0x{:x})\n", operand << 2);
    } else {
        out!(out, "t={operand})\n");
    }
}

fn list<S: AsRef<str>>(names: impl Iterator<Item = S>) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(name.as_ref());
    }
    text
}

/// The registers of a mask; the lowest bit is the register `first`.
fn registers(file: &str, first: u32, mask: u8) -> String {
    let bits = (0..8).filter(|bit| mask >> bit & 1 != 0);
    list(bits.map(|bit: u32| format!("{file}{}", first.saturating_add(bit))))
}

/// The preserved floating-point registers of a mask: f2 to f5, then f16 to f31.
fn float_registers(mask: u32) -> String {
    let bits = (0..20).filter(|bit| mask >> bit & 1 != 0);
    list(bits.map(|bit: u32| format!("f{}", if bit < 4 { bit + 2 } else { bit + 12 })))
}

/// A register by its file (0 general, 1 floating-point, 2 branch, 3 special) and the lower five
/// bits of its number.
fn any_register(file: u8, number: u8) -> String {
    let number = number & 0x1f;
    match file {
        0 => format!("r{number}"),
        1 => format!("f{number}"),
        2 => format!("b{number}"),
        _ => match SPECIAL.get(usize::from(number & 0xf)) {
            Some(name) => (*name).to_owned(),
            None => format!("Unknown{}", number & 0xf),
        },
    }
}

/// The register that another one is saved in; `None` if it is restored. The highest bit of both
/// bytes gives the file.
fn target_register(byte: u8, target: u8) -> Option<String> {
    match (byte >> 7, target >> 7) {
        (0, 0) if target == 0 => None,
        (1, 1) => Some("invalid".to_owned()),
        (high, low) => Some(any_register(high << 1 | low, target)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(bytes: &[u8]) -> Reader<'_> {
        Reader { rest: bytes, region_length: 0, in_body: false }
    }

    #[test]
    fn numbers_that_do_not_fit_are_bad() {
        let mut out = Output::process("readelf").recorder();
        assert_eq!(reader(&[0x85, 1, 7]).uleb(&mut out), 0x85);
        let mut largest = vec![0xff; 9];
        largest.push(1);
        assert_eq!(reader(&largest).uleb(&mut out), u64::MAX);
        assert_eq!(reader(&[0xff; 3]).uleb(&mut out), 0x1f_ffff);
        let mut rest = reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 5]);
        assert_eq!(rest.uleb(&mut out), u64::MAX);
        assert_eq!(rest.rest, [5]);
    }

    #[test]
    fn masks_name_registers() {
        assert_eq!(registers("b", 1, 0b10011), "b1,b2,b5");
        assert_eq!(float_registers(0b11_0001), "f2,f16,f17");
        assert_eq!(any_register(3, 0x13), "rp");
        assert_eq!(any_register(3, 11), "Unknown11");
        assert_eq!(target_register(0x80, 4).as_deref(), Some("b4"));
        assert_eq!(target_register(0, 0), None);
    }
}
