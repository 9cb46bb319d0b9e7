//! The fields of a form as they arrive; the file goes to the store's keeping.

use axum::body::Body as RequestBody;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, header};
use http_body_util::BodyDataStream;
use upyun_client::protocol::{ErrorCode, sign::Authorization};

use crate::{
    api::{body::refusing_code, trace::Trace},
    auth::presented_text as text,
    limits::Limits,
    refusal::{Explanation, Refusal},
    store::{Body, Upload},
};

/// The most that a field may have that is not the file.
const MAX_FIELD_BYTES: usize = 1024 * 1024;

/// What was read of a form; of a field that is given twice, the first counts (`[choice F-5]`).
#[derive(Debug, Default)]
pub(in crate::api) struct Fields {
    pub(in crate::api) policy: Option<String>,
    pub(in crate::api) authorization: Option<String>,
    pub(in crate::api) signature: Option<String>,
    pub(in crate::api) file: Option<FormFile>,
    /// The file came before the fields that allow it.
    pub(in crate::api) file_came_first: bool,
}

#[derive(Debug)]
pub(in crate::api) struct FormFile {
    /// Without directories.
    pub(in crate::api) name: String,
    pub(in crate::api) body: Body,
}

impl Fields {
    /// Who is named in the authorization, right or wrong.
    pub(in crate::api) fn operator(&self) -> Option<String> {
        let authorization = Authorization::parse(self.authorization.as_deref()?).ok()?;
        Some(authorization.operator().to_owned())
    }

    /// Whether what is needed to check the request is there.
    pub(in crate::api) fn can_be_checked(&self) -> bool {
        self.policy.is_some() && (self.authorization.is_some() || self.signature.is_some())
    }
}

/// The boundary, if the head is that of a form (checks 2 to 5 of `[choice F-39]`).
pub(in crate::api) fn boundary(headers: &HeaderMap) -> Result<String, Refusal> {
    let content_type = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(|error| {
        let code = match error {
            multer::Error::NoBoundary => ErrorCode::NO_BOUNDARY,
            _ => ErrorCode::WRONG_CONTENT_TYPE_HEADER,
        };
        Refusal::new(code).because(format!("Content-Type is {content_type:?}: {error}."))
    })?;
    match text(headers, header::CONTENT_LENGTH.as_str()) {
        Some("0") => {
            Err(Refusal::new(ErrorCode::CONTENT_LENGTH_IS_ZERO).because("The form has no body."))
        }
        None if !headers.contains_key(header::TRANSFER_ENCODING) => {
            Err(Refusal::new(ErrorCode::NEED_CONTENT_LENGTH_HEADER)
                .because("The form has neither Content-Length nor a chunked body."))
        }
        _ => Ok(boundary),
    }
}

/// Reads a form. Before the file is received, `gate` may refuse it by the fields that came first;
/// it gives the store's side of the file.
pub(in crate::api) async fn read(
    fields: &mut Fields,
    body: &mut RequestBody,
    boundary: String,
    limits: &Limits,
    trace: &mut Trace,
    mut gate: impl FnMut(&Fields) -> Result<Upload, Refusal>,
) -> Result<(), Refusal> {
    // Borrowed: what is not read of a refused form is read on behind the answer.
    let stream = BodyDataStream::new(body);
    let mut form = multer::Multipart::new(
        stream.inspect(|chunk| {
            if let Ok(chunk) = chunk {
                trace.received(chunk);
            }
        }),
        boundary,
    );
    read_fields(fields, &mut form, limits, &mut gate).await
}

async fn read_fields(
    fields: &mut Fields,
    form: &mut multer::Multipart<'_>,
    limits: &Limits,
    gate: &mut impl FnMut(&Fields) -> Result<Upload, Refusal>,
) -> Result<(), Refusal> {
    while let Some(mut field) = in_time(limits, form.next_field()).await? {
        let slot = match field.name() {
            Some("policy") => &mut fields.policy,
            Some("authorization") => &mut fields.authorization,
            Some("signature") => &mut fields.signature,
            Some("file") if fields.file.is_none() => {
                fields.file_came_first = !fields.can_be_checked();
                let mut upload = gate(fields)?;
                let name = file_name(&field)?;
                let mut size = 0;
                while let Some(chunk) = in_time(limits, field.chunk()).await? {
                    size += chunk.len() as u64;
                    if size > limits.max_object_bytes {
                        return Err(too_big("The file", limits.max_object_bytes));
                    }
                    upload.write(chunk).await?;
                }
                let body = upload.finish().await?;
                fields.file = Some(FormFile { name, body });
                continue;
            }
            _ => continue,
        };
        let mut value: Vec<u8> = Vec::new();
        while let Some(chunk) = in_time(limits, field.chunk()).await? {
            append(&mut value, &chunk)?;
        }
        if slot.is_none() {
            *slot = Some(String::from_utf8_lossy(&value).into_owned());
        }
    }
    Ok(())
}

