//! One request, signed and sent, and sent again.

use std::{error::Error as StdError, io, sync::Arc, time::Duration};

use reqwest::{
    Method, Request, RequestBuilder, Response, StatusCode,
    header::{
        AUTHORIZATION, CONTENT_LENGTH, DATE, HOST, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT,
    },
    multipart::{Form, Part},
};
use tokio::time::{Instant, sleep};

use super::{Client, RetryPolicy, answer::Answer, endpoint::Base, trace};
use crate::{
    body::{Ready, Watch},
    error::{BoxError, Cause, Error, ErrorKind, Result},
    progress::Meter,
    protocol::{Md5Digest, date, header, host::Api, sign::PurgeSignature},
    signer::SignRequest,
};

/// A request as the operations describe it; date and signature are added for each attempt.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) api: Api,
    pub(crate) method: Method,
    /// Path and query as they are sent and signed.
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) content_md5: Option<Md5Digest>,
    pub(crate) body: Option<Ready>,
    pub(crate) meter: Option<Arc<Meter>>,
    pub(crate) replay: Replay,
    /// Instead of the client's.
    pub(crate) retry: Option<RetryPolicy>,
    /// Of a cache refresh, whose signature covers this list.
    pub(crate) purge: Option<String>,
    /// Where it goes, if not to an API: an access domain, for which nothing is signed.
    pub(crate) site: Option<Site>,
    /// What errors show instead of the URI.
    pub(crate) shown: Option<String>,
    /// Of a FORM upload, whose proof is in its fields: no header is signed.
    pub(crate) form: Option<FormFields>,
}

/// An access domain.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) base: Base,
    /// Its name, where the base has another.
    pub(crate) host: Option<HeaderValue>,
}

/// The fields of a form, before the file that is the call's body.
#[derive(Debug)]
pub(crate) struct FormFields {
    pub(crate) texts: Vec<(&'static str, String)>,
    pub(crate) file_name: String,
}

impl FormFields {
    /// The form of one attempt.
    fn around(&self, file: reqwest::Body, length: Option<u64>) -> Form {
        // Names travel as UTF-8; other clients do not encode them either.
        let mut form = Form::new().percent_encode_noop();
        for (name, value) in &self.texts {
            form = form.text(*name, value.clone());
        }
        let part = match length {
            Some(length) => Part::stream_with_length(file, length),
            None => Part::stream(file),
        };
        form.part("file", part.file_name(self.file_name.clone()))
    }
}

/// What a 404 to a repeated request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replay {
    /// That there is no such key.
    Plain,
    /// That an earlier attempt, whose answer was lost, has removed the key: success.
    GoneIsDone,
    /// An attempt of which no answer arrived is not repeated: it may have begun something.
    NotTwice,
}

impl Call {
    pub(crate) fn new(method: Method, uri: String) -> Self {
        Self {
            api: Api::Storage,
            method,
            uri,
            headers: HeaderMap::new(),
            content_md5: None,
            body: None,
            meter: None,
            replay: Replay::Plain,
            retry: None,
            purge: None,
            site: None,
            shown: None,
            form: None,
        }
    }

    /// The URI as errors and events show it, without secrets.
    fn shown(&self) -> &str {
        self.shown.as_ref().unwrap_or(&self.uri)
    }

    fn can_be_sent(&self) -> bool {
        self.body.as_ref().is_none_or(Ready::can_be_sent)
    }
}

/// A failed attempt, and what it means for the next.
struct Failure {
    error: Error,
    /// The service may have acted on the request all the same.
    is_ambiguous: bool,
    retry_after: Option<Duration>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let is_ambiguous = match error.kind() {
            ErrorKind::Transport => !error.is_connect(),
            ErrorKind::Unavailable => true,
            _ => false,
        };
        Self {
            error,
            is_ambiguous,
            retry_after: None,
        }
    }
}

impl Client {
    /// Sends until there is an answer that will not get better.
    pub(crate) async fn send(&self, call: Call) -> Result<Answer> {
        #[cfg(feature = "tracing")]
        {
            use tracing::Instrument as _;
            let span = trace::span(self, &call.method, call.shown());
            self.send_until_final(call).instrument(span).await
        }
        #[cfg(not(feature = "tracing"))]
        self.send_until_final(call).await
    }

