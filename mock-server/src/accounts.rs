//! Services and operators: who may do what where.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use parking_lot::RwLock;
use upyun_client::protocol::{PasswordMd5, ServiceName, host};

/// A password in the clear. `Debug` prints `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Box<str>);

impl Password {
    /// Keeps a password from being printed by accident.
    pub fn new(password: &str) -> Self {
        Self(password.into())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What an operator may do on a service.
///
/// Read: download, info, list, usage. Write: upload, folders, metadata, copy, purge. Delete: files
/// and folders. Moving needs write and delete (`[choice H-1]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Download, info, list, usage.
    pub read: bool,
    /// Upload, make folders, change metadata, copy.
    pub write: bool,
    /// Delete files and folders.
    pub delete: bool,
}

impl Rights {
    /// All three.
    pub const ALL: Self = Self {
        read: true,
        write: true,
        delete: true,
    };

    /// The letters of those that are given, for [`parse`](Self::parse).
    pub fn letters(self) -> String {
        [(self.read, 'r'), (self.write, 'w'), (self.delete, 'd')]
            .into_iter()
            .filter_map(|(is_given, letter)| is_given.then_some(letter))
            .collect()
    }

    /// Reads `r`, `w` and `d` in any order.
    ///
    /// # Errors
    /// The first letter that is none of the three, or a space for an empty text.
    pub fn parse(letters: &str) -> Result<Self, char> {
        let mut rights = Self {
            read: false,
            write: false,
            delete: false,
        };
        for letter in letters.chars() {
            match letter {
                'r' => rights.read = true,
                'w' => rights.write = true,
                'd' => rights.delete = true,
                other => return Err(other),
            }
        }
        if letters.is_empty() {
            Err(' ')
        } else {
            Ok(rights)
        }
    }
}

/// Whether a service can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// It can.
    #[default]
    Active,
    /// Reading works, writing and deleting is refused.
    ReadOnly,
    /// Everything is refused with `bucket blocked`.
    Blocked,
    /// Everything is refused with `bucket removed`.
    Removed,
}

/// A service and its settings.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// Whether it can be used.
    pub state: ServiceState,
    /// Bytes that it may hold; no limit if `None`.
    pub capacity_bytes: Option<u64>,
    /// The secret of the legacy signatures of FORM uploads; without one they are refused.
    pub form_secret: Option<Password>,
    /// Whether FORM uploads are switched off.
    pub is_form_disabled: bool,
    /// Whether it is of the kind that knows neither FORM nor resumable uploads.
    pub is_single_copy: bool,
    /// Domains that read its objects, besides the default ones.
    pub domains: Vec<String>,
    /// What stands between a key and what follows it, on access domains.
    pub separator: char,
    /// Texts of parameters for pictures, by their names.
    pub versions: BTreeMap<String, String>,
    /// The secret of the tokens (`_upt`) without which access domains show nothing; without one
    /// everybody may read.
    pub token_secret: Option<Password>,
    /// How far its clock is ahead of the server's, in seconds, where dates and ends of signatures,
    /// policies and tokens are checked; behind if it is negative.
    pub clock_offset_seconds: i64,
}

impl Service {
    /// An active service without a limit.
    pub fn new(name: ServiceName) -> Self {
        Self {
            name,
            state: ServiceState::Active,
            capacity_bytes: None,
            form_secret: None,
            is_form_disabled: false,
            is_single_copy: false,
            domains: Vec::new(),
            separator: '!',
            versions: BTreeMap::new(),
            token_secret: None,
            clock_offset_seconds: 0,
        }
    }

    /// Whether its objects are read at this host, with or without a port (`[choice P-2]`).
    ///
    /// ```
    /// # use upyun_mock::accounts::Service;
    /// let mut demo = Service::new("demo".parse().expect("a good name"));
    /// demo.domains.push("img.example.com".into());
    /// assert!(demo.is_read_at("DEMO.b0.upaiyun.com:443"));
    /// assert!(demo.is_read_at("img.example.com"));
    /// assert!(!demo.is_read_at("www.example.com"));
    /// ```
    pub fn is_read_at(&self, host: &str) -> bool {
        let is_default = host::service_of_access_domain(host)
            .is_some_and(|name| name.eq_ignore_ascii_case(self.name.as_str()));
        let name = host::without_port(host);
        is_default || self.domains.iter().any(|it| it.eq_ignore_ascii_case(name))
    }
}

/// An operator and its rights.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its name.
    pub name: Box<str>,
    /// What its signatures are made with.
    pub key: PasswordMd5,
    /// Only known if it was configured so; serves to explain wrong signatures.
    pub password: Option<Password>,
    /// Whether it is refused everywhere with `user blocked`.
    pub is_blocked: bool,
    /// Rights on services that are not named in `grants`; `None` for none.
    pub everywhere: Option<Rights>,
    /// Rights by service.
    pub grants: BTreeMap<ServiceName, Rights>,
    /// Services where it is refused with `user blocked in this bucket`.
    pub blocked_in: BTreeSet<ServiceName>,
}

impl Operator {
    /// An operator with all rights on all services.
    pub fn new(name: &str, password: &str) -> Self {
        Self {
            name: name.into(),
            key: PasswordMd5::of(password),
            password: Some(Password::new(password)),
            is_blocked: false,
            everywhere: Some(Rights::ALL),
            grants: BTreeMap::new(),
            blocked_in: BTreeSet::new(),
        }
    }

