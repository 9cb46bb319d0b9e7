//! A copy of a service, with settings and objects.

use upyun_client::protocol::{ServiceName, ServiceNameError};

use super::app::{App, put_service};
use crate::store::StoreError;

/// Why a service was not forked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForkError {
    /// There is no such service.
    #[error("there is no service {0:?} to fork")]
    Unknown(String),
    /// That is no name of a service.
    #[error("{0:?}: {1}")]
    Name(String, #[source] ServiceNameError),
    /// There is a service of this name already.
    #[error("there is a service {0} already; DELETE /_mock/services/{0} makes room")]
    Taken(ServiceName),
    /// The file system refused.
    #[error("{0}")]
    Store(#[from] StoreError),
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
