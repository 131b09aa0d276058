//! What expressions are worth outside and inside of an output section, with and without SANE_EXPR.

use super::super::ast::{Assertion, Constant, Name};
use super::super::parse::{Context, NoFiles, Text, parse_expression};
use super::super::source::Sources;
use super::*;
use crate::diagnostics::Diagnostics;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    A,
    B,
}

/// `.a` at 0x1000, 0x20 bytes long, with `r0` at its start, `ra` 4 and `ra2` 8 bytes behind; `.b`
/// at 0x2000, with `rb` 2 bytes behind; `aa` is 0x1004 and `abs1` is 0x10.
struct Link {
    current: Option<Section>,
    is_sane: bool,
    failed: u32,
}

impl Environment for Link {
    type Section = Section;

    fn current(&self) -> Option<Section> {
        self.current
    }

    fn is_sane(&self) -> bool {
        self.is_sane
    }

    fn dot(&self) -> Option<u64> {
        Some(if self.current.is_some() { 0x2010 } else { 0x2020 })
    }

    fn address(&self, section: Section) -> Option<u64> {
        Some(if section == Section::A { 0x1000 } else { 0x2000 })
    }

    fn symbol(&mut self, name: Name<'_>) -> Lookup<Value<Section>> {
        Lookup::Known(match name {
            b"r0" => Value::offset(Section::A, 0),
            b"ra" => Value::offset(Section::A, 4),
            b"ra2" => Value::offset(Section::A, 8),
            b"rb" => Value::offset(Section::B, 2),
            b"aa" => Value::absolute(0x1004),
            b"abs1" => Value::absolute(0x10),
            b"later" => return Lookup::NotYet,
            _ => return Lookup::Missing,
        })
    }

    fn is_defined(&mut self, name: Name<'_>) -> bool {
        name == b"ra"
    }

    fn section(&mut self, name: Name<'_>) -> Lookup<Section> {
        match name {
            b".a" => Lookup::Known(Section::A),
            b".b" => Lookup::Known(Section::B),
            _ => Lookup::Missing,
        }
    }

    fn load_address(&mut self, name: Name<'_>) -> Lookup<u64> {
        Lookup::Known(if name == b".a" { 0x1000 } else { 0x2000 })
    }

    fn size(&mut self, _: Name<'_>) -> Lookup<u64> {
        Lookup::Known(0x20)
    }

    fn alignment(&mut self, _: Name<'_>) -> Lookup<u64> {
        Lookup::Known(1)
    }

    fn size_of_headers(&mut self) -> Option<u64> {
        Some(0xb0)
    }

    fn origin(&mut self, _: Name<'_>) -> Lookup<u64> {
        Lookup::Known(0x1000)
    }

    fn length(&mut self, _: Name<'_>) -> Lookup<u64> {
        Lookup::Known(0x10_0000)
    }

    fn constant(&self, _: Constant) -> u64 {
        0x1000
    }

    fn segment_start(&mut self, _: Name<'_>) -> Option<u64> {
        None
    }

    fn data_segment_align(&mut self, max_page: u64, _: u64, dot: u64) -> Option<u64> {
        Some(operate::align(dot, max_page))
    }

    fn data_segment_relro_end(&mut self, offset: u64, value: u64) -> Option<u64> {
        Some(value.wrapping_add(offset))
    }

    fn data_segment_end(&mut self, _: u64) {}

    fn assertion_failed(&mut self, _: &Assertion<'_>) {
        self.failed += 1;
    }
}

fn value_of(text: &'static str, link: &mut Link) -> Result<Evaluated<Section>, Unknown> {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let mut context =
        Context { sources: &mut sources, host: &mut NoFiles, diagnostics: &mut diagnostics };
    let expr = parse_expression(Text { name: b"x", bytes: text.as_bytes() }, &mut context).unwrap();
    evaluate(&expr, link)
}

/// What a symbol gets: its address, and its section.
fn assigned(text: &'static str, current: Option<Section>, is_sane: bool) -> String {
    let mut link = Link { current, is_sane, failed: 0 };
    let value = value_of(text, &mut link).unwrap();
    let value = value.assigned(&link, Some(Section::B)).unwrap();
    match value.base {
        Base::Section(section) => {
            let address = link.address(section).unwrap().wrapping_add(value.value);
            format!("{address:x} {section:?}")
        }
        _ => format!("{:x}", value.value),
    }
}

#[test]
fn values_belong_to_sections_as_in_gnu_ld() {
    // Outside, outside with SANE_EXPR, inside of .b (where SANE_EXPR changes nothing).
    let cases = include_str!("cases.txt");
    let mut wrong = Vec::new();
    for line in cases.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let [text, outside, sane, inside] = parts.as_slice() else { panic!("{line}") };
        let text: &'static str = text;
        let text_alone = text.replace('¦', "|");
        let text: &'static str = text_alone.leak();
        let found = [
            assigned(text, None, false),
            assigned(text, None, true),
            assigned(text, Some(Section::B), false),
            assigned(text, Some(Section::B), true),
        ];
        if found != [*outside, *sane, *inside, *inside] {
            wrong.push(format!("{line}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_known_is_an_error() {
    let mut link = Link { current: None, is_sane: false, failed: 0 };
    assert_eq!(value_of("later + 1", &mut link), Err(Unknown::NotYet));
    let text = |result: Result<Evaluated<Section>, Unknown>| match result {
        Err(Unknown::Wrong(error)) => String::from_utf8(error.text).unwrap(),
        other => format!("{other:?}"),
    };
    let missing = text(value_of("nope", &mut link));
    assert_eq!(missing, ": undefined symbol `nope' referenced in expression");
    let missing = text(value_of("ADDR(.nope)", &mut link));
    assert_eq!(missing, ": undefined section `.nope' referenced in expression");
    assert_eq!(text(value_of("5 / 0", &mut link)), " / by zero");
    assert_eq!(text(value_of("ra % (ra - ra)", &mut link)), " % by zero");
}

#[test]
fn only_the_branch_that_counts_is_looked_at() {
    let mut link = Link { current: None, is_sane: false, failed: 0 };
    assert!(value_of("DEFINED(ra) ? ra : nope", &mut link).is_ok());
    assert!(value_of("DEFINED(nope) ? nope : 5 / 0", &mut link).is_err());
}

#[test]
fn assertions_have_the_value_of_their_condition() {
    let mut link = Link { current: None, is_sane: false, failed: 0 };
    assert_eq!(value_of("ASSERT(aa, \"x\") + 1", &mut link).unwrap().value.value, 0x1005);
    assert_eq!(link.failed, 0);
    assert_eq!(value_of("ASSERT(0, \"x\") + 1", &mut link).unwrap().value.value, 1);
    assert_eq!(link.failed, 1);
}
