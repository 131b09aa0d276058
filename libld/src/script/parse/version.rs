//! Version scripts, and the lists of --dynamic-list.

use super::super::ast::{Language, VersionNode, VersionPattern, VersionScript, Word};
use super::super::generated::Rule;
use super::Nodes;
use super::tree::{Builder, Node, Wrong};

impl<'s> Builder<'s, '_, '_> {
    /// Nodes of the rule `version_node`.
    pub fn version_script(&self, nodes: &mut Nodes<'_, '_>) -> Result<VersionScript<'s>, Wrong> {
        let nodes = nodes.filter(|node| node.rule() == Rule::version_node);
        Ok(VersionScript { nodes: nodes.map(|node| self.version(node)).collect::<Result<_, _>>()? })
    }

    fn version(&self, node: Node<'_, '_>) -> Result<VersionNode<'s>, Wrong> {
        let mut version = VersionNode {
            name: None,
            globals: Vec::new(),
            locals: Vec::new(),
            predecessors: Vec::new(),
            span: self.span(node),
        };
        for node in node.children() {
            let word = Word { name: self.bytes(node), span: self.span(node) };
            let list = match node.rule() {
                Rule::version_name => {
                    version.name = Some(word);
                    continue;
                }
                Rule::predecessor => {
                    version.predecessors.push(word);
                    continue;
                }
                Rule::locals => &mut version.locals,
                _ => &mut version.globals,
            };
            self.entries(node.children(), Language::C, list)?;
        }
        Ok(version)
    }

    /// Nodes of the rule `dynamic_block`.
    pub fn dynamic_list(&self, nodes: &mut Nodes<'_, '_>) -> Result<VersionScript<'s>, Wrong> {
        let mut script = VersionScript::default();
        for node in nodes.filter(|node| node.rule() == Rule::dynamic_block) {
            let mut globals = Vec::new();
            self.entries(node.children(), Language::C, &mut globals)?;
            script.nodes.push(VersionNode {
                name: None,
                globals,
                locals: Vec::new(),
                predecessors: Vec::new(),
                span: self.span(node),
            });
        }
        Ok(script)
    }

    fn entries(
        &self,
        nodes: Nodes<'_, '_>,
        language: Language,
        out: &mut Vec<VersionPattern<'s>>,
    ) -> Result<(), Wrong> {
        for node in nodes {
            if node.rule() == Rule::language {
                let mut inside = node.children();
                let name = self.next(&mut inside)?;
                let language = match self.unquoted(name).0 {
                    b"C" => Language::C,
                    b"C++" => Language::Cxx,
                    b"Java" => Language::Java,
                    unknown => {
                        let unknown = unknown.escape_ascii();
                        let text = format!(": unknown language `{unknown}' in version information");
                        return Err(Wrong::text(self.span(name), text));
                    }
                };
                self.entries(inside, language, out)?;
                continue;
            }
            let (text, literal) = self.unquoted(node);
            out.push(VersionPattern { text, literal, language, span: self.span(node) });
        }
        Ok(())
    }
}
