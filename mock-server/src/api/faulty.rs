//! What faults do to a request: before it is carried out, to its body, and to its answer.

mod body;

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode, header, request::Parts};
use http_body::Body as _;
use upyun_client::protocol::{ErrorBody, ErrorCode, header as names, path::decode};

use self::body::{Meddler, Stop};
use super::{app::App, body::drain, dispatch::dispatch, target::Target, trace::Trace};
use crate::{
    api::record::Unanswered,
    auth::presented_text,
    faults::{self, Applied, Corruption, Side, Stall},
    front::Wire,
    refusal::Refusal,
};

/// The faults that a request meets.
pub(super) struct Trouble {
    mets: Vec<faults::Met>,
    applied: Applied,
    wire: Wire,
}

impl Trouble {
    /// `None` for nearly every request.
    pub(super) fn of(app: &App, host: &str, parts: &Parts, trace: &mut Trace) -> Option<Self> {
        if !app.faults.are_set() {
            return None;
        }
        let path = parts.uri.path();
        let part = presented_text(&parts.headers, names::X_UPYUN_PART_ID);
        let mets = app.faults.meet(&faults::Facts {
            method: parts.method.as_str(),
            path: &decode(path.as_bytes()).unwrap_or_else(|_| path.to_owned()),
            host,
            api: trace.api,
            operator: trace.operator.as_deref(),
            service: trace.service.as_deref(),
            headers: &parts.headers,
            part: part.and_then(|part| part.parse().ok()),
            is_callback: false,
        });
        if mets.is_empty() {
            return None;
        }
        let applied = Applied::default();
        trace.faults = Some(applied.clone());
        // Without one, as in a request that no connection brought, nothing can be cut.
        let wire = parts.extensions.get::<Wire>().cloned().unwrap_or_default();
        Some(Self {
            mets,
            applied,
            wire,
        })
    }

    /// Carries a request out, as far as the faults let it.
    pub(super) async fn serve(
        self,
        app: &App,
        target: Target,
        host: &str,
        parts: &Parts,
        body: Body,
        trace: &mut Trace,
    ) -> Result<Response, Refusal> {
        for met in &self.mets {
            met.delay(&self.applied).await;
        }
        if let Some(instead) = self.instead(trace).await {
            // Many clients look for an answer only when all is sent.
            drain(body).await;
            return instead;
        }
        let mut app = app.clone();
        for met in &self.mets {
            if let Some(skew) = met.action().clock_skew_seconds
                && met.apply(&self.applied, format!("skewed the clock by {skew} s"))
            {
                app.skew_clock(skew);
            }
            if let Some(late) = met.action().visible_after_ms
                && matches!(parts.method, Method::PUT | Method::DELETE)
                && met.apply(&self.applied, format!("made the change {late} ms late"))
            {
                trace.visible_after = Some(Duration::from_millis(late));
            }
        }
        let body = self.meddler(Side::Request, &parts.method, body).into_body();
        let answered = dispatch(&app, target, host, parts, body, trace).await;
        if self.wire.is_cut() {
            return Ok(unanswered());
        }
        let is_head = parts.method == Method::HEAD;
        let answer = answered.unwrap_or_else(|refusal| refusal.into_answer(&trace.id, is_head));
        for met in &self.mets {
            let status = answer.status().as_u16();
            if met.action().lose_answer
                && met.apply(
                    &self.applied,
                    format!("carried out, its answer {status} was lost"),
                )
            {
                self.wire.cut(met.action().reset);
                return Ok(unanswered());
            }
        }
        Ok(match is_head {
            true => answer,
            false => self.meddle_with_answer(&parts.method, answer),
        })
    }

    /// What is answered instead, if the request is not carried out.
    async fn instead(&self, trace: &Trace) -> Option<Result<Response, Refusal>> {
        for met in &self.mets {
            let action = met.action();
            if met.is_too_much() && met.apply(&self.applied, "refused as more than the quota") {
                let refusal = Refusal::new(ErrorCode::TOO_MANY_REQUESTS);
                return Some(Err(refusal.because("A fault limits the rate of requests.")));
            }
            if let Some(code) = action.code
                && met.apply(&self.applied, format!("answered with code {code}"))
            {
                let refusal = Refusal::new(ErrorCode::new(code));
                return Some(Err(
                    refusal.because("A fault answered instead of the service.")
                ));
            }
            if let Some(status) = action.status
                && met.apply(&self.applied, format!("answered with status {status}"))
            {
                return Some(Ok(with_status(status, trace)));
            }
            if (action.close_before || only_resets(action))
                && met.apply(&self.applied, "closed the connection without an answer")
            {
                self.wire.cut(action.reset);
                return Some(Ok(unanswered()));
            }
            if let Some(pause) = stalls_first(action)
                && met.apply(&self.applied, "stalled before anything was done")
            {
                pause.wait().await;
            }
        }
        None
    }

