use object::endian::Endianness;
use proptest::prelude::*;

use super::super::core_desc::{Mapping, Mappings, ProcessInfo, SignalInfo, ThreadStatus};
use super::super::note_desc::{
    NT_AUXV, NT_FILE, NT_PRPSINFO, NT_PRSTATUS, NT_SIGINFO, Probe, Property, PropertyValue,
};
use super::*;
use crate::ident::Class;
use crate::note::gnu::AbiTag;

fn encodings() -> [Encoding; 4] {
    [
        Encoding { class: Class::Elf32, endian: Endianness::Little },
        Encoding { class: Class::Elf32, endian: Endianness::Big },
        Encoding { class: Class::Elf64, endian: Endianness::Little },
        Encoding { class: Class::Elf64, endian: Endianness::Big },
    ]
}

fn everything() -> Vec<Note<'static>> {
    let text = |text: &'static str| Cow::Borrowed(text.as_bytes());
    let core = |kind, desc| Note::new(&b"CORE"[..], kind, desc);
    vec![
        Note::new(&b"GNU"[..], 1, Desc::AbiTag(AbiTag { os: 0, version: [3, 2, 0] })),
        Note::new(&b"GNU"[..], 3, Desc::Bytes(Cow::Borrowed(&[1; 19]))),
        Note::new(&b""[..], 9, Desc::default()),
        Note::new(
            &b"GNU"[..],
            5,
            Desc::Properties(vec![
                Property { kind: 0xc000_0002, value: PropertyValue::U32(3), ..Property::default() },
                Property { kind: 2, ..Property::default() },
            ]),
        ),
        Note::new(
            &b"stapsdt"[..],
            3,
            Desc::Probe(Probe {
                location: 0x1234,
                base: 5,
                semaphore: 0,
                provider: text("libc"),
                name: text("setjmp"),
                arguments: text("8@%rdi"),
            }),
        ),
        Note::new(&b"FreeBSD"[..], 1, Desc::Words(vec![1_400_097])),
        core(
            NT_PRSTATUS,
            Desc::ThreadStatus(ThreadStatus {
                signal: 6,
                code: -6,
                pid: 77,
                registers: Cow::Borrowed(&[7; 40]),
                ..ThreadStatus::default()
            }),
        ),
        core(
            NT_PRPSINFO,
            Desc::ProcessInfo(ProcessInfo {
                state_letter: b'R',
                nice: -1,
                user: 1000,
                program: text("prog"),
                arguments: text("./prog -x "),
                ..ProcessInfo::default()
            }),
        ),
        core(NT_AUXV, Desc::AuxiliaryVector(vec![(6, 4096), (3, 0x40), (0, 0)])),
        core(
            NT_FILE,
            Desc::Mappings(Mappings {
                count: Field::Auto,
                page_size: 4096,
                mappings: vec![
                    Mapping { start: 1, end: 2, page_offset: 3, path: text("/bin/a") },
                    Mapping { start: 4, end: 5, page_offset: 6, path: text("") },
                ],
            }),
        ),
        core(
            NT_SIGINFO,
            Desc::SignalInfo(SignalInfo {
                signal: 11,
                errno: 0,
                code: 1,
                rest: Cow::Borrowed(&[5; 116]),
            }),
        ),
    ]
}

#[test]
fn every_descriptor_comes_back_in_all_encodings() {
    for encoding in encodings() {
        for align in [4, 8] {
            let notes = Notes { notes: everything(), ..Notes::default() };
            let bytes = Vec::leak(notes.encode(encoding, align).unwrap());
            let read = Notes::decode(bytes, encoding, Format::Standard, align).unwrap();
            assert_eq!(read, notes, "{encoding:?} {align}");
        }
    }
}

#[test]
fn odd_padding_and_alignment_are_kept() {
    let encoding = encodings()[2];
    let mut notes = Notes { notes: everything(), align: Field::Is(8), ..Notes::default() };
    notes.notes[0].name_padding = Some(Cow::Borrowed(b"\xff\xff\xff\xff\xff\xff\xff\xff"));
    let bytes = notes.encode(encoding, 8).unwrap();
    assert_eq!(bytes[16..24], [0xff; 8]);

    // Three bytes of descriptor, and no padding at the end.
    let mut bytes = vec![4, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0];
    bytes.extend(b"abcdXYZ");
    let read = Notes::decode(&bytes, encoding, Format::Standard, 4).unwrap();
    assert!(!read.notes[0].is_terminated);
    assert_eq!(read.notes[0].desc_padding, Some(Cow::Borrowed(&b""[..])));
    assert_eq!(read.encode(encoding, 4).unwrap(), bytes);
    bytes.push(b'!');
    let read = Notes::decode(&bytes, encoding, Format::Standard, 4).unwrap();
    assert_eq!(read.notes[0].desc_padding, Some(Cow::Borrowed(&b"!"[..])));

    // Padded to 4 in a section that is aligned to 8.
    let notes = Notes { notes: everything(), align: Field::Is(4), ..Notes::default() };
    let bytes = notes.encode(encoding, 8).unwrap();
    assert_eq!(Notes::decode(&bytes, encoding, Format::Standard, 8), Some(notes));
}

#[test]
fn false_sizes_are_written_and_not_read() {
    let encoding = encodings()[0];
    let mut notes = Notes { notes: everything(), ..Notes::default() };
    notes.notes[0].desc_size = Field::Raw(0x1_ffff_fff0);
    let bytes = notes.encode(encoding, 4).unwrap();
    assert_eq!(bytes[4..8], [0xf0, 0xff, 0xff, 0xff]);
    assert_eq!(Notes::decode(&bytes, encoding, Format::Standard, 4), None);
    notes.notes[0].desc_size = Field::Is(1 << 32);
    let error = notes.encode(encoding, 4).unwrap_err().to_string();
    assert!(error.contains("note 0") && error.contains("n_descsz"), "{error}");
}

proptest! {
    #[test]
    fn what_is_decoded_is_encoded_alike(
        bytes in prop::collection::vec(prop_oneof![5 => Just(0_u8), 3 => 0_u8..9, 1 => any::<u8>()], 0..150),
        which in 0_usize..4,
        vms: bool,
        align in prop_oneof![Just(4_u64), Just(8)],
    ) {
        let format = if vms { Format::Vms } else { Format::Standard };
        if let Some(notes) = Notes::decode(&bytes, encodings()[which], format, align) {
            prop_assert_eq!(notes.encode(encodings()[which], align).unwrap(), bytes);
        }
    }

    #[test]
    fn any_descriptor_is_kept(
        desc in prop::collection::vec(prop_oneof![2 => Just(0_u8), 2 => 0_u8..9, 1 => any::<u8>()], 0..400),
        kind in prop_oneof![0_u64..7, Just(NT_FILE), Just(NT_SIGINFO)],
        owner in prop_oneof![Just("GNU"), Just("CORE"), Just("stapsdt"), Just("FreeBSD")],
        which in 0_usize..4,
    ) {
        let encoding = encodings()[which];
        let read = Desc::decode(owner.as_bytes(), kind, &desc, encoding);
        prop_assert_eq!(&*read.encode(encoding).unwrap(), &desc[..]);
    }
}
