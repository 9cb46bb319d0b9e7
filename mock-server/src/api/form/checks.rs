//! What a form must hold, in the order of `[choice F-39]`.

use std::sync::Arc;

use upyun_client::protocol::{ErrorCode, Key, Md5Digest, date, header as names};

use super::{
    Context, Head,
    answer::ResultSignature,
    apps,
    fields::{Fields, FormFile},
    key_of, save_key,
};
use crate::{
    accounts::{Operator, Service, ServiceState},
    api::{metadata::Metadata, picture, policy::Policy},
    auth::{
        Action, PresentedForm, authenticate_form, authenticate_form_legacy, authorize,
        usable_service,
    },
    clock::unix_seconds,
    refusal::{Explanation, Refusal},
    store::{Body, ImageFacts},
};

/// The longest `ext-param`, in bytes.
const MAX_EXT_PARAM: usize = 255;

/// A form whose fields are in order.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) policy: Policy,
    pub(super) service: Arc<Service>,
    /// None under the legacy signature.
    pub(super) operator: Option<Arc<Operator>>,
    pub(super) meta: Vec<(String, Vec<u8>)>,
}

/// Checks 8 to 20: all that needs no file.
pub(super) fn check(
    head: Head<'_>,
    fields: &Fields,
    context: &mut Option<Context>,
) -> Result<Checked, Refusal> {
    let need = |code: ErrorCode, what: &str| Refusal::new(code).because(format!("{what}."));
    let Some(text) = fields.policy.as_deref().filter(|text| !text.is_empty()) else {
        return Err(need(ErrorCode::NEED_POLICY, "The form has no field policy"));
    };
    let policy = Policy::decode(text)?;
    let is_legacy = fields.authorization.is_none() && fields.signature.is_some();
    let now = head.app.signing_unix();
    let context = context.insert(Context {
        url: policy.text("save-key").unwrap_or_default(),
        time: now,
        ext_param: policy.text("ext-param"),
        return_url: policy.filled("return-url"),
        signature: if is_legacy {
            ResultSignature::NoSign
        } else {
            ResultSignature::None
        },
        has_file: false,
    });
    check_service(head, &policy)?;
    if policy.filled("save-key").is_none() {
        return Err(need(ErrorCode::NEED_SAVE_KEY, "The policy has no save-key"));
    }
    check_expiration(&policy, now, ErrorCode::NEED_EXPIRATION)?;
    let (service, operator) = authenticate(head, fields, text, &policy, context)?;
    if service.is_form_disabled {
        return Err(need(
            ErrorCode::FORM_API_DISABLED,
            "FORM uploads are switched off for this service",
        ));
    }
    if service.is_single_copy {
        return Err(need(
            ErrorCode::SINGLE_COPY_NO_FORM_API,
            "The service is configured as single_copy",
        ));
    }
    check_values(&policy)?;
    let meta = metadata(&policy)?;
    Ok(Checked {
        policy,
        service,
        operator,
        meta,
    })
}

/// Whether the policy's `expiration` is there and not passed.
pub(in crate::api) fn check_expiration(
    policy: &Policy,
    now: u64,
    absent: ErrorCode,
) -> Result<(), Refusal> {
    let text = policy.filled("expiration");
    let Some(expiration) = text.and_then(|text| text.trim().parse::<u64>().ok()) else {
        return Err(Refusal::new(absent).because("The policy has no expiration in Unix seconds."));
    };
    if now <= expiration {
        return Ok(());
    }
    let refusal = Refusal::new(ErrorCode::AUTHORIZATION_HAS_EXPIRED);
    let made = policy.filled("date").and_then(|text| date::parse(&text));
    if let Some(made) = made.map(unix_seconds)
        && expiration < made
    {
        return Err(refusal.because(
            Explanation::new(format!(
                "The policy expires before its own date: its expiration is {expiration}, its date \
                 is {made}."
            ))
            .remedy(
                "expiration is a moment in Unix seconds, not a number of seconds from now; make it \
                 later than the date.",
            ),
        ));
    }
    Err(refusal.because(
        Explanation::new(format!(
            "The policy's expiration {expiration} is {} seconds before the server's {now}.",
            now - expiration
        ))
        .remedy("make a new policy, or set the clock."),
    ))
}

