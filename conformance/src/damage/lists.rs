//! Lists of folders.

use serde_json::Value;

use super::{
    Act, Damage,
    message::{Request, Response},
    requests::request,
    responses::response,
};

/// Changes the entries of a list, in text or JSON.
fn edit_entries(request: &Request, response: &mut Response, text: fn(&mut Vec<&str>)) {
    if !is_list(request, response) {
        return;
    }
    let body = String::from_utf8_lossy(&response.body).into_owned();
    let mut lines: Vec<&str> = body.split('\n').collect();
    text(&mut lines);
    response.body = lines.join("\n").into_bytes();
}

/// Changes each entry of a list of text: name, kind, size and time.
fn edit_fields(request: &Request, response: &mut Response, change: fn(&mut [String])) {
    if !is_list(request, response) {
        return;
    }
    let body = String::from_utf8_lossy(&response.body).into_owned();
    let lines = body.split('\n').map(|line| {
        let mut fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
        if fields.len() == 4 {
            change(&mut fields);
        }
        fields.join("\t")
    });
    response.body = lines.collect::<Vec<_>>().join("\n").into_bytes();
}

fn is_list(request: &Request, response: &Response) -> bool {
    let is_text = response
        .headers
        .get("content-type")
        .is_some_and(|kind| kind.starts_with("text/plain"));
    request.is("GET") && is_text && response.headers.has("x-upyun-list-iter")
}

pub(super) static DAMAGES: &[Damage] = &[
    response!(
        "list-reversed",
        "A list is in the order that was asked for.",
        "rest.list",
        |request, response, _| edit_entries(request, response, |lines| lines.reverse())
    ),
    response!(
        "list-page-skips-an-entry",
        "Pages follow one another without a gap.",
        "rest.list",
        |request, response, _| if request.headers.has("x-list-iter") {
            edit_entries(request, response, |lines| {
                lines.remove(0);
            });
        }
    ),
    response!(
        "list-repeats-an-entry",
        "A list has every entry once.",
        "rest.list",
        |request, response, _| edit_entries(request, response, |lines| lines.push(lines[0]))
    ),
    response!(
        "list-folders-as-files",
        "A list says which entries are folders.",
        "rest.list",
        |request, response, _| edit_fields(request, response, |fields| "N"
            .clone_into(&mut fields[1]))
    ),
    response!(
        "list-sizes-off-by-one",
        "A list has the sizes of files.",
        "rest.list",
        |request, response, _| edit_fields(request, response, |fields| {
            let size: u64 = fields[2].parse().unwrap_or_default();
            fields[2] = (size + 1).to_string();
        })
    ),
    response!(
        "list-types-lost",
        "A list in JSON has the types of files.",
        "rest.list",
        |_, response, _| response.edit_json(|list| {
            for file in list["files"].as_array_mut().into_iter().flatten() {
                if let Some(file) = file.as_object_mut() {
                    file.remove("type");
                }
            }
        })
    ),
    response!(
        "list-json-loses-the-cursor",
        "A list in JSON has the cursor of the next page.",
        "rest.list",
        |_, response, _| response.edit_json(|list| {
            if let Some(list) = list.as_object_mut() {
                list.remove("iter");
            }
        })
    ),
    response!(
        "list-json-length-as-text",
        "Sizes in a list of JSON are numbers.",
        "rest.list",
        |_, response, _| response.edit_json(|list| {
            for file in list["files"].as_array_mut().into_iter().flatten() {
                file["length"] = Value::String(file["length"].to_string());
            }
        })
    ),
    request!(
        "list-json-ignored",
        "A client that accepts JSON gets JSON.",
        "rest.list",
        |request, _| request.headers.remove("accept")
    ),
    request!(
        "list-limit-ignored",
        "A page has at most as many entries as asked for.",
        "rest.list",
        |request, _| request.headers.remove("x-list-limit")
    ),
    request!(
        "list-order-ignored",
        "x-list-order decides about the order.",
        "rest.list",
        |request, _| request.headers.remove("x-list-order")
    ),
    request!(
        "list-cursor-ignored",
        "A cursor leads to the next page.",
        "rest.list",
        |request, _| request.headers.remove("x-list-iter")
    ),
];
