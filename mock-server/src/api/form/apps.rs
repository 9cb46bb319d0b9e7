//! `apps` of a policy: tasks that begin with the uploaded file.

use std::sync::Arc;

use serde_json::{Map, Value};
use upyun_client::protocol::ErrorCode;

use crate::{
    accounts::Operator,
    api::policy::Policy,
    refusal::Refusal,
    tasks::{
        NewTask,
        apps::{self, OF_FORMS},
    },
};

/// A policy has no more.
const MAX_APPS: usize = 10;
/// One element of `apps`.
#[derive(Clone, Debug)]
pub(super) struct FormApp {
    name: String,
    members: Map<String, Value>,
}

/// The tasks of a policy; an array, or a text that holds one.
pub(super) fn of(policy: &Policy) -> Result<Vec<FormApp>, Refusal> {
    let malformed =
        |why: &str| Refusal::new(ErrorCode::DECODE_POLICY_ERROR).because(why.to_owned());
    let elements = match policy.value("apps") {
        None => return Ok(Vec::new()),
        Some(Value::Array(elements)) => elements.clone(),
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|error| malformed(&format!("apps is a text, but no JSON array: {error}.")))?,
        Some(_) => return Err(malformed("apps is no array.")),
    };
    if elements.is_empty() || elements.len() > MAX_APPS {
        return Err(Refusal::new(ErrorCode::TASKS_NUMBER_ERROR).because(format!(
            "apps has {} elements; 1 to {MAX_APPS} are allowed.",
            elements.len()
        )));
    }
    elements
        .into_iter()
        .map(|element| {
            let Value::Object(mut members) = element else {
                return Err(malformed("An element of apps is no object."));
            };
            let Some(Value::String(name)) = members.remove("name") else {
                return Err(malformed("An element of apps has no name."));
            };
            if !OF_FORMS.contains(&&*name) {
                return Err(Refusal::new(ErrorCode::INVALID_APP_NAME).because(format!(
                    "No app is called {name:?}; there are {}.",
                    OF_FORMS.join(", ")
                )));
            }
            match apps::missing(&name) {
                Some(feature) => Err(Refusal::without_feature(feature)),
                None => Ok(FormApp { name, members }),
            }
        })
        .collect()
}

impl FormApp {
    /// The task for a file that is stored.
    pub(super) fn into_task(
        mut self,
        service: &str,
        source: &str,
        policy: &Policy,
        operator: Option<Arc<Operator>>,
    ) -> NewTask {
        let own = match self.members.remove("notify_url") {
            Some(Value::String(url)) if !url.is_empty() => Some(url),
            _ => None,
        };
        let accepts_json = self.members.get("accept") == Some(&Value::from("json"));
        NewTask {
            notify_json: self.name != "naga" || accepts_json,
            app: self.name,
            service: service.to_owned(),
            operator,
            source: source.to_owned(),
            parameters: self.members,
            notify_url: own.or_else(|| policy.filled("notify-url")),
        }
    }
}
