//! The legacy block upload on m0: a file in blocks, each signed with a secret of its own upload.
//!
//! Retired by the service, but old clients speak it. Three steps, all POST to the bare service: the
//! first says what comes, the second brings a block, the third asks for the object. What was begun
//! ends with the server, or after 24 hours.

mod answer;
mod begin;

use axum::{body::Body as RequestBody, response::Response};
use http::{Method, request::Parts};
use subtle::ConstantTimeEq as _;
use upyun_client::protocol::{
    ErrorCode, Md5Digest,
    path::RequestPath,
    sign::{block_legacy, form_legacy},
};

use super::{
    app::App,
    block_uploads::{BlockUpload, MAX_BLOCK_BYTES, MIN_BLOCK_BYTES},
    form::{
        self, checks,
        fields::{self, Fields},
    },
    policy::Policy,
    trace::Trace,
    urlencoded,
};
use crate::{
    accounts::{Service, ServiceState},
    auth::usable_service,
    refusal::{Explanation, Refusal},
    store::{Body, StoreError},
};

/// What every step checks.
struct Step<'a> {
    app: &'a App,
    service: std::sync::Arc<Service>,
    /// As it was sent.
    text: String,
    policy: Policy,
    signature: String,
}

/// Serves a request to the block host.
pub(super) async fn serve(
    app: &App,
    parts: &Parts,
    mut body: RequestBody,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let answer = carry_out(app, parts, &mut body, trace).await;
    // A client that still sends would not see the answer.
    tokio::spawn(super::body::drain(body));
    answer.map(answer::with_headers)
}

async fn carry_out(
    app: &App,
    parts: &Parts,
    body: &mut RequestBody,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    if parts.method != Method::POST {
        return Err(Refusal::new(ErrorCode::METHOD_NOT_ALLOWED).because(
            Explanation::new(format!("The block upload has no method {}.", parts.method))
                .remedy("this host has no REST; use v0.api.upyun.com."),
        ));
    }
    let path = RequestPath::parse(parts.uri.path().as_bytes())?;
    let service = usable_service(&app.accounts, path.service())?;
    let fields = read(app, parts, body, &service, trace).await?;
    let (Some(text), Some(signature)) = (fields.policy, fields.signature) else {
        return Err(missing("The form needs the fields policy and signature."));
    };
    let step = Step {
        policy: Policy::decode(&text)?,
        app,
        service,
        text,
        signature,
    };
    let absent = ErrorCode::MISSING_REQUIRED_ARGUMENTS;
    checks::check_expiration(&step.policy, app.signing_unix(), absent)?;
    match fields.file {
        Some(file) => step.take_block(file.body).await,
        None if step.policy.has("save_token") => step.finish().await,
        None if step.policy.has("block_index") => Err(no_save_token()),
        None => step.begin(),
    }
}

async fn read(
    app: &App,
    parts: &Parts,
    body: &mut RequestBody,
    service: &Service,
    trace: &mut Trace,
) -> Result<Fields, Refusal> {
    let kind = urlencoded::media_type(&parts.headers);
    let mut found = Fields::default();
    if kind == "application/x-www-form-urlencoded" {
        let whole = urlencoded::read(app, body, trace).await?;
        for (name, value) in form_urlencoded::parse(&whole) {
            let slot = match &*name {
                "policy" => &mut found.policy,
                "signature" => &mut found.signature,
                _ => continue,
            };
            slot.get_or_insert_with(|| value.into_owned());
        }
        return Ok(found);
    }
    if kind != "multipart/form-data" {
        return Err(missing(&format!(
            "Content-Type is {kind:?}: a block is multipart/form-data, the other steps are \
             application/x-www-form-urlencoded."
        )));
    }
    let boundary = fields::boundary(&parts.headers)?;
    let store = app.store.handle(&service.name);
    let gate = |_: &Fields| Ok(store.upload());
    fields::read(
        &mut found,
        body,
        boundary,
        &app.settings.limits,
        trace,
        gate,
    )
    .await?;
    if found.file.is_none() {
        return Err(missing("The form has no field file."));
    }
    Ok(found)
}

