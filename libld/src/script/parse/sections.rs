//! SECTIONS: output sections and what stands between them.

use super::super::ast::{
    Assignment, AssignmentKind, Constraint, NoAllocWord, OutputSection, Overlay, SectionKind,
    SectionsItem, Word,
};
use super::super::generated::Rule;
use super::tree::{Builder, Node, Wrong, take};
use super::words::Place;
use super::{Nodes, add, parse};

/// How many texts a text may stand in by way of INCLUDE.
const MOST_INCLUDES: usize = 9;

impl<'s> Builder<'s, '_, '_> {
    /// Reads what an INCLUDE names, and parses it with a rule.
    pub fn include(
        &mut self,
        node: Node<'_, '_>,
        rule: Rule,
        build: &mut dyn FnMut(&mut Builder<'s, '_, '_>, &mut Nodes<'_, '_>) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let span = self.span(node);
        let mut nodes = node.children();
        take(&mut nodes, Rule::include_word);
        let word = self.next_word(&mut nodes)?;
        if self.context.sources.depth(self.source) >= MOST_INCLUDES {
            return Err(Wrong::text(span, ": includes nested too deeply"));
        }
        let text = match self.context.host.include(word.name) {
            Ok(text) => text,
            Err(message) => {
                self.context.diagnostics.fatal(message);
                return Err(Wrong::said(span));
            }
        };
        let source = add(text, Some(span), self.context);
        parse(source, text.bytes, rule, self.context, build).map_err(|_| Wrong::said(span))
    }

    /// Nodes of the rule `sections_item`.
    pub fn sections_items(
        &mut self,
        nodes: &mut Nodes<'_, '_>,
        out: &mut Vec<SectionsItem<'s>>,
    ) -> Result<(), Wrong> {
        for node in nodes.by_ref() {
            let item = match node.rule() {
                Rule::definition => self.definition(node)?,
                Rule::provide => SectionsItem::Assignment(self.provide(node, Place::Command)?),
                Rule::assertion => SectionsItem::Assert(self.assertion(node)?),
                Rule::entry => SectionsItem::Entry(self.next_word(&mut node.children())?),
                Rule::overlay => SectionsItem::Overlay(Box::new(self.overlay(node)?)),
                Rule::include => {
                    self.include(node, Rule::included_in_sections, &mut |builder, nodes| {
                        builder.sections_items(nodes, out)
                    })?;
                    continue;
                }
                Rule::group => {
                    self.old_group(node, out)?;
                    continue;
                }
                _ => continue,
            };
            out.push(item);
        }
        Ok(())
    }

    /// `GROUP address : { … }`, an old way to set the location counter.
    fn old_group(
        &mut self,
        node: Node<'_, '_>,
        out: &mut Vec<SectionsItem<'s>>,
    ) -> Result<(), Wrong> {
        let mut nodes = node.children();
        if let Some(address) = take(&mut nodes, Rule::address) {
            let span = self.span(address);
            let value = self.expression(self.next(&mut address.children())?)?;
            out.push(SectionsItem::Assignment(Assignment {
                kind: AssignmentKind::Plain,
                target: Word { name: b".", span },
                operator: None,
                value,
                span,
            }));
        }
        self.sections_items(&mut nodes, out)
    }

    /// What a word begins: an assignment or an output section.
    fn definition(&mut self, node: Node<'_, '_>) -> Result<SectionsItem<'s>, Wrong> {
        let mut nodes = node.children();
        let word = self.next_word(&mut nodes)?;
        let next = nodes.clone().next();
        if next.is_some_and(|node| node.rule() == Rule::operator_of_assignment) {
            return Ok(SectionsItem::Assignment(self.assigned(word, &mut nodes)?));
        }
        let mut section = OutputSection {
            name: word,
            address: None,
            kind: SectionKind::Normal,
            at: None,
            align: None,
            align_with_input: false,
            subalign: None,
            constraint: Constraint::None,
            body: Vec::new(),
            region: None,
            lma_region: None,
            phdrs: Vec::new(),
            fill: None,
            span: self.span(node),
        };
        for node in nodes {
            self.part(node, &mut section)?;
        }
        if section.align.is_some() && section.align_with_input {
            let text = ": error: align with input and explicit align specified";
            return Err(Wrong::text(section.span, text));
        }
        Ok(SectionsItem::Output(Box::new(section)))
    }

