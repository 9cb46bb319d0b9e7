//! What the routes of services and operators share.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::answer::Problem;
use crate::{accounts::Service, api::app::App, store::StoreError};

/// The service of this name.
pub(super) fn service(app: &App, name: &str) -> Result<Arc<Service>, Problem> {
    let service = app.accounts.service(name);
    service.ok_or_else(|| {
        Problem::missing(format!(
            "there is no service {name:?}; GET /_mock/services lists those that are"
        ))
    })
}

/// Settings with some members changed, read again as a whole.
pub(super) fn changed<T: Serialize + DeserializeOwned>(
    settings: &T,
    members: Map<String, Value>,
) -> Result<T, Problem> {
    let mut all = match serde_json::to_value(settings) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    };
    all.extend(members);
    parsed(all)
}

/// Settings as they were sent.
pub(super) fn parsed<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(members)).map_err(|error| Problem::bad(error.to_string()))
}

/// Eight hex digits that nobody has yet.
pub(super) fn free_name(prefix: &str, is_taken: impl Fn(&str) -> bool) -> String {
    loop {
        let name = format!("{prefix}-{:08x}", rand::random::<u32>());
        if !is_taken(&name) {
            return name;
        }
    }
}

/// Bytes of all objects of a service.
pub(super) async fn used(app: &App, service: &Service) -> Result<u64, StoreError> {
    let root = upyun_client::protocol::Key::root();
    app.store.handle(&service.name).usage(&root).await
}
