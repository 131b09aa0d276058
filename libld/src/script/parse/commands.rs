//! Commands: what stands outside of SECTIONS.

use super::super::ast::{
    Assignment, AssignmentKind, Command, ExprKind, InputFile, InputList, PHDR_TYPES, Phdr, Region,
    RegionAttributes, RegionFlags, SectionsItem,
};
use super::super::generated::Rule;
use super::Nodes;
use super::expression::of_assignment;
use super::tree::{Builder, Node, Wrong, take};
use super::words::Place;

impl<'s> Builder<'s, '_, '_> {
    /// Nodes of the rule `command`.
    pub fn commands(
        &mut self,
        nodes: &mut Nodes<'_, '_>,
        out: &mut Vec<Command<'s>>,
    ) -> Result<(), Wrong> {
        for node in nodes.by_ref() {
            let mut inside = node.children();
            let command = match node.rule() {
                Rule::EOI => continue,
                Rule::files_of_old => {
                    self.files_of_old(node)?;
                    continue;
                }
                Rule::include => {
                    self.include(node, Rule::script, &mut |builder, nodes| {
                        builder.commands(nodes, out)
                    })?;
                    continue;
                }
                Rule::sections => {
                    let mut items: Vec<SectionsItem<'s>> = Vec::new();
                    self.sections_items(&mut inside, &mut items)?;
                    Command::Sections(items)
                }
                Rule::assignment => Command::Assignment(self.assignment(node)?),
                Rule::provide => Command::Assignment(self.provide(node, Place::Command)?),
                Rule::assertion => Command::Assert(self.assertion(node)?),
                Rule::with_word => self.with_word(inside)?,
                Rule::output_format => {
                    let default = self.next_word(&mut inside)?;
                    let by_order = match inside.next() {
                        Some(big) => Some((self.word(big)?, self.next_word(&mut inside)?)),
                        None => None,
                    };
                    Command::OutputFormat { default, by_order }
                }
                Rule::files => {
                    let is_group = self.bytes(self.next(&mut inside)?) == b"GROUP";
                    let mut files = Vec::new();
                    self.files(inside, false, &mut files);
                    let list = InputList { files, span: self.span(node) };
                    if is_group { Command::Group(list) } else { Command::Input(list) }
                }
                Rule::r#extern => {
                    let symbols = inside.map(|node| self.symbol(node)).collect::<Result<_, _>>()?;
                    Command::Extern(symbols)
                }
                Rule::no_cross_refs => {
                    let to = self.bytes(self.next(&mut inside)?) == b"NOCROSSREFS_TO";
                    let names = self.words(inside)?;
                    if to { Command::NoCrossRefsTo(names) } else { Command::NoCrossRefs(names) }
                }
                Rule::region_alias => Command::RegionAlias {
                    alias: self.next_word(&mut inside)?,
                    region: self.next_word(&mut inside)?,
                },
                Rule::insert => Command::Insert {
                    after: self.bytes(self.next(&mut inside)?) == b"AFTER",
                    section: self.next_word(&mut inside)?,
                },
                Rule::memory => {
                    let mut regions = Vec::new();
                    self.regions(&mut inside, &mut regions)?;
                    Command::Memory(regions)
                }
                Rule::phdrs => {
                    Command::Phdrs(inside.map(|node| self.phdr(node)).collect::<Result<_, _>>()?)
                }
                Rule::version => Command::Version(self.version_script(&mut inside)?),
                Rule::plain_command => match self.bytes(node) {
                    b"FORCE_COMMON_ALLOCATION" => Command::ForceCommonAllocation,
                    b"INHIBIT_COMMON_ALLOCATION" => Command::InhibitCommonAllocation,
                    b"FORCE_GROUP_ALLOCATION" => Command::ForceGroupAllocation,
                    // FLOAT and NOFLOAT, of no meaning any more.
                    _ => continue,
                },
                _ => return Err(Wrong::syntax(self.span(node))),
            };
            out.push(command);
        }
        Ok(())
    }

    fn with_word(&self, mut nodes: Nodes<'_, '_>) -> Result<Command<'s>, Wrong> {
        let command = self.bytes(self.next(&mut nodes)?);
        let word = self.next_word(&mut nodes)?;
        Ok(match command {
            b"ENTRY" => Command::Entry(word),
            b"OUTPUT_ARCH" => Command::OutputArch(word),
            b"OUTPUT" => Command::Output(word),
            b"TARGET" => Command::Target(word),
            b"SEARCH_DIR" => Command::SearchDir(word),
            b"STARTUP" => Command::Startup(word),
            b"MAP" => Command::Map(word),
            _ => Command::LdFeature(word),
        })
    }

    fn files(&self, nodes: Nodes<'_, '_>, as_needed: bool, out: &mut Vec<InputFile<'s>>) {
        for node in nodes {
            let span = self.span(node);
            match node.rule() {
                Rule::as_needed => self.files(node.children(), true, out),
                Rule::library => {
                    let name = self.bytes(node);
                    let name = name.strip_prefix(b"-l").unwrap_or(name);
                    out.push(InputFile { name, library: true, as_needed, span });
                }
                _ => {
                    let name = self.unquoted(node).0;
                    out.push(InputFile { name, library: false, as_needed, span });
                }
            }
        }
    }

    /// `HLL(file, …)` and `SYSLIB(file, …)`: says of each name that it means nothing.
    fn files_of_old(&mut self, node: Node<'_, '_>) -> Result<(), Wrong> {
        let command = if self.bytes(node).starts_with(b"HLL") { "HLL" } else { "SYSLIB" };
        let mut count = 0_usize;
        for file in node.children() {
            if file.rule() != Rule::word {
                return Err(Wrong::syntax(self.span(file)));
            }
            count = count.saturating_add(1);
        }
        let mut text = self.context.sources.place(self.span(node));
        text.extend_from_slice(format!(" {command} ignored").as_bytes());
        for _ in 0..count.max(1) {
            self.context.diagnostics.note(text.clone());
        }
        Ok(())
    }

    /// `symbol = expression;`
    fn assignment(&self, node: Node<'_, '_>) -> Result<Assignment<'s>, Wrong> {
        let mut nodes = node.children();
        let target = self.next_word(&mut nodes)?;
        self.assigned(target, &mut nodes)
    }

    /// An operator and an expression behind a name.
    pub fn assigned(
        &self,
        target: super::Word<'s>,
        nodes: &mut Nodes<'_, '_>,
    ) -> Result<Assignment<'s>, Wrong> {
        let operator = of_assignment(self.bytes(self.next(nodes)?));
        let value = self.expression(self.next(nodes)?)?;
        let span = target.span.to(value.span);
        Ok(Assignment { kind: AssignmentKind::Plain, target, operator, value, span })
    }

    /// `PROVIDE(symbol = expression);` and its like.
    pub fn provide(&self, node: Node<'_, '_>, place: Place) -> Result<Assignment<'s>, Wrong> {
        let mut nodes = node.children();
        let kind = match self.bytes(self.next(&mut nodes)?) {
            b"PROVIDE" => AssignmentKind::Provide,
            b"PROVIDE_HIDDEN" => AssignmentKind::ProvideHidden,
            _ => AssignmentKind::Hidden,
        };
        let target = self.next(&mut nodes)?;
        let target = super::Word { name: self.name(target, place)?, span: self.span(target) };
        take(&mut nodes, Rule::body_equals);
        let value = self.expression(self.next(&mut nodes)?)?;
        let span = self.span(node);
        if target.name == b"." && kind != AssignmentKind::Hidden {
            let text = " can not PROVIDE assignment to location counter";
            return Err(Wrong::text(span, text));
        }
        Ok(Assignment { kind, target, operator: None, value, span })
    }

    /// Nodes of the rule `memory_item`.
    fn regions(
        &mut self,
        nodes: &mut Nodes<'_, '_>,
        out: &mut Vec<Region<'s>>,
    ) -> Result<(), Wrong> {
        for node in nodes.by_ref() {
            match node.rule() {
                Rule::include => {
                    self.include(node, Rule::included_in_memory, &mut |builder, nodes| {
                        builder.regions(nodes, out)
                    })?;
                }
                Rule::region => out.push(self.region(node)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn region(&self, node: Node<'_, '_>) -> Result<Region<'s>, Wrong> {
        let mut nodes = node.children();
        let name = self.next_word(&mut nodes)?;
        let attributes = match take(&mut nodes, Rule::attributes) {
            Some(node) => self.attributes(node)?,
            None => RegionAttributes::default(),
        };
        take(&mut nodes, Rule::origin_word);
        let origin = self.expression(self.next(&mut nodes)?)?;
        take(&mut nodes, Rule::length_word);
        let length = self.expression(self.next(&mut nodes)?)?;
        Ok(Region { name, attributes, origin, length })
    }

    fn attributes(&self, node: Node<'_, '_>) -> Result<RegionAttributes, Wrong> {
        let mut attributes = RegionAttributes::default();
        let mut negated = false;
        for node in node.children() {
            if node.rule() == Rule::not {
                if negated {
                    return Err(Wrong::syntax(self.span(node)));
                }
                negated = true;
                continue;
            }
            let word = self.word(node)?;
            let flags = if negated { &mut attributes.without } else { &mut attributes.with };
            for letter in word.name {
                set(flags, *letter).ok_or_else(|| {
                    let letter = letter.escape_ascii();
                    Wrong::text(word.span, format!(": invalid character {letter} in flags"))
                })?;
            }
            negated = false;
        }
        if negated {
            return Err(Wrong::syntax(self.span(node)));
        }
        Ok(attributes)
    }

    fn phdr(&self, node: Node<'_, '_>) -> Result<Phdr<'s>, Wrong> {
        let mut nodes = node.children();
        let name = self.next_word(&mut nodes)?;
        let mut kind = self.expression(self.next(&mut nodes)?)?;
        if let ExprKind::Symbol(name) = kind.kind {
            let known = PHDR_TYPES.iter().find(|(known, _)| known.as_bytes() == name);
            let Some((_, number)) = known else {
                let name = name.escape_ascii();
                let text = format!(": unknown phdr type `{name}' (try integer literal)");
                return Err(Wrong::text(kind.span, text));
            };
            kind.kind = ExprKind::Number(u64::from(*number));
        }
        let (mut file_header, mut program_headers) = (false, false);
        let (mut at, mut flags) = (None, None);
        for node in nodes {
            let mut inside = node.children();
            let word = self.free_word(self.next(&mut inside)?);
            let value = inside.next().map(|node| self.expression(node)).transpose()?;
            match (word.name, value) {
                (b"FILEHDR", None) => file_header = true,
                (b"PHDRS", None) => program_headers = true,
                (b"AT", Some(value)) => at = Some(value),
                (b"FLAGS", Some(value)) => flags = Some(value),
                (name, _) => {
                    let text = format!(": PHDRS syntax error at `{}'", name.escape_ascii());
                    return Err(Wrong::text(word.span, text));
                }
            }
        }
        Ok(Phdr { name, kind, file_header, program_headers, at, flags })
    }
}

fn set(flags: &mut RegionFlags, letter: u8) -> Option<()> {
    let flag = match letter {
        b'r' | b'R' => &mut flags.read_only,
        b'w' | b'W' => &mut flags.writable,
        b'x' | b'X' => &mut flags.code,
        b'a' | b'A' => &mut flags.alloc,
        b'i' | b'I' | b'l' | b'L' => &mut flags.load,
        _ => return None,
    };
    *flag = true;
    Some(())
}