    /// A part of an output section.
    fn part(&mut self, node: Node<'_, '_>, section: &mut OutputSection<'s>) -> Result<(), Wrong> {
        let mut inside = node.children();
        match node.rule() {
            Rule::address => section.address = Some(self.inside(&mut inside)?),
            Rule::section_type => section.kind = self.section_kind(inside)?,
            Rule::at => section.at = Some(self.inside(&mut inside)?),
            Rule::align => section.align = Some(self.inside(&mut inside)?),
            Rule::align_with_input => section.align_with_input = true,
            Rule::subalign => section.subalign = Some(self.inside(&mut inside)?),
            Rule::constraint => {
                section.constraint = match self.bytes(node) {
                    b"ONLY_IF_RO" => Constraint::OnlyIfReadOnly,
                    b"ONLY_IF_RW" => Constraint::OnlyIfWritable,
                    _ => Constraint::Special,
                }
            }
            Rule::body => self.body_items(&mut inside, &mut section.body)?,
            Rule::region_of => section.region = Some(self.next_word(&mut inside)?),
            Rule::lma_region => section.lma_region = Some(self.next_word(&mut inside)?),
            Rule::phdr_of => section.phdrs.push(self.next_word(&mut inside)?),
            Rule::fill => section.fill = Some(self.fill(self.next(&mut inside)?)?),
            _ => {}
        }
        Ok(())
    }

    fn inside(&self, nodes: &mut Nodes<'_, '_>) -> Result<super::Expr<'s>, Wrong> {
        self.expression(self.next(nodes)?)
    }

    fn section_kind(&self, mut nodes: Nodes<'_, '_>) -> Result<SectionKind<'s>, Wrong> {
        let Some(node) = nodes.next() else { return Ok(SectionKind::Normal) };
        Ok(match node.rule() {
            Rule::type_value => SectionKind::Type(self.type_value(node)?),
            Rule::read_only => match node.children().next() {
                Some(value) => SectionKind::ReadOnlyType(self.type_value(value)?),
                None => SectionKind::ReadOnly,
            },
            _ => match self.bytes(node) {
                b"NOLOAD" => SectionKind::NoLoad,
                b"DSECT" => SectionKind::NoAlloc(NoAllocWord::Dsect),
                b"COPY" => SectionKind::NoAlloc(NoAllocWord::Copy),
                b"INFO" => SectionKind::NoAlloc(NoAllocWord::Info),
                _ => SectionKind::NoAlloc(NoAllocWord::Overlay),
            },
        })
    }

    fn overlay(&mut self, node: Node<'_, '_>) -> Result<Overlay<'s>, Wrong> {
        let span = self.span(node);
        let mut overlay = Overlay {
            address: None,
            no_cross_refs: false,
            at: None,
            subalign: None,
            sections: Vec::new(),
            region: None,
            lma_region: None,
            phdrs: Vec::new(),
            fill: None,
            span,
        };
        for node in node.children() {
            let mut inside = node.children();
            match node.rule() {
                Rule::address => overlay.address = Some(self.inside(&mut inside)?),
                Rule::exclusive => overlay.no_cross_refs = true,
                Rule::at => overlay.at = Some(self.inside(&mut inside)?),
                Rule::subalign => overlay.subalign = Some(self.inside(&mut inside)?),
                Rule::region_of => overlay.region = Some(self.next_word(&mut inside)?),
                Rule::lma_region => overlay.lma_region = Some(self.next_word(&mut inside)?),
                Rule::phdr_of => overlay.phdrs.push(self.next_word(&mut inside)?),
                Rule::fill => overlay.fill = Some(self.fill(self.next(&mut inside)?)?),
                _ => {
                    if let SectionsItem::Output(section) = self.definition(node)? {
                        overlay.sections.push(*section);
                    }
                }
            }
        }
        Ok(overlay)
    }
}
