//! What a drawing becomes when all that it refers to is put in its place.
//!
//! The library does so for each use anew, masks within masks too: twenty lines that refer to one another
//! twice make a million. So that is counted first, without doing it.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Node, NodeId};

use crate::image::error::{RenderError, broken};

/// Elements, those that are used more than once counted as often.
const MAX_ELEMENTS: f64 = 1e6;
/// A letter takes as long as so many elements: it is shaped, and becomes a path.
const ELEMENTS_A_LETTER: f64 = 50.0;
/// So many bytes of attributes take as long as an element.
const BYTES_AN_ELEMENT: f64 = 100.0;
/// Rules of style sheets, times the elements that each of them is compared with.
const MAX_COMPARED: usize = 20_000_000;
/// Attributes of an element, each of which is compared with all others.
const MAX_ATTRIBUTES: usize = 500;

/// Refuses drawings whose elements have too many attributes, before those are read.
pub(super) fn check_attributes(text: &str) -> Result<(), RenderError> {
    let mut rest = text;
    while let Some((_, tag)) = rest.split_once('<') {
        let skipped = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")];
        if let Some((_, end)) = skipped.iter().find(|(begin, _)| tag.starts_with(begin)) {
            rest = tag.split_once(end).map_or("", |(_, behind)| behind);
            continue;
        }
        let (mut attributes, mut quote) = (0, None);
        let end = tag.bytes().position(|byte| {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'=') => attributes += 1,
                (Some(open), byte) if open == byte => quote = None,
                _ => {}
            }
            quote.is_none() && byte == b'>'
        });
        if attributes > MAX_ATTRIBUTES {
            return Err(broken(format!(
                "an element of the drawing has more than {MAX_ATTRIBUTES} attributes"
            )));
        }
        rest = end.and_then(|end| tag.get(end..)).unwrap_or("");
    }
    Ok(())
}

/// Refuses drawings that become too many elements, or have too much text or too many styles.
pub(super) fn check(document: &Document<'_>) -> Result<(), RenderError> {
    let elements = document.descendants().filter(Node::is_element);
    let count = elements.clone().count();
    let sheets = elements.clone().filter(|it| it.has_tag_name("style"));
    let texts = sheets.flat_map(|it| it.children().filter_map(|it| it.text()));
    let rules: usize = texts.map(|text| text.matches(['{', ',']).count()).sum();
    if rules.saturating_mul(count) > MAX_COMPARED {
        return Err(broken("the drawing has too many styles"));
    }
    let ids = elements.filter_map(|it| Some((it.attribute("id")?, it)));
    let mut counting = Counting {
        ids: ids.collect(),
        known: HashMap::new(),
    };
    match counting.count(document.root_element()) > MAX_ELEMENTS {
        true => Err(broken(
            "the drawing has too many parts, too much text, or uses it too often",
        )),
        false => Ok(()),
    }
}

/// The work for an element, without what is inside it.
fn weight(node: Node<'_, '_>) -> f64 {
    let bytes: usize = node.attributes().map(|it| it.value().len()).sum();
    let is_text = ["text", "tspan", "textPath", "tref"].contains(&node.tag_name().name());
    let texts = node
        .children()
        .filter(|_| is_text)
        .filter_map(|it| it.text());
    let letters: usize = texts.map(|text| text.chars().count()).sum();
    1.0 + bytes as f64 / BYTES_AN_ELEMENT + letters as f64 * ELEMENTS_A_LETTER
}

struct Counting<'a, 'input> {
    ids: HashMap<&'a str, Node<'a, 'input>>,
    known: HashMap<NodeId, f64>,
}

impl<'a, 'input> Counting<'a, 'input> {
    /// Counts depth first, with a stack of its own: drawings may be deep.
    fn count(&mut self, root: Node<'a, 'input>) -> f64 {
        let mut open = vec![(root, self.parts(root), weight(root))];
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
                    open.push((part, parts, weight(part)));
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
