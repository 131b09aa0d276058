//! Tests: what names cost, however they are made.
#![cfg(test)]

use std::fmt::Write as _;
use std::format;
use std::string::{String, ToString as _};
use std::vec::Vec;

use crate::{Demangler, Error, Limits, Options, Style};

/// The stack that the deepest names may need.
const STACK: usize = 256 << 10;

/// Nothing but the limits that are set is in the way.
fn unlimited_length(options: Options) -> Options {
    Options {
        style: Style::Itanium,
        types: true,
        limits: Limits { name: usize::MAX, ..options.limits },
        ..options
    }
}

/// Names that nest `depth` deep in each way that the grammar has.
fn nested(depth: usize) -> Vec<String> {
    let around = |open: &str, middle: &str, close: &str| {
        format!("_Z{}{middle}{}", open.repeat(depth), close.repeat(depth))
    };
    let in_type = |open: &str, middle: &str, close: &str| {
        format!("_Z1f{}{middle}{}", open.repeat(depth), close.repeat(depth))
    };
    let in_expression = |open: &str, middle: &str, close: &str| {
        format!("_Z1fIiEvDT{}{middle}{}E", open.repeat(depth), close.repeat(depth))
    };
    [
        around("Z", "1fv", "E1gv"),
        around("TV", "1A", ""),
        around("GTt", "1fv", ""),
        around("Z", "1fv", "Ed_1gv"),
        around("N1AI", "i", "EE1x"),
        in_type("P", "i", ""),
        in_type("RKPO", "i", ""),
        in_type("PK", "FivE", ""),
        in_type("1AI", "i", "E"),
        in_type("N1AI", "i", "EE"),
        in_type("N1AI", "i", "E1BE"),
        in_type("St1AI", "i", "E"),
        in_type("1AIJ", "i", "EE"),
        in_type("1AIXtl", "1B", "EEE"),
        in_type("PFv", "i", "E"),
        in_type("PF", "i", "vE"),
        in_type("PFPA3_", "i", "vE"),
        in_type("PDoFv", "i", "E"),
        in_type("Do", "FvvE", ""),
        in_type("DwFv", "i", "EEFvvE"),
        in_type("DOLb1EE", "FvvE", ""),
        in_type("A1_", "i", ""),
        in_type("PA1_", "i", ""),
        in_type("A", "Li1E", "_i"),
        in_type("M1A", "i", ""),
        in_type("M", "1A", "i"),
        in_type("Dp", "i", ""),
        in_type("Dv1_", "f", ""),
        in_type("Dv_", "Li1E", "_f"),
        in_type("U1a", "i", ""),
        in_type("U1aI", "i", "Ei"),
        in_type("N1AUl", "v", "E_E"),
        in_type("N1AUlTn", "i", "vE_E"),
        in_type("N1AUlTt", "", "EvE_E"),
        in_type("N1AUlTp", "Ty", "vE_E"),
        in_type("DTL_Z1fI", "i", "EEE"),
        in_type("Z1fv", "E1A", ""),
        in_type("Z1f", "v", "E1A"),
        in_type("N1ADC1a1bE", "1x", "E"),
        in_type("N1AcvP", "i", "E"),
        in_type("N1Acv", "i", "IiEE"),
        in_type("N1ACI11", "B", "E"),
        in_expression("ng", "fp_", ""),
        in_expression("pp_", "fp_", ""),
        in_expression("pp", "fp_", ""),
        in_expression("pl", "fp_", "fp_"),
        in_expression("qufp_fp_", "fp_", ""),
        in_expression("cl", "1f", "E"),
        in_expression("cl1f", "fp_", "E"),
        in_expression("cvi", "fp_", ""),
        in_expression("cvi_", "fp_", "E"),
        in_expression("scT_", "fp_", ""),
        in_expression("cvDT", "fp_", "EL"),
        in_expression("tl1A", "fp_", "E"),
        in_expression("il", "fp_", "E"),
        in_expression("tl1Adi1x", "fp_", "E"),
        in_expression("di1x", "fp_", ""),
        in_expression("dxfp_", "fp_", ""),
        in_expression("dXfp_fp_", "fp_", ""),
        in_expression("nw", "fp_", "_iE"),
        in_expression("nw_ipi", "fp_", "E"),
        in_expression("gs", "1x", ""),
        in_expression("sp", "fp_", ""),
        in_expression("sZ", "fp_", ""),
        in_expression("sP", "fp_", "E"),
        in_expression("flpl", "fp_", ""),
        in_expression("fLplfp_", "fp_", ""),
        in_expression("u1f", "fp_", "E"),
        in_expression("v11f", "fp_", ""),
        in_expression("dt", "fp_", "1x"),
        in_expression("dtfp_sr", "1A", "1x"),
        in_expression("sr1AI", "i", "E1x"),
        in_expression("srN1AI", "i", "EE1x"),
        in_expression("st1AI", "i", "E"),
        in_expression("LZ", "1A", "E"),
        in_expression("LDTfp_E", "1", "E"),
        in_expression("L_Z1fI", "i", "EE"),
        in_expression("tw", "fp_", ""),
        in_expression("dn", "1x", ""),
        in_expression("on", "pl", ""),
        in_expression("te", "fp_", ""),
        in_expression("nx", "fp_", ""),
    ]
    .into_iter()
    .collect()
}

