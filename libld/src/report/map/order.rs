//! In which order files and statements are shown: that of the command line.
//!
//! ```text
//! ld a.o --defsym x=1 b.o      LOAD a.o   x = 0x1   LOAD b.o   the built-in script
//! ld -T x.ld a.o               the statements of x.ld   LOAD a.o
//! ```

use std::ops::Range;

use crate::input::Loads;
use crate::options::Argument;

/// A part of the list of files, or of the statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Files, as a part of [`Loads::list`].
    Loads(Range<usize>),
    /// Statements, as a part of the plan's.
    Statements(Range<usize>),
}

/// The pieces in order. `script_ends` are the ends of the statements of each script: of those among
/// the files first, then of those of the command line, then of the built-in one; `all` is the
/// number of statements.
pub fn pieces(
    arguments: &[Argument],
    loads: &Loads<'_>,
    script_ends: &[usize],
    all: usize,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let list = loads.list.len();
    if script_ends.is_empty() {
        // Statements of several scripts stand among one another.
        return vec![Piece::Loads(0..list), Piece::Statements(0..all)];
    }
    let statements = |script: usize| {
        let start = script.checked_sub(1).and_then(|before| script_ends.get(before).copied());
        let end = script_ends.get(script).copied().unwrap_or(all);
        Piece::Statements(start.unwrap_or(0)..end)
    };
    let mut next_script = loads.scripts.len();
    let mut loaded = 0;
    let add_loads = |to: usize, loaded: &mut usize, pieces: &mut Vec<Piece>| {
        while *loaded < to {
            let script = (*loaded..to).find_map(|at| {
                let script = loads.scripts.iter().position(|&place| place == at)?;
                Some((at, script))
            });
            let end = script.map_or(to, |(at, _)| at.saturating_add(1));
            pieces.push(Piece::Loads(*loaded..end));
            pieces.extend(script.map(|(_, script)| statements(script)));
            *loaded = end;
        }
    };
    for (argument, &end) in arguments.iter().zip(&loads.argument_ends) {
        match argument {
            Argument::Script(_) | Argument::Define(_) => {
                pieces.push(statements(next_script));
                next_script = next_script.saturating_add(1);
            }
            _ => add_loads(end, &mut loaded, &mut pieces),
        }
    }
    add_loads(list, &mut loaded, &mut pieces);
    while next_script < script_ends.len() {
        pieces.push(statements(next_script));
        next_script = next_script.saturating_add(1);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::input::Load;
    use crate::options::{Input, InputName, State};

    #[test]
    fn files_and_statements_are_in_the_order_of_the_command_line() {
        let file = || {
            let name = InputName::Path(PathBuf::new());
            Argument::File(Input { name, state: State::default() })
        };
        let script = Argument::Script(PathBuf::new());
        let loads = Loads {
            list: vec![
                Load::File(Path::new("a")),
                Load::Script(Path::new("s")),
                Load::File(Path::new("b")),
            ],
            argument_ends: vec![1, 1, 3],
            scripts: vec![1],
            ..Loads::default()
        };
        let arguments = [file(), script, file()];
        let found = pieces(&arguments, &loads, &[2, 5], 5);
        let expected = [
            Piece::Loads(0..1),
            Piece::Statements(2..5),
            Piece::Loads(1..2),
            Piece::Statements(0..2),
            Piece::Loads(2..3),
        ];
        assert_eq!(found, expected);
        let mixed = pieces(&arguments, &loads, &[], 5);
        assert_eq!(mixed, [Piece::Loads(0..3), Piece::Statements(0..5)]);
    }
}
