//! How the elements are joined into one text: their order, separators and additions.

use upyun_client::protocol::{path, sign::MASK};

use super::variant::Variants;

const JOIN: &str = "join the elements with single `&`, and leave out those that are empty.";
const ORDER: &str = "sign the same elements as the server, in the same order.";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Joined with `&`, without the empty ones.
    Right,
    Separator(&'static str),
    Order(Vec<usize>),
    /// An element too many at this place.
    Extra(usize, Extra),
    Around(&'static str, &'static str),
    Lower,
    Encoded,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extra {
    Text(String),
    /// The MD5 of the password, as in legacy signatures.
    Secret,
}

impl Layout {
    pub(super) fn text(&self, elements: &[&str], secret: &str) -> String {
        let filled: Vec<&str> = elements
            .iter()
            .copied()
            .filter(|element| !element.is_empty())
            .collect();
        match self {
            Self::Right => filled.join("&"),
            Self::Separator(separator) => filled.join(separator),
            Self::Order(order) => {
                let ordered: Vec<&str> = order
                    .iter()
                    .filter_map(|index| elements.get(*index).copied())
                    .filter(|element| !element.is_empty())
                    .collect();
                ordered.join("&")
            }
            Self::Extra(at, extra) => {
                let mut more = filled;
                let extra = match extra {
                    Extra::Text(text) => text,
                    Extra::Secret => secret,
                };
                more.insert((*at).min(more.len()), extra);
                more.join("&")
            }
            Self::Around(before, behind) => format!("{before}{}{behind}", filled.join("&")),
            Self::Lower => filled.join("&").to_lowercase(),
            Self::Encoded => path::encode(&filled.join("&")).replace('/', "%2F"),
        }
    }

    /// The text for a person to see.
    pub(super) fn masked(&self, elements: &[&str]) -> String {
        self.text(elements, MASK)
    }
}

/// The layouts of these elements; `extras` are named values that clients sign by mistake.
pub(super) fn variants(elements: &[&str], extras: Vec<(&str, Extra)>) -> Variants<Layout> {
    let mut layouts = Variants::right(Layout::Right);
    let separators = [
        ("\n", "line feeds"),
        ("", "no separator"),
        (" ", "spaces"),
        (",", "commas"),
        ("|", "`|`"),
        (":", "colons"),
        ("\r\n", "line feeds"),
        ("&&", "`&&`"),
        ("&amp;", "`&amp;`"),
        (" & ", "` & `"),
        ("\\n", "a backslash and an `n`"),
        (";", "semicolons"),
        ("-", "`-`"),
        ("+", "`+`"),
    ];
    for (separator, name) in separators {
        let cause = format!("The elements were joined with {name} instead of `&`.");
        layouts.add(Layout::Separator(separator), cause, JOIN);
    }
    let filled: Vec<usize> = (0..elements.len())
        .filter(|index| !elements[*index].is_empty())
        .collect();
    let cause = "An empty element was signed.";
    for at in (0..=filled.len()).rev() {
        let empty = Extra::Text(String::new());
        layouts.add(Layout::Extra(at, empty), cause, JOIN);
    }
    let cause = "The string-to-sign was signed with a line feed at its end.";
    for end in ["\n", "\r\n", "&\n"] {
        layouts.add(Layout::Around("", end), cause, JOIN);
    }
    let cause = "The string-to-sign was signed with a space or quotation marks around it.";
    for (before, behind) in [(" ", ""), ("", " "), ("\"", "\""), ("'", "'")] {
        layouts.add(Layout::Around(before, behind), cause, JOIN);
    }
    let cause = "The string-to-sign has an `&` before it.";
    layouts.add(Layout::Around("&", ""), cause, JOIN);
    let cause = "The whole string-to-sign was converted to lower case.";
    layouts.add(Layout::Lower, cause, "sign each element as it is sent.");
    let cause = "The whole string-to-sign was percent-encoded.";
    layouts.add(Layout::Encoded, cause, "sign the string as it is.");
    orders(&mut layouts, &filled);
    for (name, extra) in extras {
        let cause = format!("An extra element was signed: {name}.");
        for at in (0..=filled.len()).rev() {
            layouts.add_rare(Layout::Extra(at, extra.clone()), cause.as_str(), ORDER);
        }
    }
    layouts
}

fn orders(layouts: &mut Variants<Layout>, right: &[usize]) {
    let cause = "The elements were signed in another order than the server's.";
    for first in 1..right.len() {
        let mut order = right.to_vec();
        order.swap(first - 1, first);
        layouts.add(Layout::Order(order), cause, ORDER);
    }
    let mut orders = vec![Vec::new()];
    for _ in right {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<usize>| {
                let left = right.iter().filter(|index| !order.contains(index));
                left.map(|index| [order.as_slice(), &[*index]].concat())
            })
            .collect();
    }
    for order in orders.into_iter().filter(|order| order != right) {
        layouts.add_rare(Layout::Order(order), cause, ORDER);
    }
}