/// Runs names on a small stack, in each manner.
fn on_small_stack(names: Vec<String>) {
    let run = move || {
        for options in [Options::NM, Options::CXXFILT, Options::LLVM] {
            let mut demangler = Demangler::new(unlimited_length(options));
            for name in &names {
                let len = demangler.demangle(name.as_bytes()).map(<[u8]>::len);
                let shown: String = name.chars().take(30).collect();
                assert!(len.unwrap_or(0) <= Limits::DEFAULT.output, "{shown}");
            }
        }
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap();
}

#[test]
fn deep_names_need_little_stack() {
    for depth in [100, 250, 500, 520, 1000, 2050, 20_000] {
        on_small_stack(nested(depth));
    }
}

#[test]
fn chains_of_types_are_loops() {
    let mut demangler = Demangler::new(unlimited_length(Options::NM));
    let text = demangler.demangle(format!("_Z1f{}i", "P".repeat(20_000)).as_bytes());
    let expected = format!("f(int{})", "*".repeat(20_000));
    assert_eq!(text, Ok(expected.as_bytes()));
    let many = format!("_Z1f{}i", "P".repeat(100_000));
    assert_eq!(demangler.demangle(many.as_bytes()), Err(Error::TooLong));
}

/// Names whose text doubles again and again.
#[test]
fn bombs_end_at_the_limits() {
    let digit = |n: usize| char::from_digit(n as u32, 36).unwrap().to_ascii_uppercase();
    let mut pairs = String::from("_Z1f1AIiE");
    let mut functions = String::from("_Z1fPFvvE");
    let mut lambdas = String::from("_Z1fN1AUlvE_E");
    let mut empty = String::from("_Z1fIJEEv1AIJDpT_EE");
    for n in 0..40 {
        let last = if n < 35 { format!("S{}_", digit(n)) } else { "SZ_".to_string() };
        write!(pairs, "S_I{last}{last}E").unwrap();
        write!(functions, "PF{last}{last}E").unwrap();
        write!(lambdas, "N1AUl{last}{last}E_E").unwrap();
        write!(empty, "1AIDp{last}Dp{last}E").unwrap();
    }
    for bomb in [&mut pairs, &mut functions, &mut lambdas, &mut empty] {
        on_small_stack([bomb.clone(), bomb.chars().take(240).collect()].into());
    }
}

/// Bytes without a meaning, letters of the grammar among them.
#[test]
fn random_text_is_refused() {
    let letters = b"_ZNSKRPOEIJLXTDCFMAUBWabcdefghijklmnopqrstuvwxyz0123456789.";
    let mut seed: u32 = 12345;
    let mut next = move |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    let mut names = Vec::new();
    for _ in 0..20_000 {
        let len = 1 + next(60);
        let text: String = (0..len).map(|_| char::from(letters[next(letters.len())])).collect();
        names.push(format!("_Z1fI{text}"));
        names.push(format!("_Z{text}"));
    }
    names.push((0..1 << 20).map(|_| char::from(letters[next(letters.len())])).collect());
    names.push(format!("_Z{}", names.last().unwrap()));
    on_small_stack(names);
}
