//! Services and operators as text: in the file, and on the control plane.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use upyun_client::protocol::{PasswordMd5, ServiceName};
use utoipa::ToSchema;

use super::ConfigError;
use crate::accounts::{Operator, Password, Rights, Service, ServiceState};

/// A service as a configuration or the control plane writes it.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceEntry {
    name: String,
    #[serde(default)]
    #[schema(value_type = String, example = "active")]
    state: ServiceState,
    capacity_bytes: Option<u64>,
    form_secret: Option<String>,
    #[serde(default)]
    form_disabled: bool,
    #[serde(default)]
    single_copy: bool,
    #[serde(default)]
    domains: Vec<String>,
    separator: Option<char>,
    #[serde(default)]
    versions: BTreeMap<String, String>,
    token_secret: Option<String>,
    /// How far its clock is ahead of the server's where signatures are checked.
    #[serde(default)]
    clock_offset_seconds: i64,
}

impl ServiceEntry {
    pub(crate) fn of(service: &Service) -> Self {
        let secret = |it: &Option<Password>| it.as_ref().map(|it| it.reveal().to_owned());
        Self {
            name: service.name.to_string(),
            state: service.state,
            capacity_bytes: service.capacity_bytes,
            form_secret: secret(&service.form_secret),
            form_disabled: service.is_form_disabled,
            single_copy: service.is_single_copy,
            domains: service.domains.clone(),
            separator: Some(service.separator),
            versions: service.versions.clone(),
            token_secret: secret(&service.token_secret),
            clock_offset_seconds: service.clock_offset_seconds,
        }
    }

    pub(crate) fn check(self) -> Result<Service, ConfigError> {
        let Self {
            name,
            state,
            capacity_bytes,
            form_secret,
            form_disabled,
            single_copy,
            domains,
            separator,
            versions,
            token_secret,
            clock_offset_seconds,
        } = self;
        let wrong = |why: String| ConfigError(format!("service {name:?}: {why}"));
        let separator = separator.unwrap_or('!');
        if !matches!(separator, '!' | '-' | '_') {
            return Err(wrong(format!(
                "separator {separator:?}; it is one of ! - _"
            )));
        }
        for (version, text) in &versions {
            if let Err(why) = crate::image::grammar::check(text) {
                return Err(wrong(format!("version {version:?}: {why}")));
            }
        }
        Ok(Service {
            name: service_name(&name)?,
            state,
            capacity_bytes,
            form_secret: form_secret.as_deref().map(Password::new),
            is_form_disabled: form_disabled,
            is_single_copy: single_copy,
            domains,
            separator,
            versions,
            token_secret: token_secret.as_deref().map(Password::new),
            clock_offset_seconds,
        })
    }
}

/// An operator as a configuration or the control plane writes it.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorEntry {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_md5: Option<String>,
    #[serde(default)]
    services: Vec<String>,
    rights: Option<String>,
    /// Rights that differ from service to service.
    #[serde(default)]
    grants: BTreeMap<String, String>,
    #[serde(default)]
    blocked: bool,
    #[serde(default)]
    blocked_in: Vec<String>,
}

impl OperatorEntry {
    pub(crate) fn of(operator: &Operator) -> Self {
        let password = operator.password.as_ref();
        let grants = operator.grants.iter();
        Self {
            name: operator.name.to_string(),
            password: password.map(|it| it.reveal().to_owned()),
            password_md5: password.is_none().then(|| operator.key.reveal().to_owned()),
            services: Vec::new(),
            rights: operator.everywhere.map(|rights| rights.letters()),
            grants: grants
                .map(|(service, rights)| (service.to_string(), rights.letters()))
                .collect(),
            blocked: operator.is_blocked,
            blocked_in: operator
                .blocked_in
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }

    /// Leaves it without rights that differ from service to service.
    pub(crate) fn forget_grants(&mut self) {
        self.grants.clear();
    }

    /// Leaves it without a password, to be shown or to get another.
    pub(crate) fn forget_password(&mut self) {
        self.password = None;
        self.password_md5 = None;
    }

    pub(crate) fn check(self) -> Result<Operator, ConfigError> {
        let wrong = |why: &str| ConfigError(format!("operator {:?}: {why}", self.name));
        check_operator_name(&self.name)?;
        let key = match (&self.password, &self.password_md5) {
            (Some(password), None) => PasswordMd5::of(password),
            (None, Some(md5)) => PasswordMd5::from_hex(md5)
                .map_err(|error| wrong(&format!("password_md5: {error}")))?,
            _ => return Err(wrong("give one of password and password_md5")),
        };
        let rights = |letters: &str| {
            Rights::parse(letters)
                .map_err(|_| wrong(&format!("rights {letters:?}; they are letters of `rwd`")))
        };
        let everywhere = rights(self.rights.as_deref().unwrap_or("rwd"))?;
        let services = self.services.iter().map(|name| service_name(name));
        let services = services.collect::<Result<Vec<_>, _>>()?;
        let mut operator = Operator {
            key,
            password: self.password.as_deref().map(Password::new),
            is_blocked: self.blocked,
            ..Operator::new(&self.name, "").limited(services, everywhere)
        };
        for (service, letters) in &self.grants {
            operator
                .grants
                .insert(service_name(service)?, rights(letters)?);
            operator.everywhere = None;
        }
        let blocked_in = self.blocked_in.iter().map(|name| service_name(name));
        operator.blocked_in = blocked_in.collect::<Result<BTreeSet<_>, _>>()?;
        Ok(operator)
    }
}

/// Whether an operator may have this name.
///
/// # Errors
/// When it is empty or holds the `:` that ends it in a signature.
pub(crate) fn check_operator_name(name: &str) -> Result<(), ConfigError> {
    match name.is_empty() || name.contains(':') {
        true => Err(ConfigError(format!(
            "operator {name:?}: a name is not empty and holds no `:`"
        ))),
        false => Ok(()),
    }
}

fn service_name(name: &str) -> Result<ServiceName, ConfigError> {
    name.parse()
        .map_err(|error| ConfigError(format!("{error}")))
}