fn append(value: &mut Vec<u8>, chunk: &Bytes) -> Result<(), Refusal> {
    if value.len() + chunk.len() > MAX_FIELD_BYTES {
        return Err(too_big("A field", MAX_FIELD_BYTES as u64));
    }
    value.extend_from_slice(chunk);
    Ok(())
}

fn too_big(what: &str, most: u64) -> Refusal {
    Refusal::new(ErrorCode::REQUEST_BODY_TOO_BIG)
        .because(format!("{what} has more than {most} bytes."))
}

/// The next step of reading, unless the client stops sending.
async fn in_time<T>(
    limits: &Limits,
    step: impl Future<Output = Result<T, multer::Error>>,
) -> Result<T, Refusal> {
    match tokio::time::timeout(limits.body_timeout, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(multer::Error::StreamReadFailed(error))) => {
            Err(Refusal::new(refusing_code(&*error)).because(format!(
                "The form ended early, nothing was stored: {error}."
            )))
        }
        Ok(Err(error)) => Err(Refusal::new(ErrorCode::CLIENT_ERROR).because(
            Explanation::new(format!("The body is no form: {error}."))
                .remedy("let an HTTP library write multipart/form-data."),
        )),
        Err(_) => Err(Refusal::new(ErrorCode::READ_CLIENT_REQUEST_TIMEOUT)
            .because("No byte of the form came in time; nothing was stored.")),
    }
}

/// The name of the file without directories (`[choice F-4]`); empty if there is none.
fn file_name(field: &multer::Field<'_>) -> Result<String, Refusal> {
    let disposition = field.headers().get(header::CONTENT_DISPOSITION);
    if disposition.is_some_and(|value| str::from_utf8(value.as_bytes()).is_err()) {
        return Err(Refusal::new(ErrorCode::FILENAME_SHOULD_BE_UTF8)
            .because("The filename of the file part is not UTF-8."));
    }
    let extended = disposition.and_then(|value| extended_name(value.as_bytes()));
    let name = extended.as_deref().or(field.file_name());
    let name = name.unwrap_or_default().rsplit(['/', '\\']).next();
    Ok(name.unwrap_or_default().to_owned())
}

/// `filename*=UTF-8''<percent-encoded>`, which wins over `filename` (`[choice F-3]`).
fn extended_name(disposition: &[u8]) -> Option<String> {
    let disposition = str::from_utf8(disposition).ok()?;
    // What stands in quotation marks is a value: every other piece lies outside of them.
    let outside = disposition.split('"').step_by(2);
    let mut parameters = outside.flat_map(|text| text.split(';'));
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        let is_it = name.trim_end().eq_ignore_ascii_case("filename*");
        is_it.then(|| value.trim())
    })?;
    let mut parts = value.splitn(3, '\'');
    let (charset, _language, text) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let text = percent_encoding::percent_decode_str(text).decode_utf8();
    text.ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(disposition: &str, want: Option<&str>) {
        let found = extended_name(disposition.as_bytes());
        assert_eq!(found.as_deref(), want, "{disposition}");
    }

    #[test]
    fn extended_names() {
        let start = "form-data; name=\"file\"; filename=\"b.txt\"";
        check(
            &format!("{start}; filename*=UTF-8''%E4%B8%AD%20a.txt"),
            Some("中 a.txt"),
        );
        check(&format!("{start};FileName* = utf-8'zh'a"), Some("a"));
        check(start, None);
        check("form-data; filename=\"; filename*=UTF-8''x\"", None);
        check(&format!("{start}; filename*=GBK''x"), None);
        check(&format!("{start}; filename*=x"), None);
        check(&format!("{start}; filename*=UTF-8''%FF"), None);
    }
}
