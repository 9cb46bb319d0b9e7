//! Processing of pictures.

use super::{
    Act, Damage,
    message::{Request, Response},
    requests::request,
    responses::response,
    scene::read_key,
};

/// Replaces the value of a parameter in `!/name/value/…`.
fn set_parameter(request: &mut Request, name: &str, value: &str) {
    let Some((path, wish)) = request.target.split_once('!') else {
        return;
    };
    let mut words: Vec<&str> = wish.split('/').collect();
    for at in 1..words.len() {
        if words[at - 1] == name {
            words[at] = value;
        }
    }
    request.target = format!("{path}!{}", words.join("/"));
}

/// Removes a parameter and its value from `!/name/value/…`.
fn drop_parameter(request: &mut Request, name: &str) {
    let Some((path, wish)) = request.target.split_once('!') else {
        return;
    };
    let words: Vec<&str> = wish.split('/').collect();
    let Some(at) = words.iter().position(|word| *word == name) else {
        return;
    };
    let kept = words[..at].iter().chain(words.iter().skip(at + 2));
    let kept: Vec<&str> = kept.copied().collect();
    request.target = match kept.iter().all(|word| word.is_empty()) {
        true => path.to_owned(),
        false => format!("{path}!{}", kept.join("/")),
    };
}

fn is_processed(request: &Request) -> bool {
    request.target.contains('!')
}

fn widen(response: &mut Response) {
    response.edit_json(|facts| {
        if let Some(width) = facts.get("width").and_then(serde_json::Value::as_u64) {
            facts["width"] = (width + 1).into();
        }
    });
}

pub(super) static DAMAGES: &[Damage] = &[
    response!(
        "picture-facts-lost",
        "An upload of a picture returns its size and kind.",
        "images.facts",
        |request, response, _| if request.is("PUT") {
            for name in ["width", "height", "frames", "file-type"] {
                response.headers.remove(&format!("x-upyun-{name}"));
            }
        }
    ),
    response!(
        "picture-width-off-by-one",
        "An upload of a picture returns its width.",
        "images.facts",
        |_, response, _| response.add("x-upyun-width", 1)
    ),
    response!(
        "picture-info-off-by-one",
        "The info of a picture has its width.",
        "images.facts",
        |request, response, _| if is_processed(request) {
            widen(response);
        }
    ),
    response!(
        "picture-type-wrong",
        "A processed picture has the type of its format.",
        "images.output",
        |request, response, _| if is_processed(request) && response.is_success() {
            let generic = "application/octet-stream";
            response
                .headers
                .edit("content-type", |_| generic.to_owned());
        }
    ),
    request!(
        "picture-enlarged",
        "Nothing is enlarged unless it is forced.",
        "images.scale",
        |request, _| if is_processed(request) && !request.target.contains("/force/") {
            request.target.push_str("/force/true");
        }
    ),
    request!(
        "force-ignored",
        "force enlarges a picture.",
        "images.scale",
        |request, _| drop_parameter(request, "force")
    ),
    request!(
        "scaling-ignored",
        "fw sets the width of a picture.",
        "images.scale",
        |request, _| drop_parameter(request, "fw")
    ),
    request!(
        "gravity-ignored",
        "A crop starts where its gravity says.",
        "images.crop",
        |request, _| set_parameter(request, "gravity", "northwest")
    ),
    request!(
        "rotation-ignored",
        "rotate turns a picture.",
        "images.turn",
        |request, _| drop_parameter(request, "rotate")
    ),
    request!(
        "format-ignored",
        "format sets the format of the result.",
        "images.output",
        |request, _| drop_parameter(request, "format")
    ),
    request!(
        "quality-ignored",
        "quality sets the quality of the result.",
        "images.output",
        |request, _| drop_parameter(request, "quality")
    ),
    request!(
        "watermark-moved",
        "A watermark is where its place says.",
        "images.watermark",
        |request, _| set_parameter(request, "align", "northwest")
    ),
    Damage::new(
        "picture-is-stale",
        "A result follows the picture that it is made of.",
        "images.turn",
        Act::Instead(|request, scene| {
            let first = scene.memory().first_reads.get(&read_key(request)).cloned();
            first.filter(|_| request.is("GET") && is_processed(request))
        }),
    ),
];
