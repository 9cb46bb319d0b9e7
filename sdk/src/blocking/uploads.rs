//! Files, uploads in parts, and forms.

use std::sync::Arc;

use super::{
    Client,
    requests::{FromAnswer, request},
    runtime::Runtime,
};
use crate::{
    Body, CheckpointStore, FormResult, ImageParams, PartInfo, Progress, PutResult, RetryPolicy,
    SignedForm, ThemeColors, Unfinished, UploadMode, UploadSource,
    error::Result,
    protocol::{FormPolicy, Md5Digest},
};

request! {
    UploadFileRequest -> PutResult;
    from Client: upload_file(source: impl Into<UploadSource>, key: impl AsRef<str>);
    content_type(content_type: &str);
    meta(name: &str, value: &str);
    ttl_days(days: u32);
    secret(secret: &str);
    header(name: &str, value: impl AsRef<[u8]>);
    image(params: &ImageParams);
    exif();
    theme_colors(colors: ThemeColors);
    checksum();
    content_md5(md5: Md5Digest);
    mode(mode: UploadMode);
    in_parts_from(bytes: u64);
    part_size(bytes: u64);
    concurrency(parts: usize);
    retry_parts(policy: RetryPolicy);
    checkpoints(store: Arc<dyn CheckpointStore>);
    on_progress(callback: impl Fn(Progress) + Send + Sync + 'static);
}

request! {
    BeginMultipartRequest -> MultipartUpload;
    from Client: begin_multipart(key: impl AsRef<str>);
    content_type(content_type: &str);
    meta(name: &str, value: &str);
    ttl_days(days: u32);
    secret(secret: &str);
    header(name: &str, value: impl AsRef<[u8]>);
    part_size(bytes: u64);
    ordered();
    length(bytes: u64);
}

impl Client {
    /// As [`crate::Client::resume_multipart`].
    ///
    /// # Errors
    /// As [`crate::Client::resume_multipart`].
    pub fn resume_multipart(
        &self,
        key: impl AsRef<str>,
        id: impl Into<String>,
    ) -> Result<MultipartUpload> {
        let inner = self.inner.resume_multipart(key, id)?;
        Ok(MultipartUpload::from_answer(
            inner,
            Arc::clone(&self.runtime),
        ))
    }
}

/// As [`crate::MultipartUpload`].
#[derive(Clone, Debug)]
pub struct MultipartUpload {
    inner: crate::MultipartUpload,
    runtime: Arc<Runtime>,
}

impl FromAnswer<crate::MultipartUpload> for MultipartUpload {
    fn from_answer(inner: crate::MultipartUpload, runtime: Arc<Runtime>) -> Self {
        Self { inner, runtime }
    }
}

impl MultipartUpload {
    /// As [`crate::MultipartUpload::id`].
    pub fn id(&self) -> &str {
        self.inner.id()
    }

    /// As [`crate::MultipartUpload::retry`].
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.inner = self.inner.retry(policy);
        self
    }

    /// As [`crate::MultipartUpload::checksum`].
    #[must_use]
    pub fn checksum(mut self) -> Self {
        self.inner = self.inner.checksum();
        self
    }
}

request! {
    UploadPartRequest -> ();
    from MultipartUpload: upload(part: u32, data: impl Into<Body>);
    content_md5(md5: Md5Digest);
}

request! {
    ListPartsRequest -> Vec<PartInfo>;
    from MultipartUpload: parts();
}

request! {
    CompleteMultipartRequest -> PutResult;
    from MultipartUpload: complete();
    md5(md5: Md5Digest);
}

request! {
    CancelMultipartRequest -> ();
    from MultipartUpload: cancel();
}

request! {
    UnfinishedUploadsRequest -> Vec<Unfinished>;
    from Client: unfinished_uploads();
    prefix(prefix: impl Into<String>);
}

request! {
    FormRequest -> FormResult;
    from Client: form(policy: &FormPolicy);
    file(name: impl Into<String>, body: impl Into<Body>);
    checksum();
    form_secret(secret: impl Into<String>);
    on_progress(callback: impl Fn(Progress) + Send + Sync + 'static);
}

impl Client {
    /// As [`crate::Client::sign_form`].
    ///
    /// # Errors
    /// As [`crate::Client::sign_form`].
    pub fn sign_form(&self, policy: &FormPolicy) -> Result<SignedForm> {
        let (client, policy) = (self.inner.clone(), policy.clone());
        self.runtime
            .run(async move { client.sign_form(&policy).await })
    }

    /// As [`crate::Client::sign_form_legacy`].
    ///
    /// # Errors
    /// As [`crate::Client::sign_form_legacy`].
    pub fn sign_form_legacy(&self, policy: &FormPolicy, form_secret: &str) -> Result<SignedForm> {
        self.inner.sign_form_legacy(policy, form_secret)
    }
}
