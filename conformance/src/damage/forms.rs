//! Form uploads.

use serde_json::Value;

use super::{Act, Damage, policy, requests::request, responses::response};

pub(super) static DAMAGES: &[Damage] = &[
    request!(
        "policy-never-expires",
        "A policy expires.",
        "form.policy",
        |request, scene| policy::edit(request, scene, |members| {
            if members
                .get("expiration")
                .is_some_and(|expiration| expiration.is_u64())
            {
                members.insert("expiration".to_owned(), 4_000_000_000_u64.into());
            }
        })
    ),
    request!(
        "form-size-unchecked",
        "content-length-range limits the size of the file.",
        "form.checks",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("content-length-range");
        })
    ),
    request!(
        "form-file-type-unchecked",
        "allow-file-type limits the extensions.",
        "form.checks",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("allow-file-type");
        })
    ),
    request!(
        "form-md5-unchecked",
        "The content-md5 of a policy must fit the file.",
        "form.checks",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("content-md5");
        })
    ),
    request!(
        "form-picture-range-unchecked",
        "image-width-range limits the width of a picture.",
        "form.checks",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("image-width-range");
        })
    ),
    request!(
        "placeholders-stay",
        "Placeholders of a save-key are filled in.",
        "form.save-key",
        |request, scene| policy::edit(request, scene, |members| {
            let key = members.get("save-key").and_then(Value::as_str);
            if let Some(key) = key.map(|key| key.replace('{', "{-")) {
                members.insert("save-key".to_owned(), key.into());
            }
        })
    ),
    request!(
        "ext-param-lost",
        "ext-param comes back.",
        "form.large",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("ext-param");
        })
    ),
    request!(
        "return-url-ignored",
        "return-url is where the browser is sent.",
        "form.return-url",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("return-url");
        })
    ),
    request!(
        "notify-url-ignored",
        "notify-url receives the result.",
        "form.notify",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("notify-url");
        })
    ),
    request!(
        "form-loses-metadata",
        "The metadata of a policy is kept.",
        "form.policy",
        |request, scene| policy::edit(request, scene, |members| {
            members.retain(|name, _| !name.starts_with("x-upyun-meta-"));
        })
    ),
    request!(
        "form-loses-the-secret",
        "The content-secret of a policy is kept.",
        "form.policy",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("content-secret");
        })
    ),
    request!(
        "form-size-not-announced",
        "A file of another size than announced is refused.",
        "form.large",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("content-length");
        })
    ),
    request!(
        "form-base64-ignored",
        "b64encoded decodes the file.",
        "form.policy",
        |request, scene| policy::edit(request, scene, |members| {
            members.remove("b64encoded");
        })
    ),
    response!(
        "form-result-loses-the-url",
        "The result of a form has the key of the object.",
        "form.answer",
        |_, response, _| response.edit_json(|result| {
            if let Some(result) = result.as_object_mut() {
                result.remove("url");
            }
        })
    ),
    response!(
        "form-result-type-wrong",
        "The result of a form has the type of the object.",
        "form.answer",
        |_, response, _| response.edit_json(|result| {
            if result.get("mimetype").is_some() {
                result["mimetype"] = "application/octet-stream".into();
            }
        })
    ),
    response!(
        "form-result-size-off-by-one",
        "The result of a form has the size of the object.",
        "form.answer",
        |_, response, _| response.edit_json(|result| {
            if let Some(size) = result.get("file_size").and_then(Value::as_u64) {
                result["file_size"] = (size + 1).into();
            }
        })
    ),
    response!(
        "return-url-loses-the-result",
        "The browser is sent on with the result in the query.",
        "form.return-url",
        |_, response, _| response.headers.edit("location", |url| {
            url.split('?').next().unwrap_or_default().to_owned()
        })
    ),
    response!(
        "return-url-permanent",
        "The browser is sent on by 302.",
        "form.return-url",
        |_, response, _| if response.status == 302 {
            response.status = 301;
        }
    ),
];
