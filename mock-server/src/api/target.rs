//! Which API a request is for, and whose objects: what its head tells.

use std::sync::Arc;

use http::{header, request::Parts};
use upyun_client::protocol::{
    host::{self, Api},
    path::decode,
    sign::Authorization,
};

use super::{app::App, rest, sync_tasks};
use crate::{accounts, api_name::ApiName, auth::presented_text, operation::OperationName};

/// Who answers a request.
#[derive(Debug)]
pub(super) enum Target {
    /// A service's access domain.
    Domain(Arc<accounts::Service>),
    /// An access domain of no service.
    Unbound,
    /// REST, FORM and resumable uploads.
    Storage,
    Block,
    Purge,
    Tasks,
    SyncTasks,
    /// An API that is not emulated.
    Missing(Api),
}

impl Target {
    pub(super) fn of(app: &App, host: &str, parts: &Parts) -> Self {
        if let Some(service) = app.accounts.service_at(host) {
            return Self::Domain(service);
        }
        match Api::of(host, parts.uri.path()) {
            Api::Storage if !host::is_upyun(host) && sync_tasks::is_meant(parts) => Self::SyncTasks,
            Api::Storage => Self::Storage,
            Api::Block => Self::Block,
            Api::Access => Self::Unbound,
            Api::Purge => Self::Purge,
            Api::SyncTasks => Self::SyncTasks,
            Api::Tasks => Self::Tasks,
            other => Self::Missing(other),
        }
    }

    /// The API and what is asked for, as the journal and faults call them. That a folder is listed is
    /// known when one is found.
    pub(super) fn named(&self, parts: &Parts) -> (Option<ApiName>, Option<OperationName>) {
        let begins = |prefix: &str| parts.uri.path().starts_with(prefix);
        let (api, operation) = match self {
            Self::Domain(service) => {
                let is_picture = decode(parts.uri.path().as_bytes())
                    .is_ok_and(|path| path.contains(service.separator));
                match is_picture {
                    true => (ApiName::Cdn, OperationName::Picture),
                    false => (ApiName::Cdn, OperationName::Download),
                }
            }
            Self::Unbound => (ApiName::Cdn, OperationName::Download),
            Self::Storage => {
                let (api, operation) = rest::named(parts);
                return (Some(api), operation);
            }
            Self::Block => (ApiName::Block, OperationName::BlockUpload),
            Self::Purge => (ApiName::Purge, OperationName::Purge),
            Self::Tasks if begins("/status") => (ApiName::Tasks, OperationName::TaskStatus),
            Self::Tasks if begins("/result") => (ApiName::Tasks, OperationName::TaskResult),
            Self::Tasks => (ApiName::Tasks, OperationName::SubmitTasks),
            Self::SyncTasks => (ApiName::SyncTasks, OperationName::SyncTask),
            Self::Missing(_) => return (None, None),
        };
        (Some(api), Some(operation))
    }

    /// The service that is named, whether or not there is one. Tasks that
    /// are submitted name theirs in the body.
    pub(super) fn service(&self, parts: &Parts) -> Option<String> {
        match self {
            Self::Domain(service) => Some(service.name.to_string()),
            Self::Storage | Self::Block | Self::SyncTasks => first_segment(parts.uri.path()),
            Self::Purge => {
                let value = presented_text(&parts.headers, header::AUTHORIZATION.as_str())?;
                let (service, ..) = Authorization::parse_purge(value).ok()?;
                Some(service.to_owned())
            }
            Self::Tasks => {
                let query = form_urlencoded::parse(parts.uri.query()?.as_bytes());
                let mut named =
                    query.filter(|(name, _)| name == "service" || name == "bucket_name");
                named.next().map(|(_, name)| name.into_owned())
            }
            Self::Unbound | Self::Missing(_) => None,
        }
    }
}

fn first_segment(path: &str) -> Option<String> {
    let segment = path.split('/').nth(1).filter(|it| !it.is_empty())?;
    decode(segment.as_bytes()).ok()
}