    async fn send_until_final(&self, call: Call) -> Result<Answer> {
        let started = Instant::now();
        let retry = call.retry.as_ref().unwrap_or(&self.0.retry);
        let mut attempts = 1;
        let mut may_be_done = false;
        loop {
            let failure = match self.attempt(&call).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if may_be_done && call.replay == Replay::GoneIsDone && failure.error.is_not_found() {
                return Ok(Answer::nothing());
            }
            may_be_done |= failure.is_ambiguous;
            let may_have_begun = call.replay == Replay::NotTwice
                && failure.error.kind() == ErrorKind::Transport
                && !failure.error.is_connect();
            let again = failure.error.is_retryable()
                && !may_have_begun
                && retry.allows(attempts)
                && call.can_be_sent();
            if !again {
                let error = failure.error;
                let error = error.of_request(call.method.as_str(), call.shown());
                let error = error.after(attempts, started.elapsed());
                trace::failed(&error);
                return Err(error);
            }
            let delay = retry.delay(attempts, failure.retry_after);
            trace::retrying(&failure.error, attempts, delay);
            sleep(delay).await;
            attempts += 1;
        }
    }

    async fn attempt(&self, call: &Call) -> std::result::Result<Answer, Failure> {
        let mut request = self.request(call).await?;
        let watch = Arc::new(Watch::new());
        let http = self.0.connections.to(request.url())?;
        if let Some(body) = &call.body {
            let sent = body.send(&watch, call.meter.as_ref(), self.chunk_bytes());
            match &call.form {
                None => *request.body_mut() = Some(sent),
                Some(form) => {
                    let form = form.around(sent, body.length());
                    request = RequestBuilder::from_parts(http.clone(), request)
                        .multipart(form)
                        .build()
                        .map_err(|error| of_reqwest(error, "the form cannot be sent"))?;
                }
            }
        }
        trace::sending(&request);
        let timeout = self.0.timeout;
        let response = tokio::select! {
            response = http.execute(request) => response.map_err(|error| {
                match watch.take_failure() {
                    Some(source) => Error::io("the body could not be read", source),
                    None => of_reqwest(error, "no answer arrived"),
                }
            })?,
            () = watch.idle(timeout) => return Err(nothing_moved(timeout).into()),
        };
        trace::received(response.status(), response.headers());
        let retry_after = retry_after(&response);
        let answer = Answer::new(response, timeout, self.0.chunk_size);
        match check(answer, call).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(Failure {
                retry_after,
                ..error.into()
            }),
        }
    }

    /// The value that proves a request.
    pub(crate) async fn authorization(&self, question: SignRequest<'_>) -> Result<String> {
        self.0.credential.sign(question).await
    }

    async fn request(&self, call: &Call) -> Result<Request> {
        let base = match &call.site {
            Some(site) => &site.base,
            None if call.form.is_some() => self.0.bases.form(),
            None => self.0.bases.of(call.api),
        };
        let url = base.url(&call.uri, call.shown())?;
        let mut request = Request::new(call.method.clone(), url);
        let headers = request.headers_mut();
        *headers = call.headers.clone();
        if let Some(host) = call.site.as_ref().and_then(|site| site.host.as_ref()) {
            headers.insert(HOST, host.clone());
        }
        headers.insert(USER_AGENT, self.0.user_agent.clone());
        if call.form.is_none() && call.site.is_none() {
            self.sign(call, headers).await?;
        }
        Ok(request)
    }

    async fn sign(&self, call: &Call, headers: &mut HeaderMap) -> Result<()> {
        let date = date::format(self.now());
        let md5 = call.content_md5.map(|md5| md5.to_string());
        let question = SignRequest {
            operator: &self.0.operator,
            method: call.method.as_str(),
            uri: &call.uri,
            date: &date,
            content_md5: md5.as_deref(),
            policy: None,
        };
        let authorization = match &call.purge {
            Some(purge) => {
                let signed = PurgeSignature {
                    purge,
                    service: self.0.service.as_str(),
                    date: &date,
                };
                let key = self.0.credential.key()?;
                signed.authorization(&self.0.operator, key)
            }
            None => self.authorization(question).await?,
        };
        let mut authorization = HeaderValue::from_str(&authorization).map_err(|_| {
            Error::new(
                ErrorKind::Signing,
                "the signer's answer cannot be a header value",
            )
        })?;
        authorization.set_sensitive(true);

        headers.insert(AUTHORIZATION, authorization);
        headers.insert(DATE, ascii(&date)?);
        if let Some(md5) = &md5 {
            headers.insert(header::CONTENT_MD5, ascii(md5)?);
        }
        // The HTTP library leaves the length out where there is no body; the service wants it.
        let wants_length = matches!(call.method, Method::PUT | Method::POST | Method::PATCH);
        let length = call.body.as_ref().map_or(Some(0), Ready::length);
        if wants_length && length == Some(0) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(())
    }
}