impl Step<'_> {
    /// Accepts both ways of signing (`[choice M-42]`).
    fn check_signature(&self, secret: &str, whose: &str) -> Result<(), Refusal> {
        let given = self.signature.to_ascii_lowercase();
        let members = self.policy.texts();
        let members = members.iter().map(|(name, value)| (&**name, &**value));
        let right = [
            form_legacy(&self.text, secret),
            block_legacy(members, secret),
        ];
        let fits = |right: &String| right.as_bytes().ct_eq(given.as_bytes()).into();
        if !right.iter().any(fits) {
            let mut why = Explanation::new(format!(
                "The signature is not made with {whose}, or another policy was signed."
            ))
            .remedy(
                "signature is the hex MD5 of policy & secret; the secret of the second and third \
                 step is the token_secret of the last answer.",
            );
            why.sent = Some(given);
            return Err(Refusal::new(ErrorCode::SIGNATURE_ERROR).because(why));
        }
        if self.service.state == ServiceState::ReadOnly {
            return Err(Refusal::new(ErrorCode::BUCKET_READ_ONLY)
                .because(format!("The service {} is read-only.", self.service.name)));
        }
        Ok(())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.policy.filled(name)?.trim().parse().ok()
    }

    /// The upload of the policy's token, if the token's secret has signed.
    fn upload(&self) -> Result<std::sync::Arc<BlockUpload>, Refusal> {
        let Some(token) = self.policy.filled("save_token") else {
            return Err(no_save_token());
        };
        let now = self.app.clock.unix();
        let upload = self.app.blocks.find(&self.service.name, &token, now);
        let upload = upload.ok_or_else(|| {
            Refusal::new(ErrorCode::BLOCK_DELETED).because(format!(
                "No upload of {} has the save_token {token:?}: it never had, is finished, or its 24 \
                 hours are over.",
                self.service.name
            ))
        })?;
        self.check_signature(&upload.secret, "the token_secret")?;
        Ok(upload)
    }

    /// The second step.
    async fn take_block(&self, block: Body) -> Result<Response, Refusal> {
        let upload = self.upload()?;
        let Some(index) = self.number("block_index") else {
            return Err(Refusal::new(ErrorCode::MISSING_BLOCK_INDEX_ARGUMENT)
                .because("The policy has no block_index, a number from 0."));
        };
        let Some(hash) = self.policy.filled("block_hash") else {
            return Err(Refusal::new(ErrorCode::MISSING_BLOCK_HASH_ARGUMENT)
                .because("The policy has no block_hash, the MD5 of the block."));
        };
        let place = usize::try_from(index).ok().filter(|n| *n < upload.blocks);
        let Some(place) = place else {
            return Err(
                Refusal::new(ErrorCode::BLOCK_INDEX_OUT_OF_RANGE).because(format!(
                    "The file has {} blocks, numbered from 0; there is no {index}.",
                    upload.blocks
                )),
            );
        };
        let size = block.size();
        let is_last = place + 1 == upload.blocks;
        if size < MIN_BLOCK_BYTES && !is_last {
            return Err(
                Refusal::new(ErrorCode::BLOCK_SIZE_TOO_SMALL).because(format!(
                    "The block has {size} bytes; all but the last have {MIN_BLOCK_BYTES} at least."
                )),
            );
        }
        if size > MAX_BLOCK_BYTES {
            return Err(Refusal::new(ErrorCode::BLOCK_SIZE_TOO_LARGE)
                .because(format!("The block has {size} bytes.")));
        }
        if hash.parse::<Md5Digest>().ok() != Some(block.md5()) {
            return Err(
                Refusal::new(ErrorCode::CONTENT_MD5_NOT_MATCH).because(format!(
                    "block_hash is {hash:?}, but the {size} bytes of the block have {}.",
                    block.md5()
                )),
            );
        }
        let failed = |error| StoreError::io("keep a block", error);
        let keeper = std::sync::Arc::clone(&upload);
        let kept = tokio::task::spawn_blocking(move || keeper.put(place, &block)).await;
        let kept = kept.map_err(std::io::Error::other).and_then(|kept| kept);
        if !kept.map_err(failed)? {
            return Err(Refusal::new(ErrorCode::BLOCK_ALREADY_EXISTS)
                .because(format!("Block {index} is there already.")));
        }
        Ok(answer::progress(&self.service.name, &upload))
    }

    /// The third step.
    async fn finish(&self) -> Result<Response, Refusal> {
        let upload = self.upload()?;
        let status = upload.status();
        if let Some(missing) = status.iter().position(Option::is_none) {
            return Err(Refusal::new(ErrorCode::BLOCK_NOT_FINISHED)
                .because(format!("Block {missing} is not there yet.")));
        }
        let size: u64 = status.into_iter().flatten().sum();
        if size != upload.file_size {
            // It can only be begun anew.
            self.app.blocks.forget(&upload.token);
            return Err(
                Refusal::new(ErrorCode::FILE_SIZE_NOT_MATCH).because(format!(
                    "file_size is {}, but the blocks have {size} bytes.",
                    upload.file_size
                )),
            );
        }
        let store = self.app.store.handle(&self.service.name);
        let body = upload.join(store.upload()).await?;
        if body.md5() != upload.file_hash {
            self.app.blocks.forget(&upload.token);
            return Err(
                Refusal::new(ErrorCode::CONTENT_MD5_NOT_MATCH).because(format!(
                    "file_hash is {}, but the file has {}.",
                    upload.file_hash,
                    body.md5()
                )),
            );
        }
        let (policy, path) = (&upload.policy(), &upload.path);
        let name = path.rsplit('/').next().unwrap_or_default();
        form::checks::check_type(policy, name)?;
        let facts = form::accept(policy, &body).await?;
        let meta = form::checks::metadata(policy)?;
        let info = form::keep(self.app, policy, meta, (body, facts, None), path).await?;
        self.app.blocks.forget(&upload.token);
        form::submit(self.app, policy, self.service.name.as_str(), path, None)?;
        let secret = self.service.form_secret.as_ref();
        let done = answer::Done {
            app: self.app,
            service: &self.service.name,
            upload: &upload,
            policy,
            info: &info,
            form_secret: secret.map(crate::accounts::Password::reveal),
        };
        Ok(done.respond())
    }
}

fn missing(why: &str) -> Refusal {
    Refusal::new(ErrorCode::MISSING_REQUIRED_ARGUMENTS).because(why.to_owned())
}

fn no_save_token() -> Refusal {
    Refusal::new(ErrorCode::MISSING_SAVE_TOKEN_ARGUMENT)
        .because("The policy has no save_token, which the answer to the first step gave.")
}