    /// What faults that have a place in a body do there.
    fn meddler(&self, side: Side, method: &Method, body: Body) -> Meddler {
        let mut meddler = Meddler::new(side, body, self.applied.clone(), self.wire.clone());
        for met in &self.mets {
            let action = met.action();
            meddler.pace(met, action.bytes_per_second);
            if let Some((at, bytes)) = corrupts(action.corrupt, side, method) {
                meddler.corrupt(met, at, bytes);
            }
            let (close, stall) = places(action, side);
            if let Some(at) = close {
                meddler.stop(met, at, Stop::Close(action.reset));
            }
            if let Some((at, pause)) = stall {
                meddler.stop(met, at, Stop::Stall(pause));
            }
        }
        meddler
    }

    fn meddle_with_answer(&self, method: &Method, answer: Response) -> Response {
        let (mut head, body) = answer.into_parts();
        let mut size = body.size_hint().exact();
        let mut meddler = self.meddler(Side::Answer, method, body);
        for met in &self.mets {
            let Some(at) = met.action().truncate_to_bytes else {
                continue;
            };
            // Of a body whose size is told the rest is not asked for, so it is noted now.
            match size {
                None => meddler.stop(met, at, Stop::Truncate { is_noted: false }),
                Some(whole) if at < whole && met.apply(&self.applied, body::cut_to(at)) => {
                    meddler.stop(met, at, Stop::Truncate { is_noted: true });
                    size = Some(at);
                }
                Some(_) => {}
            }
        }
        let may_have_body =
            head.status != StatusCode::NO_CONTENT && head.status != StatusCode::NOT_MODIFIED;
        // A body that is meddled with does not tell its size, so the head does.
        if meddler.has_work()
            && may_have_body
            && let Some(size) = size
        {
            head.headers.insert(header::CONTENT_LENGTH, size.into());
        }
        Response::from_parts(head, meddler.into_body())
    }
}

/// Where in the body of a side a fault closes the connection; where it stalls, and for how long.
fn places(action: &faults::FaultAction, side: Side) -> (Option<u64>, Option<(u64, Pause)>) {
    let stall = match action.stall {
        Some(Stall::At(stall)) => stall,
        _ => faults::StallAt::default(),
    };
    let (close, at) = match side {
        Side::Request => (action.close_after_request_bytes, stall.after_request_bytes),
        Side::Answer => (
            action.close_after_response_bytes,
            stall.after_response_bytes,
        ),
    };
    (close, at.map(|at| (at, Pause::of(stall.seconds))))
}

/// A reset that says no place comes first of all.
fn only_resets(action: &faults::FaultAction) -> bool {
    action.reset
        && action.close_after_request_bytes.is_none()
        && action.close_after_response_bytes.is_none()
        && !action.lose_answer
}

/// How long the request stands still before anything is done, if it does.
fn stalls_first(action: &faults::FaultAction) -> Option<Pause> {
    match action.stall? {
        Stall::Flag(true) => Some(Pause::UntilTheClientGivesUp),
        Stall::At(at) if at.after_request_bytes.is_none() && at.after_response_bytes.is_none() => {
            Some(Pause::of(at.seconds))
        }
        _ => None,
    }
}

/// How long a request stands still.
#[derive(Clone, Copy, Debug)]
enum Pause {
    For(Duration),
    UntilTheClientGivesUp,
}

impl Pause {
    /// For so many seconds; without a number that is a time, until the client gives up.
    fn of(seconds: Option<f64>) -> Self {
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        time.map_or(Self::UntilTheClientGivesUp, Self::For)
    }

    async fn wait(self) {
        match self {
            Self::For(time) => tokio::time::sleep(time).await,
            Self::UntilTheClientGivesUp => std::future::pending().await,
        }
    }
}

fn corrupts(corruption: Option<Corruption>, side: Side, method: &Method) -> Option<(u64, u64)> {
    let usual = match *method {
        Method::PUT | Method::POST => Side::Request,
        _ => Side::Answer,
    };
    let (at, bytes, of) = match corruption? {
        Corruption::Flag(false) => return None,
        Corruption::Flag(true) => (0, 1, usual),
        Corruption::Bytes { at, bytes, of } => (at, bytes, of.unwrap_or(usual)),
    };
    (of == side).then_some((at, bytes))
}

/// An answer for the journal: the client gets none.
fn unanswered() -> Response {
    let mut answer = StatusCode::SERVICE_UNAVAILABLE.into_response();
    answer.extensions_mut().insert(Unanswered);
    answer
}

/// As the service would answer with this status; a success has no body.
fn with_status(status: u16, trace: &Trace) -> Response {
    let code = ErrorCode::new(u32::from(status) * 100_000);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    if status.as_u16() < 400 {
        return status.into_response();
    }
    let mut body = ErrorBody::new(code, trace.id.as_str());
    if body.msg.is_empty() {
        status
            .canonical_reason()
            .unwrap_or("fault")
            .clone_into(&mut body.msg);
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body.to_json()).into_response()
}