/// Both names of the service must be that of the path (`[choice F-11]`).
fn check_service(head: Head<'_>, policy: &Policy) -> Result<(), Refusal> {
    let named = ["bucket", "service"].map(|name| policy.filled(name));
    let path = head.path.service();
    match named.iter().flatten().find(|name| **name != path) {
        Some(other) => Err(
            Refusal::new(ErrorCode::URI_BUCKET_DIFFERS_FROM_PARAM).because(format!(
                "The policy is for the service {other:?}, the path for {path:?}."
            )),
        ),
        None if named.iter().all(Option::is_none) => Err(Refusal::new(ErrorCode::NEED_BUCKET_NAME)
            .because("The policy has neither bucket nor service.")),
        None => Ok(()),
    }
}

fn authenticate(
    head: Head<'_>,
    fields: &Fields,
    text: &str,
    policy: &Policy,
    context: &mut Context,
) -> Result<(Arc<Service>, Option<Arc<Operator>>), Refusal> {
    let accounts = &head.app.accounts;
    let path = head.path.service();
    if let Some(authorization) = &fields.authorization {
        let (date, md5) = (policy.filled("date"), policy.filled("content-md5"));
        let presented = PresentedForm {
            uri: head.parts.uri.path(),
            query: head.parts.uri.query(),
            policy: text,
            date: date.as_deref(),
            content_md5: md5.as_deref(),
            authorization,
        };
        let operator = authenticate_form(accounts, &presented)?;
        let service = usable_service(accounts, path)?;
        authorize(&operator, &service, Action::Write)?;
        return Ok((service, Some(operator)));
    }
    let Some(signature) = &fields.signature else {
        return Err(Refusal::new(ErrorCode::NEED_SIGNATURE)
            .because("The form has neither a field authorization nor a field signature."));
    };
    let service = usable_service(accounts, path)?;
    authenticate_form_legacy(accounts, &service, text, signature)?;
    if let Some(secret) = &service.form_secret {
        context.signature = ResultSignature::Secret(secret.clone());
    }
    if service.state == ServiceState::ReadOnly {
        return Err(Refusal::new(ErrorCode::BUCKET_READ_ONLY)
            .because(format!("The service {path} is read-only.")));
    }
    Ok((service, None))
}

/// Values that are wrong whatever the file is.
pub(in crate::api) fn check_values(policy: &Policy) -> Result<(), Refusal> {
    if policy
        .text("ext-param")
        .is_some_and(|text| text.len() > MAX_EXT_PARAM)
    {
        return Err(Refusal::new(ErrorCode::DATA_TOO_LONG_FOR_EXT_PARAM)
            .because(format!("ext-param has more than {MAX_EXT_PARAM} bytes.")));
    }
    apps::of(policy)?;
    content_length(policy)?;
    policy.range("content-length-range", ErrorCode::DECODE_POLICY_ERROR)?;
    policy.range("image-width-range", ErrorCode::INVALID_IMAGE_WIDTH_RANGE)?;
    policy.range("image-height-range", ErrorCode::INVALID_IMAGE_HEIGHT_RANGE)?;
    Ok(())
}

/// The announced size of the file, which switches to large-file mode.
fn content_length(policy: &Policy) -> Result<Option<u64>, Refusal> {
    let Some(text) = policy.text("content-length") else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| {
        Refusal::new(ErrorCode::POLICY_CONTENT_LENGTH_FORMAT_ERROR).because(format!(
            "content-length is {text:?}; it is a number of bytes."
        ))
    })
}

pub(in crate::api) fn metadata(policy: &Policy) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let mut headers = http::HeaderMap::new();
    for (name, value) in policy.beginning(names::X_UPYUN_META_PREFIX) {
        let name = format!("{}{name}", names::X_UPYUN_META_PREFIX);
        let pair = (
            http::HeaderName::from_bytes(name.as_bytes()),
            http::HeaderValue::from_bytes(value.as_bytes()),
        );
        let (Ok(name), Ok(value)) = pair else {
            return Err(Refusal::new(ErrorCode::META_INVALID)
                .because(format!("{name} cannot be sent as a header.")));
        };
        headers.insert(name, value);
    }
    if let Some(secret) = policy.text("content-secret")
        && let Ok(secret) = http::HeaderValue::from_bytes(secret.as_bytes())
    {
        headers.insert(names::CONTENT_SECRET, secret);
    }
    Ok(Metadata::of(&headers)?.0)
}

