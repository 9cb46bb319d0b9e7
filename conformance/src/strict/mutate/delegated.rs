//! What a token says beside its signature.

use super::{
    MutatedField::{Expiration, UriPostfix, UriPrefix},
    Workshop, flipped,
};

const EXPIRE: &str = "X-Upyun-Expire";

pub(super) fn token(shop: &mut Workshop<'_>) {
    if !shop.form.is_token() {
        return;
    }
    let expire = shop.valid.header(EXPIRE).unwrap_or_default().to_owned();
    let number: u64 = expire.parse().unwrap_or_default();
    for (how, other) in [
        ("a second later", (number + 1).to_string()),
        ("a second earlier", (number - 1).to_string()),
        ("a leading zero", format!("0{expire}")),
        ("a sign", format!("+{expire}")),
        ("empty", String::new()),
    ] {
        shop.add(Expiration, how, |raw| raw.set_header(EXPIRE, other));
    }
    shop.add(Expiration, "none", |raw| raw.remove_header(EXPIRE));
    let now = shop.keys.unix();
    for (how, other) in [
        ("passed", (now - 60).to_string()),
        ("no number", "never".to_owned()),
        ("a fraction", format!("{expire}.5")),
        ("negative", "-1".to_owned()),
        ("missing", String::new()),
    ] {
        shop.add_signed(Expiration, how, |raw| raw.set_header(EXPIRE, other));
    }
    for (field, name) in [
        (UriPrefix, "X-Upyun-Uri-Prefix"),
        (UriPostfix, "X-Upyun-Uri-Postfix"),
    ] {
        let Some(text) = shop.valid.header(name).map(str::to_owned) else {
            // Right for this path, but not in the token.
            let part = match field {
                UriPrefix => shop.valid.path[..2].to_owned(),
                _ => "z".to_owned(),
            };
            shop.add(field, "one where none is", |raw| raw.set_header(name, part));
            continue;
        };
        let (first, last) = (text.chars().next(), text.chars().last());
        let (first, last) = (
            first.map_or(0, char::len_utf8),
            last.map_or(0, char::len_utf8),
        );
        let shorter = match field {
            UriPrefix => text[..text.len() - last].to_owned(),
            _ => text[first..].to_owned(),
        };
        shop.add(field, "a character less", |raw| {
            raw.set_header(name, shorter)
        });
        shop.add(field, "none", |raw| raw.remove_header(name));
        shop.add(field, "empty", |raw| raw.set_header(name, ""));
        let other = flipped(&text, text.chars().count() - 1);
        shop.add(field, "a character", |raw| raw.set_header(name, &*other));
        // A token for somewhere else.
        shop.add_signed(field, "a character", |raw| raw.set_header(name, other));
        let whole = format!("{}x", shop.valid.path);
        shop.add_signed(field, "longer than the path", |raw| {
            raw.set_header(name, whole)
        });
    }
}