fn ascii(value: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(value).map_err(|_| Error::invalid("a header value is not ASCII"))
}

/// An answer of success, or the refusal that the service put into it.
async fn check(answer: Answer, call: &Call) -> Result<Answer> {
    match answer.status_code() {
        StatusCode::NOT_MODIFIED => {
            let error = Error::new(ErrorKind::NotModified, "the object is unchanged");
            Err(error.with_answer(304, answer.request_id()))
        }
        status if status.is_success() => Ok(answer),
        // To the return URL, with the result.
        StatusCode::FOUND if call.form.is_some() => Ok(answer),
        _ => {
            let error = answer.into_error(call.method == Method::HEAD).await;
            Err(match call.site {
                Some(_) => error.of_access_domain(),
                None => error,
            })
        }
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

pub(crate) fn nothing_moved(timeout: Duration) -> Error {
    let message = format!("nothing moved for {timeout:?}");
    Error::new(ErrorKind::Transport, message).with_cause(Cause::Timeout)
}

/// An error of the HTTP library. The URL is left out: the request is named anyway.
pub(crate) fn of_reqwest(error: reqwest::Error, message: &str) -> Error {
    if error.is_builder() {
        return Error::invalid("the request cannot be sent").with_source(error.without_url());
    }
    let cause = if is_untrusted(&error) {
        Cause::Certificate
    } else if error.is_connect() {
        Cause::Connect
    } else if error.is_timeout() {
        Cause::Timeout
    } else {
        Cause::Plain
    };
    let place = error.url().map_or_else(
        || "the server".to_owned(),
        |url| url.origin().ascii_serialization(),
    );
    let reason = reason(&error);
    let message = match cause {
        Cause::Certificate => format!("the certificate of {place} is not trusted: {reason}"),
        Cause::Connect => format!("no connection to {place} could be made: {reason}"),
        _ => format!("{message}: {reason}"),
    };
    let source: BoxError = error.without_url().into();
    Error::new(ErrorKind::Transport, message)
        .with_source(source)
        .with_cause(cause)
}

/// What the system, or the innermost library, says.
fn reason(error: &(dyn StdError + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Whether a refused certificate is anywhere in the chain of causes.
fn is_untrusted(error: &(dyn StdError + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_));
    }
    // The source of an `io::Error` is that of the error inside, so that one would be skipped; and
    // the libraries wrap one `io::Error` in another.
    let inner = match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
        None => error.source(),
    };
    inner.is_some_and(is_untrusted)
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::*;

    #[test]
    fn a_refused_certificate_is_found_however_deep() {
        let refused = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let once = io::Error::new(io::ErrorKind::InvalidData, refused);
        assert!(is_untrusted(&once));
        let twice = io::Error::other(once);
        assert!(is_untrusted(&twice));
        let named = Error::new(ErrorKind::Transport, "x").with_source(twice);
        assert!(is_untrusted(&named));
        assert!(!is_untrusted(&io::Error::other(
            rustls::Error::DecryptError
        )));
        assert!(!is_untrusted(&io::Error::from(io::ErrorKind::BrokenPipe)));
    }
}
