//! Which bytes of a file already belong to something.

use std::collections::BTreeMap;
use std::ops::Range;

/// Ranges of bytes that are taken. Ranges that meet are one.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    /// Start to end.
    taken: BTreeMap<u64, u64>,
}

impl Claims {
    /// Takes a range, whoever has parts of it.
    pub(super) fn take(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let Range { mut start, mut end } = range;
        // Each range that is swallowed was put in once, so all calls together stay fast.
        while let Some((&other, &other_end)) = self.taken.range(..=end).next_back() {
            if other_end < start {
                break;
            }
            self.taken.remove(&other);
            start = start.min(other);
            end = end.max(other_end);
        }
        self.taken.insert(start, end);
    }

    /// Takes a range that nothing has a part of yet; whether it was so.
    pub(super) fn take_free(&mut self, range: Range<u64>) -> bool {
        let is_free = self.is_free(&range);
        if is_free {
            self.take(range);
        }
        is_free
    }

    fn is_free(&self, range: &Range<u64>) -> bool {
        let before = self.taken.range(..range.end).next_back();
        range.is_empty() || before.is_none_or(|(_, &end)| end <= range.start)
    }

    /// The parts of a range that nothing has, in order.
    pub(super) fn gaps(&self, range: Range<u64>) -> Vec<Range<u64>> {
        // A part that lies past the end of a cut file ends before it starts.
        if range.is_empty() {
            return Vec::new();
        }
        let before = self.taken.range(..=range.start).next_back().map_or(0, |(_, &end)| end);
        let mut at = range.start.max(before);
        let mut gaps = Vec::new();
        for (&start, &end) in self.taken.range(range.start..range.end) {
            if start > at {
                gaps.push(at..start);
            }
            at = at.max(end);
        }
        if at < range.end {
            gaps.push(at..range.end);
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_meet_become_one() {
        let mut claims = Claims::default();
        claims.take(10..20);
        claims.take(30..40);
        claims.take(5..5);
        assert_eq!(claims.gaps(0..50), [0..10, 20..30, 40..50]);
        assert_eq!(claims.gaps(Range { start: 25, end: 22 }), []);
        assert!(!claims.take_free(19..25));
        assert!(claims.take_free(20..30));
        assert_eq!(claims.gaps(12..41).first(), Some(&(40..41)));
        assert_eq!(claims.taken.len(), 1);
        claims.take(0..100);
        assert_eq!(claims.gaps(0..100), []);
        assert!(claims.take_free(50..50));
    }
}
