//! Where two outcomes part: the text a person needs to see to know what is wrong.

use crate::run::Outcome;

/// The longest part of a line that is shown.
const SHOWN: usize = 200;

/// The first difference of two outcomes; `None` where they agree.
pub fn first(reference: &Outcome, ours: &Outcome) -> Option<String> {
    if reference == ours {
        return None;
    }
    let mut parts = Vec::new();
    // A panic, a signal or a time limit tells more than the line where output stopped.
    if reference.end != ours.end {
        parts.push(format!("end: reference {}, ours {}", reference.end, ours.end));
    }
    parts.extend(streams("stdout", &reference.stdout, &ours.stdout));
    parts.extend(streams("stderr", &reference.stderr, &ours.stderr));
    Some(parts.join("\n"))
}

/// The first difference of one stream.
fn streams(name: &str, reference: &[u8], ours: &[u8]) -> Option<String> {
    if reference == ours {
        return None;
    }
    let mut theirs = reference.split_inclusive(|byte| *byte == b'\n');
    let mut own = ours.split_inclusive(|byte| *byte == b'\n');
    let mut number = 0_u64;
    loop {
        number += 1;
        let (left, right) = (theirs.next(), own.next());
        if left != right {
            return Some(format!(
                "{name} line {number}:\n  - {}\n  + {}",
                shown(left),
                shown(right)
            ));
        }
        // Both end here without a difference.
        left?;
    }
}

fn shown(line: Option<&[u8]>) -> String {
    match line {
        None => "(end of output)".to_owned(),
        Some(line) => {
            let cut = line.get(..SHOWN).unwrap_or(line);
            let text = cut.escape_ascii().to_string();
            // A line's end is expected; one that is missing is a difference worth seeing.
            match text.strip_suffix("\\n") {
                Some(text) => text.to_owned(),
                None if cut.len() < line.len() => format!("{text}…"),
                None => format!("{text} (no newline)"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::End;

    fn outcome(stdout: &str, stderr: &str, status: i32) -> Outcome {
        Outcome {
            stdout: stdout.into(),
            stderr: stderr.into(),
            end: End::Status(status),
            peak_memory: 0,
        }
    }

    #[test]
    fn the_first_line_that_differs_is_told() {
        let reference = outcome("a\nb\nc\n", "", 0);
        assert_eq!(first(&reference, &outcome("a\nb\nc\n", "", 0)), None);
        assert_eq!(
            first(&reference, &outcome("a\nx\nc\n", "", 0)).unwrap(),
            "stdout line 2:\n  - b\n  + x"
        );
        assert_eq!(
            first(&reference, &outcome("a\nb\n", "oops", 1)).unwrap(),
            "end: reference exit status 0, ours exit status 1\n\
             stdout line 3:\n  - c\n  + (end of output)\n\
             stderr line 1:\n  - (end of output)\n  + oops (no newline)"
        );
    }
}
