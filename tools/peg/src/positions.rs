//! Lines and columns of many places in one text.

/// Bytes between two places whose number of characters is known.
const STEP: usize = 128;

/// Finds the line and the column of any offset in little time, however long the lines are.
pub struct Positions<'t> {
    text: &'t [u8],
    /// Offsets of the first byte of each line.
    lines: Vec<usize>,
    /// Characters that start before each multiple of [`STEP`].
    characters: Vec<usize>,
}

impl<'t> Positions<'t> {
    pub fn new(text: &'t str) -> Self {
        let text = text.as_bytes();
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(at, _)| at.saturating_add(1))).collect();
        let mut count = 0_usize;
        let mut characters = Vec::with_capacity(text.len().div_ceil(STEP));
        for block in text.chunks(STEP) {
            characters.push(count);
            count = count.saturating_add(starts(block));
        }
        characters.push(count);
        Self { text, lines, characters }
    }

    /// The line and the column of an offset, both from 1; the column counts characters.
    pub fn get(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.before(offset).saturating_sub(self.before(start)).saturating_add(1);
        (line, column)
    }

    /// How many characters start before an offset.
    fn before(&self, offset: usize) -> usize {
        let block = offset / STEP;
        let rest = self.text.get(block.saturating_mul(STEP)..offset).unwrap_or_default();
        let known = self.characters.get(block).copied().unwrap_or(0);
        known.saturating_add(starts(rest))
    }
}

/// How many characters of UTF-8 start in these bytes.
fn starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_has_the_position_that_counting_gives() {
        let text = "é".repeat(100) + "\n" + &"ab€\n".repeat(50) + &"x".repeat(300);
        let positions = Positions::new(&text);
        let (mut line, mut column) = (1, 1);
        for (at, letter) in text.char_indices() {
            assert_eq!(positions.get(at), (line, column), "{at}");
            (line, column) = if letter == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        assert_eq!(positions.get(text.len()), (line, column));
        assert_eq!(Positions::new("").get(0), (1, 1));
    }
}
