//! An emulator for each case: milliseconds to start, its own directory, its own clock.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use upyun_mock::{
    Builder, Clock, MockServer,
    accounts::{Operator, Password, Rights, Service, ServiceState},
};

use super::{Account, Control, PATIENCE, Place, Session, fixtures};
use crate::{
    damage::{self, Damage, Layer, Scene},
    failure::Failure,
};

/// How long cases wait for a damaged emulator: what is lost never comes.
const PATIENCE_WITH_DAMAGE: Duration = Duration::from_secs(2);

/// The service in which cases work.
const SERVICE: &str = "demo";

type Change = Arc<dyn Fn(Builder) -> Builder + Send + Sync>;

/// How to start an emulator.
#[derive(Clone, Default)]
pub struct Embedded {
    change: Option<Change>,
    account: Option<Account>,
    damage: Option<&'static Damage>,
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

impl Embedded {
    /// With other settings.
    pub fn with(change: impl Fn(&mut upyun_mock::Config) + Clone + Send + Sync + 'static) -> Self {
        Self::built(move |builder| builder.configure(change.clone()))
    }

    /// Built in another way.
    pub fn built(change: impl Fn(Builder) -> Builder + Send + Sync + 'static) -> Self {
        Self {
            change: Some(Arc::new(change)),
            ..Self::default()
        }
    }

    /// Behind a layer that applies this damage.
    #[must_use]
    pub fn damaged(self, damage: &'static Damage) -> Self {
        Self {
            damage: Some(damage),
            ..self
        }
    }

    /// With a service and an operator of this account beside its own.
    pub(super) fn knowing(account: Account) -> Self {
        let known = account.clone();
        let change = move |config: &mut upyun_mock::Config| {
            let account = &known;
            let (Ok(service), operator) = (account.service.parse(), &account.operator) else {
                return;
            };
            config.services.retain(|it| it.name != service);
            config.services.push(Service {
                form_secret: account.form_secret.as_deref().map(Password::new),
                ..Service::new(service)
            });
            config.operators.retain(|it| *it.name != *operator.name);
            let operator = Operator::new(&operator.name, &operator.password);
            config.operators.push(operator);
        };
        Self {
            account: Some(account),
            ..Self::with(change)
        }
    }

    /// The service in which cases work.
    pub(super) fn service(&self) -> &str {
        let account = self.account.as_ref();
        account.map_or(SERVICE, |account| &account.service)
    }

    pub(super) async fn start(&self) -> Result<Session, Failure> {
        self.build(MockServer::builder(), Clock::system()).await
    }

    /// Keeps its objects here, where one before it may have kept its own.
    pub(crate) async fn start_in(&self, data: &Path, clock: Clock) -> Result<Session, Failure> {
        self.build(MockServer::builder().data(data), clock).await
    }

    async fn build(&self, builder: Builder, clock: Clock) -> Result<Session, Failure> {
        let builder = builder.clock(clock.clone()).configure(furnish);
        let builder = match &self.change {
            Some(change) => change(builder),
            None => builder,
        };
        let server = builder
            .start()
            .await
            .map_err(|error| Failure::harness("to start an emulator", error))?;
        let account = self.account.clone().unwrap_or_else(|| Account {
            service: SERVICE.into(),
            operator: super::Operator::new("operator", "password"),
            form_secret: Some(fixtures::FORM_SECRET.into()),
            domain: Some("demo.b0.upaiyun.com".into()),
        });
        let mut address = server.address();
        let (mut layer, mut patience) = (None, PATIENCE);
        if let Some(damage) = self.damage {
            let scene = Scene::new(account.clone(), clock.clone());
            let started = Layer::start(address, damage, scene).await;
            let started =
                started.map_err(|error| Failure::harness("a port for the damage", error))?;
            address = started.address();
            layer = Some(Arc::new(started));
            if !std::ptr::eq(damage, &raw const damage::NOTHING) {
                patience = PATIENCE_WITH_DAMAGE;
            }
        }
        Ok(Session {
            place: Place::Socket(address.to_string()),
            account,
            control: Some(Control {
                clock,
                patience,
                _layer: layer,
                _server: Arc::new(server),
            }),
            shadow: None,
        })
    }
}

/// Puts the fixtures there.
fn furnish(config: &mut upyun_mock::Config) {
    let service = |name: &str| Service::new(name.parse().expect("a good name"));
    let secret = Some(Password::new(fixtures::FORM_SECRET));
    let in_state = |name, state| Service {
        state,
        ..service(name)
    };
    config.services = vec![
        Service {
            form_secret: secret.clone(),
            domains: vec![fixtures::BOUND_DOMAIN.into()],
            versions: [fixtures::VERSION]
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
            ..service(SERVICE)
        },
        service(fixtures::SECOND),
        in_state(fixtures::READ_ONLY, ServiceState::ReadOnly),
        in_state(fixtures::BLOCKED, ServiceState::Blocked),
        in_state(fixtures::REMOVED, ServiceState::Removed),
        Service {
            capacity_bytes: Some(fixtures::SMALL_BYTES),
            ..service(fixtures::SMALL)
        },
        Service {
            form_secret: secret,
            is_form_disabled: true,
            ..service(fixtures::NO_FORMS)
        },
        Service {
            is_single_copy: true,
            ..service(fixtures::SINGLE_COPY)
        },
        Service {
            token_secret: Some(Password::new(fixtures::TOKEN_SECRET)),
            ..service(fixtures::TOKENS)
        },
        Service {
            separator: '_',
            ..service(fixtures::UNDERSCORE)
        },
    ];
    let operator = |name| Operator::new(name, fixtures::PASSWORD);
    let limited = |name, rights, place: &str| {
        let rights = Rights::parse(rights).expect("letters of rwd");
        operator(name).limited([place.parse().expect("a good name")], rights)
    };
    config.operators = vec![
        Operator::new("operator", "password"),
        limited(fixtures::READER, "r", SERVICE),
        limited(fixtures::WRITER, "w", SERVICE),
        limited(fixtures::DELETER, "d", SERVICE),
        limited(fixtures::EDITOR, "rw", SERVICE),
        limited(fixtures::STRANGER, "rwd", fixtures::SECOND),
        Operator {
            is_blocked: true,
            ..operator(fixtures::BLOCKED_OPERATOR)
        },
        Operator {
            blocked_in: [SERVICE.parse().expect("a good name")].into(),
            ..operator(fixtures::BLOCKED_HERE)
        },
    ];
}

/// Whether media tasks can work.
pub(super) fn has_ffmpeg() -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    ["ffmpeg", "ffprobe"]
        .iter()
        .all(|program| std::env::split_paths(&path).any(|it| it.join(program).is_file()))
}
