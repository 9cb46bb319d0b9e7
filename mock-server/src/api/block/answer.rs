//! Answers of the block upload.

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue, header};
use serde_json::{Map, Value, json};
use upyun_client::protocol::{ServiceName, sign::block_legacy};

use crate::{
    api::{
        app::App,
        block_uploads::BlockUpload,
        form::answer::{encode, redirect},
        policy::Policy,
    },
    store::ObjectInfo,
    tasks::Callback,
};

/// What the first two steps answer.
pub(super) fn progress(service: &ServiceName, upload: &BlockUpload) -> Response {
    let status = upload.status();
    let status: Vec<u8> = status.iter().map(|size| size.is_some().into()).collect();
    let members = json!({
        "save_token": upload.token,
        "token_secret": upload.secret,
        "bucket_name": service.as_str(),
        "blocks": upload.blocks,
        "status": status,
        "expired_at": upload.expires_at,
    });
    of_json(&members)
}

/// A finished upload.
pub(super) struct Done<'a> {
    pub(super) app: &'a App,
    pub(super) service: &'a ServiceName,
    pub(super) upload: &'a BlockUpload,
    pub(super) policy: &'a Policy,
    pub(super) info: &'a ObjectInfo,
    pub(super) form_secret: Option<&'a str>,
}

impl Done<'_> {
    /// What the third step answers; tells whoever is to be notified.
    pub(super) fn respond(&self) -> Response {
        let policy = self.policy;
        let form_secret = self.form_secret.unwrap_or_default();
        let signed_for_others = self.members("content_type", form_secret);
        if let Some(url) = policy.filled("notify-url") {
            self.app.callbacks.submit(Callback {
                url,
                content_type: "application/x-www-form-urlencoded;charset=utf-8",
                body: encode(&signed_for_others),
                operator: None,
            });
        }
        let return_url = policy.filled("return-url");
        redirect(return_url.as_deref(), &signed_for_others).unwrap_or_else(|| {
            let members = self.members("mimetype", &self.upload.secret);
            of_json(&Value::Object(members))
        })
    }

    fn members(&self, type_name: &str, secret: &str) -> Map<String, Value> {
        let info = self.info;
        let mut members = Map::new();
        members.insert("bucket_name".into(), self.service.as_str().into());
        members.insert("path".into(), self.upload.path.clone().into());
        members.insert(type_name.into(), Value::from(&*info.content_type));
        members.insert("file_size".into(), info.size.into());
        if let Some(image) = &info.image {
            members.insert("image_width".into(), image.width.into());
            members.insert("image_height".into(), image.height.into());
            members.insert("image_frames".into(), image.frames.into());
            members.insert("image_type".into(), image.file_type.clone().into());
        }
        members.insert("last_modified".into(), self.app.clock.unix().into());
        if let Some(ext_param) = self.policy.text("ext-param") {
            members.insert("ext-param".into(), ext_param.into());
        }
        let texts: Vec<(&str, String)> = members
            .iter()
            .map(|(name, value)| {
                let text = value.as_str().map(str::to_owned);
                (&**name, text.unwrap_or_else(|| value.to_string()))
            })
            .collect();
        let texts = texts.iter().map(|(name, value)| (*name, &**value));
        let signature = block_legacy(texts, secret);
        members.insert("signature".into(), signature.into());
        members
    }
}

fn of_json(members: &Value) -> Response {
    let mut answer = Response::new(Body::from(members.to_string()));
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    answer
}

/// What this host adds to every success.
pub(super) fn with_headers(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("PUT,POST"),
    );
    headers.insert(
        HeaderName::from_static("x-powered-by"),
        HeaderValue::from_static("Crocodile/0.0.1"),
    );
    answer
}
