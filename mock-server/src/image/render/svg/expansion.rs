//! What a drawing becomes when all that it refers to is put in its place.
//!
//! The library does so for each use anew, masks within masks too: twenty lines that refer to one another
//! twice make a million. So that is counted first, without doing it.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Node, NodeId};

/// Elements, those that are used more than once counted as often.
const MAX_ELEMENTS: f64 = 1e6;

/// Whether a drawing becomes too many elements.
pub(super) fn is_too_large(document: &Document<'_>) -> bool {
    let elements = document.descendants().filter(Node::is_element);
    let ids = elements.filter_map(|it| Some((it.attribute("id")?, it)));
    let mut counting = Counting {
        ids: ids.collect(),
        known: HashMap::new(),
    };
    counting.count(document.root_element()) > MAX_ELEMENTS
}

struct Counting<'a, 'input> {
    ids: HashMap<&'a str, Node<'a, 'input>>,
    known: HashMap<NodeId, f64>,
}

impl<'a, 'input> Counting<'a, 'input> {
    /// Counts depth first, with a stack of its own: drawings may be deep.
    fn count(&mut self, root: Node<'a, 'input>) -> f64 {
        let mut open = vec![(root, self.parts(root), 1.0)];
        let mut counted = None;
        while let Some((node, parts, sum)) = open.last_mut() {
            *sum += counted.take().unwrap_or(0.0);
            let Some(part) = parts.pop() else {
                let (id, sum) = (node.id(), *sum);
                self.known.insert(id, sum);
                counted = Some(sum);
                open.pop();
                continue;
            };
            match self.known.get(&part.id()) {
                Some(known) => counted = Some(*known),
                None => {
                    // What refers to itself is not drawn. Until it is counted it is nothing.
                    self.known.insert(part.id(), 0.0);
                    let parts = self.parts(part);
                    open.push((part, parts, 1.0));
                }
            }
        }
        counted.unwrap_or(0.0)
    }

    /// The elements inside one, and those that it refers to.
    fn parts(&self, node: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
        let texts = node.attributes().map(|attribute| attribute.value());
        // Style sheets count once, whatever they apply to.
        let sheet = node.text().filter(|_| node.has_tag_name("style"));
        let named = texts
            .chain(sheet)
            .flat_map(references)
            .filter_map(|id| self.ids.get(id).copied());
        node.children()
            .filter(Node::is_element)
            .chain(named)
            .collect()
    }
}

/// The names behind each `#` of a text; colours are no names of elements, and found to be none.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let behind = text.split('#').skip(1);
    behind.map(|it| it.split([')', '"', '\'', ' ', ';']).next().unwrap_or(it))
}
