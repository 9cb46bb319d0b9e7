//! Info: HEAD of a file or folder.

use axum::response::Response;
use http::{HeaderValue, header};
use upyun_client::protocol::header as names;

use super::call::{Call, kind, not_that_kind};
use crate::{
    api::{
        answer::ok,
        conditions::{self, Outcome},
        content::{Version, describe, failed_condition, not_modified},
    },
    auth::Action,
    refusal::Refusal,
    store::{Entry, Kind},
};

pub(super) async fn head(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Read)?;
    let mut answer = ok();
    let headers = answer.headers_mut();
    match (service.entry(&key).await?, kind(&call)) {
        (Entry::File(_), Kind::Folder) => return Err(not_that_kind(&call, "file")),
        (Entry::Folder(_), Kind::File) => return Err(not_that_kind(&call, "folder")),
        (Entry::Folder(folder), _) => {
            headers.insert(names::X_UPYUN_FILE_TYPE, HeaderValue::from_static("folder"));
            headers.insert(names::X_UPYUN_FILE_DATE, folder.modified.into());
        }
        (Entry::File(info), _) => {
            match conditions::evaluate(call.headers(), info.md5, info.modified) {
                Outcome::Proceed => {}
                Outcome::NotModified => return Ok(not_modified(&Version::of(&info))),
                Outcome::Failed => return Err(failed_condition()),
            }
            describe(&info, headers);
            headers.insert(names::X_UPYUN_FILE_TYPE, HeaderValue::from_static("file"));
            headers.insert(names::X_UPYUN_FILE_SIZE, info.size.into());
            headers.insert(names::X_UPYUN_FILE_DATE, info.modified.into());
            if let Ok(md5) = HeaderValue::from_str(&info.md5.to_string()) {
                headers.insert(names::CONTENT_MD5, md5);
            }
        }
    }
    // Not the object's size: the documentation's `curl -X HEAD` would wait for that many bytes
    // ([choice R-41]).
    headers.insert(header::CONTENT_LENGTH, 0.into());
    Ok(answer)
}
