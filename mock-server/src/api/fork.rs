//! A copy of a service, with settings and objects.

use std::fmt;

use upyun_client::protocol::{ServiceName, ServiceNameError};

use super::{App, put_service};
use crate::store::StoreError;

/// Why a service was not forked.
#[derive(Debug)]
#[non_exhaustive]
pub enum ForkError {
    /// There is no such service.
    Unknown(String),
    /// That is no name of a service.
    Name(String, ServiceNameError),
    /// There is a service of this name already.
    Taken(ServiceName),
    /// The file system refused.
    Store(StoreError),
}

impl fmt::Display for ForkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "there is no service {name:?} to fork"),
            Self::Name(name, error) => write!(f, "{name:?}: {error}"),
            Self::Taken(name) => write!(
                f,
                "there is a service {name} already; DELETE /_mock/services/{name} makes room"
            ),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ForkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Name(_, error) => Some(error),
            Self::Store(error) => Some(error),
            Self::Unknown(_) | Self::Taken(_) => None,
        }
    }
}

impl From<StoreError> for ForkError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl App {
    /// Copies a service to another name; operators have the same rights there.
    pub(crate) fn fork(&self, service: &str, to: &str) -> Result<ServiceName, ForkError> {
        let from = self.accounts.service(service);
        let from = from.ok_or_else(|| ForkError::Unknown(service.to_owned()))?;
        let name = ServiceName::parse(to).map_err(|error| ForkError::Name(to.to_owned(), error))?;
        if self.accounts.service(name.as_str()).is_some() {
            return Err(ForkError::Taken(name));
        }
        self.store.fork(&from.name, &name)?;
        let mut service = (*from).clone();
        service.name = name.clone();
        // A domain leads to one service.
        service.domains.clear();
        put_service(&self.accounts, &self.store, service)?;
        for operator in self.accounts.operators() {
            if let Some(rights) = operator.grants.get(&from.name) {
                let mut operator = (*operator).clone();
                operator.grants.insert(name.clone(), *rights);
                self.accounts.put_operator(operator);
            }
        }
        Ok(name)
    }
}
