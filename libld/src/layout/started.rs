//! Sections that options say the start of (`--section-start`, `-Ttext`, …) come first in the table of
//! section headers, in the order of options, as GNU ld makes them before it reads scripts.

use super::Layout;
use crate::options::SectionStart;

/// Brings the sections into that order.
pub fn bring_forward(layout: &mut Layout<'_>, starts: &[SectionStart]) {
    if starts.is_empty() {
        return;
    }
    let rank = |name: &[u8]| starts.iter().position(|start| start.makes(name));
    let old = std::mem::take(&mut layout.sections);
    let mut order: Vec<_> = (0_u32..).zip(old).collect();
    order.sort_by_key(|(_, section)| rank(&section.name).unwrap_or(starts.len()));
    let mut numbers = vec![0_u32; order.len()];
    for (new, (old, _)) in (0_u32..).zip(&order) {
        if let Some(number) = numbers.get_mut(*old as usize) {
            *number = new;
        }
    }
    layout.sections = order.into_iter().map(|(_, section)| section).collect();
    layout.renumber(&numbers);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{FileId, SectionId};
    use crate::layout::{OutputSection, Place, Places};

    #[test]
    fn sections_with_a_start_come_first() {
        let names: [&[u8]; 3] = [b".init", b".text", b".data"];
        let sections = names.map(|name| OutputSection { name: name.into(), ..Default::default() });
        let mut layout = Layout { sections: sections.into(), ..Layout::default() };
        layout.places = Places::new(vec![1]);
        let section = SectionId { file: FileId(0), index: 0 };
        layout.places.set(section, Place { output: 0, offset: 4 });
        let start =
            |name: &[u8]| SectionStart { section: name.into(), address: 0, follows_script: false };
        bring_forward(&mut layout, &[start(b".data"), start(b".none"), start(b".text")]);
        let names: Vec<_> = layout.sections.iter().map(|section| &*section.name).collect();
        assert_eq!(names, [b".data", b".text", b".init"]);
        assert_eq!(layout.places.get(section), Some(Place { output: 2, offset: 4 }));
    }
}
