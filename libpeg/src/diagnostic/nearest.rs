//! The known word that a misspelled one is nearest to.

/// Longer words are not compared.
const LONGEST: usize = 40;
/// Among more words than this none is looked for: it would take long.
const MOST: usize = 4096;

/// The word of `known` that `word` was probably meant to be: the one that fewest letters have to be
/// changed, left out, put in or swapped with the next for, if they are few. Case does not count.
pub fn nearest<'w>(word: &[u8], known: impl IntoIterator<Item = &'w [u8]>) -> Option<&'w [u8]> {
    if word.len() > LONGEST {
        return None;
    }
    let most = (word.len() / 3).clamp(usize::from(word.len() > 2), 3);
    let mut count = 0_usize;
    let counted = known.into_iter().take_while(|_| {
        count = count.saturating_add(1);
        count <= MOST
    });
    let candidates = counted.filter(|known| {
        known.len() <= LONGEST && known.len().abs_diff(word.len()) <= most && *known != word
    });
    // Of two that are as near, the one that starts alike.
    let starts_alike = |known: &[u8]| known.first() == word.first();
    let measured = candidates.map(|known| (distance(word, known), !starts_alike(known), known));
    let found = measured.filter(|(distance, ..)| *distance <= most).min();
    found.filter(|_| count <= MOST).map(|(.., known)| known)
}

/// How many letters have to be changed, left out, put in or swapped to make one word the other.
fn distance(from: &[u8], to: &[u8]) -> usize {
    let start: Vec<usize> = (0..=to.len()).collect();
    let (mut above, mut last) = (start.clone(), start);
    let mut previous = None;
    for (row, letter) in from.iter().enumerate() {
        let mut line = vec![row.saturating_add(1)];
        let mut left = row.saturating_add(1);
        let mut neighbour: Option<u8> = None;
        for (column, other) in to.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(LONGEST);
            let is_same = letter.eq_ignore_ascii_case(other);
            let changed = at(&last, column).saturating_add(usize::from(!is_same));
            let moved = left.min(at(&last, column.saturating_add(1))).saturating_add(1);
            left = changed.min(moved);
            let is_swapped = previous.is_some_and(|one: u8| one.eq_ignore_ascii_case(other))
                && neighbour.is_some_and(|one| one.eq_ignore_ascii_case(letter));
            if let (true, Some(before)) = (is_swapped, column.checked_sub(1)) {
                left = left.min(at(&above, before).saturating_add(1));
            }
            line.push(left);
            neighbour = Some(*other);
        }
        previous = Some(*letter);
        above = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_words_are_recognised() {
        let known = ["section", "segment", "elf", "filler", "type", "x"];
        let known = known.map(str::as_bytes);
        let near = |word: &str| nearest(word.as_bytes(), known).map(String::from_utf8_lossy);
        assert_eq!(near("sektion").as_deref(), Some("section"));
        assert_eq!(near("tpye").as_deref(), Some("type"));
        assert_eq!(near("ELF").as_deref(), Some("elf"));
        assert_eq!(near("segmnt").as_deref(), Some("segment"));
        assert_eq!(near("elff").as_deref(), Some("elf"));
        for word in ["y", "", "house", "sec", "elf", &"s".repeat(100)] {
            assert_eq!(near(word), None, "{word}");
        }
    }

    #[test]
    fn distances() {
        for (from, to, expected) in [
            ("", "", 0),
            ("", "ab", 2),
            ("ab", "ba", 1),
            ("abc", "acb", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(from.as_bytes(), to.as_bytes()), expected);
            assert_eq!(distance(to.as_bytes(), from.as_bytes()), expected);
        }
    }
}