    /// Limits the operator to these rights on these services, or on all if none is named.
    #[must_use]
    pub fn limited(
        mut self,
        services: impl IntoIterator<Item = ServiceName>,
        rights: Rights,
    ) -> Self {
        self.grants = services
            .into_iter()
            .map(|service| (service, rights))
            .collect();
        self.everywhere = self.grants.is_empty().then_some(rights);
        self
    }

    /// The rights on a service; `None` if the operator is not granted there at all.
    pub fn rights(&self, service: &ServiceName) -> Option<Rights> {
        self.grants.get(service).copied().or(self.everywhere)
    }
}

/// All services and operators of a server. A cheap handle.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    inner: Arc<RwLock<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    services: BTreeMap<ServiceName, Arc<Service>>,
    operators: BTreeMap<Box<str>, Arc<Operator>>,
    /// The names in the order in which they were added.
    service_order: Vec<ServiceName>,
    operator_order: Vec<Box<str>>,
}

impl Accounts {
    /// The service that was added first, of those that are still there.
    pub fn first_service(&self) -> Option<Arc<Service>> {
        self.read(|inner| {
            let name = inner.service_order.first()?;
            inner.services.get(name).cloned()
        })
    }

    /// The operator that was added first, of those that are still there.
    pub fn first_operator(&self) -> Option<Arc<Operator>> {
        self.read(|inner| {
            let name = inner.operator_order.first()?;
            inner.operators.get(name).cloned()
        })
    }

    /// The service of this name; any text may be asked for.
    pub fn service(&self, name: &str) -> Option<Arc<Service>> {
        self.read(|inner| inner.services.get(name).cloned())
    }

    /// The operator of this name.
    pub fn operator(&self, name: &str) -> Option<Arc<Operator>> {
        self.read(|inner| inner.operators.get(name).cloned())
    }

    /// All services, by name.
    pub fn services(&self) -> Vec<Arc<Service>> {
        self.read(|inner| inner.services.values().cloned().collect())
    }

    /// All operators, by name.
    pub fn operators(&self) -> Vec<Arc<Operator>> {
        self.read(|inner| inner.operators.values().cloned().collect())
    }

    /// The service whose objects are read at this host: a default access domain, or a bound one.
    pub fn service_at(&self, host: &str) -> Option<Arc<Service>> {
        self.read(|inner| {
            let mut services = inner.services.values();
            services.find(|service| service.is_read_at(host)).cloned()
        })
    }

    /// Adds a service or replaces its settings.
    pub fn put_service(&self, service: Service) {
        self.write(|inner| {
            if !inner.services.contains_key(&service.name) {
                inner.service_order.push(service.name.clone());
            }
            inner
                .services
                .insert(service.name.clone(), Arc::new(service))
        });
    }

    /// Adds an operator or replaces it.
    pub fn put_operator(&self, operator: Operator) {
        self.write(|inner| {
            if !inner.operators.contains_key(&operator.name) {
                inner.operator_order.push(operator.name.clone());
            }
            inner
                .operators
                .insert(operator.name.clone(), Arc::new(operator))
        });
    }

    /// Removes a service; its objects are not touched.
    pub fn remove_service(&self, name: &ServiceName) {
        self.write(|inner| {
            inner.service_order.retain(|other| other != name);
            inner.services.remove(name)
        });
    }

    /// Removes an operator; false if there is none.
    pub fn remove_operator(&self, name: &str) -> bool {
        let inner = &self.inner;
        let mut inner = inner.write();
        inner.operator_order.retain(|other| **other != *name);
        inner.operators.remove(name).is_some()
    }

    fn read<T>(&self, read: impl FnOnce(&Inner) -> T) -> T {
        read(&self.inner.read())
    }

    fn write<T>(&self, write: impl FnOnce(&mut Inner) -> T) {
        write(&mut self.inner.write());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_letters() {
        assert_eq!(Rights::parse("rwd"), Ok(Rights::ALL));
        assert_eq!(
            Rights::parse("r"),
            Ok(Rights {
                read: true,
                write: false,
                delete: false
            })
        );
        assert_eq!(Rights::parse("rx"), Err('x'));
        assert_eq!(Rights::parse(""), Err(' '));
    }

    #[test]
    fn the_first_is_the_one_that_was_added_first() {
        let accounts = Accounts::default();
        let [second, first] = ["apples", "pears"].map(|name| ServiceName::parse(name).unwrap());
        for name in [&first, &second, &first] {
            accounts.put_service(Service::new(name.clone()));
            accounts.put_operator(Operator::new(name.as_str(), "pw"));
        }
        assert_eq!(accounts.first_service().unwrap().name, first);
        assert_eq!(&*accounts.first_operator().unwrap().name, "pears");
        accounts.remove_service(&first);
        accounts.remove_operator("pears");
        assert_eq!(accounts.first_service().unwrap().name, second);
        assert_eq!(&*accounts.first_operator().unwrap().name, "apples");
    }

    #[test]
    fn grants_limit_an_operator_to_the_named_services() {
        let [demo, other] = ["demo", "other"].map(|name| ServiceName::parse(name).unwrap());
        let reader = Rights {
            read: true,
            write: false,
            delete: false,
        };
        let operator = Operator::new("op", "pw").limited([demo.clone()], reader);
        assert_eq!(operator.rights(&demo), Some(reader));
        assert_eq!(operator.rights(&other), None);
        assert_eq!(
            Operator::new("op", "pw").limited([], reader).rights(&other),
            Some(reader)
        );
        assert!(!format!("{operator:?}").contains("pw"));
    }
}