/// The file, in the place and of the size that large-file mode wants.
pub(super) fn file_of(
    file: Option<FormFile>,
    came_first: bool,
    policy: &Policy,
) -> Result<FormFile, Refusal> {
    let announced = content_length(policy)?;
    let Some(file) = file else {
        return Err(Refusal::new(ErrorCode::NEED_FILE).because("The form has no field file."));
    };
    if announced.is_some() && came_first {
        return Err(Refusal::new(ErrorCode::FAILED_TO_READ_FIRSTCHUNK).because(
            "With content-length in the policy, the file comes after policy and authorization.",
        ));
    }
    match announced {
        Some(size) if size != file.body.size() => Err(Refusal::new(ErrorCode::FILE_SIZE_NOT_MATCH)
            .because(format!(
                "The policy's content-length is {size}, but the file has {} bytes.",
                file.body.size()
            ))),
        _ => Ok(file),
    }
}

/// Check 22: the extension.
pub(in crate::api) fn check_type(policy: &Policy, name: &str) -> Result<(), Refusal> {
    if let Some(allowed) = policy.filled("allow-file-type") {
        let save_key = policy.text("save-key").unwrap_or_default();
        let extension = match save_key::split(name).1 {
            // Of the save-key if the file has none (`[choice F-13]`).
            "" => save_key::split(save_key.rsplit('/').next().unwrap_or_default()).1,
            extension => extension,
        };
        let is_allowed = allowed
            .split(',')
            .map(|kind| kind.trim().trim_start_matches('.'))
            .any(|kind| kind.eq_ignore_ascii_case(extension));
        if !is_allowed {
            return Err(Refusal::new(ErrorCode::FILE_TYPE_ERROR).because(format!(
                "The extension {extension:?} is not among {allowed:?}."
            )));
        }
    }
    Ok(())
}

/// Checks 24 and 25: size, MD5. The MD5 may be that of the bytes as they were sent, before their
/// Base64 was decoded (`[choice F-17]`).
pub(super) fn check_file(policy: &Policy, body: &Body, sent_md5: Md5Digest) -> Result<(), Refusal> {
    let size = body.size();
    if let Some(range) = policy.range("content-length-range", ErrorCode::DECODE_POLICY_ERROR)? {
        let refuse = |code| {
            Err(Refusal::new(code).because(format!(
                "The file has {size} bytes; {} to {} are allowed.",
                range.start(),
                range.end()
            )))
        };
        if size < *range.start() {
            return refuse(ErrorCode::FILE_TOO_SMALL);
        }
        if size > *range.end() {
            return refuse(ErrorCode::FILE_TOO_LARGE);
        }
    }
    let Some(md5) = policy.filled("content-md5") else {
        return Ok(());
    };
    let fits = |md5: Md5Digest| md5 == body.md5() || md5 == sent_md5;
    if md5.parse().is_ok_and(fits) {
        return Ok(());
    }
    Err(
        Refusal::new(ErrorCode::FORM_CONTENT_MD5_NOT_MATCH).because(format!(
            "content-md5 is {md5:?}, but the {size} bytes of the file have {}.",
            body.md5()
        )),
    )
}

/// Check 26: what a picture must be.
pub(super) fn check_image(policy: &Policy, facts: Option<&ImageFacts>) -> Result<(), Refusal> {
    let width = policy.range("image-width-range", ErrorCode::INVALID_IMAGE_WIDTH_RANGE)?;
    let height = policy.range("image-height-range", ErrorCode::INVALID_IMAGE_HEIGHT_RANGE)?;
    if width.is_none() && height.is_none() {
        return Ok(());
    }
    let Some(facts) = facts else {
        return Err(picture::without_size());
    };
    for (range, pixels, code) in [
        (width, facts.width, ErrorCode::IMAGE_WIDTH_OUT_OF_RANGE),
        (height, facts.height, ErrorCode::IMAGE_HEIGHT_OUT_OF_RANGE),
    ] {
        if range.is_some_and(|range| !range.contains(&u64::from(pixels))) {
            return Err(Refusal::new(code).because(format!(
                "The picture is {} by {}.",
                facts.width, facts.height
            )));
        }
    }
    Ok(())
}

/// Check 27: the path.
pub(in crate::api) fn key(path: &str) -> Result<Key, Refusal> {
    if path.ends_with('/') {
        return Err(Refusal::new(ErrorCode::DIR_NOT_ACCEPTABLE).because(format!(
            "The save-key {path:?} ends in a slash, which only folders may."
        )));
    }
    Ok(key_of(path)?)
}
