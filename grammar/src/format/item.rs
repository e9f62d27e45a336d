//! The layout of items, signatures, clauses and types.
use super::write::{Brackets, Writer};
use crate::Rule;
use crate::build::Node;

/// The children of a node.
pub(super) fn children<'t>(node: &Node<'t>) -> Vec<Node<'t>> {
    node.clone().into_inner().collect()
}

impl<'t> Writer<'t> {
    /// An item.
    pub(super) fn item(&mut self, node: &Node<'t>) {
        self.comments_above(node.as_span().start());
        self.words(node);
    }

    /// Parts with one blank between two, but where a part touches what it follows.
    pub(super) fn words(&mut self, node: &Node<'t>) {
        for (at, part) in node.clone().into_inner().enumerate() {
            let touches =
                matches!(part.as_rule(), Rule::params | Rule::use_names | Rule::mock_params | Rule::colon);
            if at > 0 && !touches {
                self.space();
            }
            self.node(&part);
        }
    }

    /// Parts that touch.
    pub(super) fn touching(&mut self, node: &Node<'t>) {
        for part in node.clone().into_inner() {
            self.node(&part);
        }
    }

    /// The names of a `use`, sorted, unless there are comments among them.
    pub(super) fn use_names(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let [dot, list @ ..] = parts.as_slice() else { return };
        self.token(dot);
        let place = node.as_span();
        if self.has_comment(place.start()..place.end()) {
            return self.brackets(list, Brackets::TIGHT, Self::token);
        }
        let mut names: Vec<&Node<'t>> = list.iter().filter(|part| part.as_rule() == Rule::word).collect();
        names.sort_by_key(|name| name.as_str());
        let mut sorted = names.into_iter();
        self.brackets(list, Brackets::TIGHT, |this, name| this.token(sorted.next().unwrap_or(name)));
    }

    /// `(a: Int, b: Text)`, and the names in a mock's parentheses.
    pub(super) fn params(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let broken = self.breaks_first(&parts);
        self.brackets(&parts, Brackets::TIGHT.broken_if(broken), Self::node);
    }

    /// The clauses of a task or an agent, and the groups of settings.
    pub(super) fn clauses(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let style = Brackets { between: "  ", ..Brackets::BODY };
        let broken = self.any_begins_line(&parts);
        self.brackets(&parts, style.broken_if(broken), Self::node);
    }

    /// Whether the writer of a bracket ended the line behind it.
    pub(super) fn breaks_first(&self, parts: &[Node<'t>]) -> bool {
        parts.first().is_some_and(|bracket| self.ends_line(bracket))
    }

    /// `"low" | "high"`: a type or a pattern with its alternatives.
    pub(super) fn alternatives(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let [first, rest @ ..] = parts.as_slice() else { return };
        if rest.is_empty() {
            return self.node(first);
        }
        self.open();
        self.node(first);
        self.indent(1);
        for pair in rest.chunks(2) {
            self.line();
            for (at, part) in pair.iter().enumerate() {
                if at > 0 {
                    self.space();
                }
                self.node(part);
            }
        }
        self.indent(-1);
        self.close();
    }

    /// `{ a: Int, b: Text }`
    pub(super) fn record_type(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let broken = self.breaks_first(&parts);
        self.brackets(&parts, Brackets::PADDED.broken_if(broken), Self::node);
    }

    /// `<T, U>`: types never break at their angles; a comma before the `>` goes, unless a comment stands there.
    pub(super) fn type_arguments(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let keep = self.has_comment(node.as_span().start()..node.as_span().end());
        for (at, part) in parts.iter().enumerate() {
            let is_comma = part.as_rule() == Rule::comma;
            let last = at + 2 == parts.len();
            if is_comma && last && !keep {
                continue;
            }
            self.node(part);
            if is_comma && !last {
                self.space();
            }
        }
    }
}
