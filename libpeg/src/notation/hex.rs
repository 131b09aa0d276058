//! Hex runs to bytes: most of a large description is these.

use rayon::prelude::*;

use super::lexical::{self, Fault};

/// Runs with more text than this are decoded in parallel.
const PARALLEL: usize = 512 << 10;

/// The value of a hexadecimal digit, [`BLANK`] or [`OTHER`].
const VALUES: [u8; 256] = values();
const BLANK: u8 = 0x40;
const OTHER: u8 = 0x80;

#[expect(clippy::indexing_slicing, reason = "the index is below 256")]
const fn values() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let sign = byte as u8;
        table[byte] = match sign {
            b'0'..=b'9' => sign - b'0',
            b'a'..=b'f' => sign - b'a' + 10,
            b'A'..=b'F' => sign - b'A' + 10,
            b' ' | b'\t' | b'\r' | b'\n' => BLANK,
            _ => OTHER,
        };
        byte += 1;
    }
    table
}

/// The value of a hexadecimal digit; above 15 for anything else.
#[expect(clippy::indexing_slicing, reason = "there are 256 entries")]
pub fn value(byte: u8) -> u8 {
    VALUES[usize::from(byte)]
}

/// The bytes of what stands between the braces of a hex run.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Fault> {
    // A comment could be cut in two, so only runs without one are.
    if text.len() < PARALLEL || memchr::memchr(b'/', text).is_some() {
        let mut bytes = vec![0; text.len() / 2];
        let used = fill(text, &mut bytes)?;
        bytes.truncate(used);
        return Ok(bytes);
    }
    let mut parts = Vec::new();
    let mut from = 0usize;
    while from < text.len() {
        let rest = text.get(from..).unwrap_or_default();
        let length = rest
            .get(PARALLEL / 2..)
            .and_then(|tail| tail.iter().position(|byte| value(*byte) == BLANK))
            .map_or(rest.len(), |at| at.saturating_add(PARALLEL / 2));
        parts.push((from, rest.get(..length).unwrap_or_default()));
        from = from.saturating_add(length);
    }
    let decoded: Vec<Result<Vec<u8>, Fault>> = parts
        .into_par_iter()
        .map(|(from, part)| {
            let mut bytes = vec![0; part.len() / 2];
            let used = fill(part, &mut bytes)
                .map_err(|fault| Fault { at: fault.at.saturating_add(from), ..fault })?;
            bytes.truncate(used);
            Ok(bytes)
        })
        .collect();
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for part in decoded {
        bytes.extend_from_slice(&part?);
    }
    Ok(bytes)
}

/// Decodes into `bytes`, which has room for half of the text; tells how many there are.
fn fill(text: &[u8], bytes: &mut [u8]) -> Result<usize, Fault> {
    let room = bytes.len();
    let mut slots = bytes.iter_mut();
    let mut rest = text;
    loop {
        while let [high, low, behind @ ..] = rest {
            let (high, low) = (value(*high), value(*low));
            if (high | low) > 0xF {
                break;
            }
            let Some(slot) = slots.next() else { break };
            *slot = high << 4 | low;
            rest = behind;
            // The usual one blank between pairs.
            if let [b' ', behind @ ..] = rest {
                rest = behind;
            }
        }
        let [first, behind @ ..] = rest else {
            return Ok(room.saturating_sub(slots.len()));
        };
        if value(*first) == BLANK {
            rest = behind;
            continue;
        }
        let comment = lexical::comment_length(rest);
        if comment == 0 {
            return Err(fault(text, text.len().saturating_sub(rest.len())));
        }
        rest = rest.get(comment..).unwrap_or_default();
    }
}

fn fault(text: &[u8], at: usize) -> Fault {
    let rest = text.get(at..).unwrap_or_default();
    let (at, message, hint) = match rest {
        [first, ..] if value(*first) <= 0xF => (
            at,
            "this hexadecimal digit has no partner".to_owned(),
            "a byte is two digits without a blank between them",
        ),
        _ => {
            let sign = String::from_utf8_lossy(rest.get(..rest.len().min(4)).unwrap_or_default());
            let sign = sign.chars().next().unwrap_or(' ');
            let hint = if matches!(sign, ';' | '{' | '"' | '=') {
                "is the `}` of the hex run missing?"
            } else {
                ""
            };
            (at, format!("expected a pair of hexadecimal digits or `}}`, found `{sign}`"), hint)
        }
    };
    let len = rest.first().map_or(0, |first| {
        std::str::from_utf8(rest)
            .ok()
            .and_then(|rest| rest.chars().next())
            .map_or(usize::from(*first != 0), char::len_utf8)
    });
    Fault { at, len, message, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_blanks_and_comments() {
        assert_eq!(decode(b"").unwrap(), b"");
        assert_eq!(decode(b" 55 4889e5\n\t5D // c3 }\n /* 00 */ c3").unwrap(), b"UH\x89\xe5]\xc3");
        assert_eq!(decode(b"// only").unwrap(), b"");
    }

    #[test]
    fn faults_have_their_place() {
        assert_eq!(decode(b"55 4 8").unwrap_err().at, 3);
        assert_eq!(decode(b"55 5x").unwrap_err().at, 3);
        assert_eq!(decode(b"55 xy").unwrap_err().at, 3);
        assert_eq!(decode(b"555").unwrap_err().at, 2);
        assert_eq!(decode("55 ä".as_bytes()).unwrap_err().len, 2);
        assert!(decode(b"55 / 48").is_err());
    }

    #[test]
    fn large_runs_are_the_same() {
        let line = "00 01 02 03 fe ff 7f 80\n";
        let text = line.repeat(PARALLEL / 8);
        let bytes = decode(text.as_bytes()).unwrap();
        assert_eq!(bytes.len(), PARALLEL);
        assert!(bytes.chunks(8).all(|eight| eight == [0, 1, 2, 3, 0xfe, 0xff, 0x7f, 0x80]));
        let mut bad = text.into_bytes();
        let at = bad.len() - 3;
        bad[at] = b'g';
        assert_eq!(decode(&bad).unwrap_err().at, at);
    }
}
