//! Where cases run: the emulator inside this process, one at a URL, or the live service.

mod embedded;
pub mod fixtures;

use std::{fmt, sync::Arc, time::Duration};

use upyun_mock::{Clock, MockServer};

pub use embedded::Embedded;

use crate::{
    case::{Case, Tag},
    damage::Layer,
    failure::Failure,
};

/// A target.
#[derive(Clone, Debug)]
pub enum Target {
    /// An emulator for each case, inside this process.
    Mock(Embedded),
    /// A running emulator.
    Url(Remote),
    /// The service itself.
    Live(Account),
    /// Two targets that are asked the same.
    Shadowed(Box<Shadowed>),
}

/// Two targets that are asked the same.
#[derive(Clone, Debug)]
pub struct Shadowed {
    /// The one that cases judge.
    pub judged: Target,
    /// The one whose answers are only compared.
    pub shadow: Target,
}

/// A running emulator.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Host and port.
    pub address: String,
    /// Who asks.
    pub account: Account,
}

/// A service and an operator with all rights on it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The service.
    pub service: String,
    /// The operator.
    pub operator: Operator,
    /// The secret of the legacy signatures of forms, if it is known.
    pub form_secret: Option<String>,
    /// Where the public reads, if it is known.
    pub domain: Option<String>,
}

/// An operator's name and password.
#[derive(Clone)]
pub struct Operator {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
}

impl Operator {
    /// An operator.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            password: password.into(),
        }
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operator({}, ***)", self.name)
    }
}

/// Where bytes go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// All hosts are this address, told apart by the header Host.
    Socket(String),
    /// Each host is where its name leads, by TLS.
    Internet,
}

/// A target that is ready for a case, or for a run.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) place: Place,
    pub(crate) account: Account,
    pub(crate) control: Option<Control>,
    /// Another that is asked the same.
    pub(crate) shadow: Option<Box<Session>>,
}

/// How long a case waits for what a target does in its own time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What can be done to an emulator beside asking it.
#[derive(Clone, Debug)]
pub struct Control {
    clock: Clock,
    /// How long a case waits for what the target does in its own time.
    patience: Duration,
    // Gone when the last case that uses them is; the layer first.
    _layer: Option<Arc<Layer>>,
    _server: Arc<MockServer>,
}

impl Control {
    /// The target's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How long a case waits for what the target does in its own time.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }
}

impl Target {
    /// The emulator inside this process, with its defaults.
    pub fn mock() -> Self {
        Self::Mock(Embedded::default())
    }

    /// The target of this name: `mock`, `live`, or the URL of a running emulator. Credentials come
    /// from UPYUN_SERVICE, UPYUN_USERNAME and UPYUN_PASSWORD.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub fn parse(name: &str, env: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let account = |default: Option<(&str, &str, &str)>| {
            let need = |name: &str, default: Option<&str>| {
                set(name)
                    .or_else(|| default.map(str::to_owned))
                    .ok_or_else(|| format!("the environment variable {name} is not set"))
            };
            Ok::<_, String>(Account {
                service: need("UPYUN_SERVICE", default.map(|it| it.0))?,
                operator: Operator::new(
                    need("UPYUN_USERNAME", default.map(|it| it.1))?,
                    need("UPYUN_PASSWORD", default.map(|it| it.2))?,
                ),
                form_secret: set("UPYUN_FORM_SECRET"),
                domain: set("UPYUN_DOMAIN"),
            })
        };
        match name {
            "mock" => Ok(Self::mock()),
            "live" => Ok(Self::Live(account(None)?)),
            _ => {
                let url = url::Url::parse(name).map_err(|error| {
                    format!("the target `{name}` is neither mock nor live nor a URL: {error}")
                })?;
                if url.scheme() != "http" || url.path() != "/" {
                    return Err(format!(
                        "the target `{name}` must be http://HOST:PORT without a path: emulators speak \
                         HTTP on every port"
                    ));
                }
                let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
                    return Err(format!("the target `{name}` names no host"));
                };
                let mut account = account(Some(("demo", "operator", "password")))?;
                let domain = format!("{}.b0.upaiyun.com", account.service);
                account.domain.get_or_insert(domain);
                Ok(Self::Url(Remote {
                    address: format!("{host}:{port}"),
                    account,
                }))
            }
        }
    }

    /// What it is called in reports.
    pub fn name(&self) -> String {
        match self {
            Self::Mock(_) => "mock".to_owned(),
            Self::Url(remote) => format!("http://{}", remote.address),
            Self::Live(_) => "live".to_owned(),
            Self::Shadowed(two) => two.judged.name(),
        }
    }

    /// Whether the live service is asked, also beside another.
    pub fn is_live(&self) -> bool {
        self.each()
            .into_iter()
            .any(|it| matches!(it, Self::Live(_)))
    }

    /// The service in which cases work.
    pub fn service(&self) -> &str {
        match self {
            Self::Mock(embedded) => embedded.service(),
            Self::Url(Remote { account, .. }) | Self::Live(account) => &account.service,
            Self::Shadowed(two) => two.judged.service(),
        }
    }

    /// Its kind, by which known differences are listed.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Mock(_) => "mock",
            Self::Url(_) => "url",
            Self::Live(_) => "live",
            Self::Shadowed(two) => two.judged.kind(),
        }
    }

    /// Why a case cannot run there; `None` if it can.
    pub fn lacks(&self, case: &Case) -> Option<String> {
        case.tags.iter().find_map(|tag| self.lacks_tag(*tag))
    }

    fn lacks_tag(&self, tag: Tag) -> Option<String> {
        let reason = match (self, tag) {
            (Self::Shadowed(_), Tag::NeedsClock) => "two clocks cannot be moved at once",
            (Self::Shadowed(_), Tag::NeedsCallback) => "both targets would call back",
            (Self::Shadowed(two), _) => {
                return two
                    .judged
                    .lacks_tag(tag)
                    .or_else(|| two.shadow.lacks_tag(tag));
            }
            (Self::Mock(_), Tag::NeedsMedia) if !embedded::has_ffmpeg() => {
                "ffmpeg and ffprobe are not on PATH; install ffmpeg"
            }
            (Self::Mock(_), _) => return None,
            (_, Tag::NeedsClock) => "the clock of this target cannot be moved",
            (_, Tag::NeedsControl) => "operators and services for tests cannot be made there",
            (Self::Live(_), Tag::NeedsCallback) => "the service cannot reach this machine",
            (Self::Live(_), Tag::Destructive) => {
                "it changes more than a folder of its own, which is not done to the live service"
            }
            (Self::Url(Remote { account, .. }) | Self::Live(account), Tag::NeedsFormSecret)
                if account.form_secret.is_none() =>
            {
                "the form secret is not known; set UPYUN_FORM_SECRET"
            }
            (Self::Live(account), Tag::NeedsDomain) if account.domain.is_none() => {
                "the access domain is not known; set UPYUN_DOMAIN"
            }
            _ => return None,
        };
        Some(reason.to_owned())
    }

    /// How often a case is tried: what was written is not at once seen everywhere on the live
    /// service.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Mock(_) | Self::Url(_) => 1,
            Self::Live(_) => 3,
            Self::Shadowed(two) => two.judged.attempts().max(two.shadow.attempts()),
        }
    }

    /// Whether each case gets a target of its own, with nothing to clean up.
    pub fn is_fresh_for_each_case(&self) -> bool {
        match self {
            Self::Mock(_) => true,
            Self::Shadowed(two) => {
                two.judged.is_fresh_for_each_case() && two.shadow.is_fresh_for_each_case()
            }
            Self::Url(_) | Self::Live(_) => false,
        }
    }

    /// It, or both of two.
    pub(crate) fn each(&self) -> Vec<&Self> {
        match self {
            Self::Shadowed(two) => vec![&two.judged, &two.shadow],
            one => vec![one],
        }
    }

    /// Two targets of these names. An emulator inside this process that is beside another target knows
    /// that one's account.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_pair(names: &str, env: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let (first, second) = names
            .split_once(',')
            .ok_or_else(|| format!("`{names}` must be two targets, like mock,live"))?;
        let mut judged = Self::parse(first, &env)?;
        let mut shadow = Self::parse(second, &env)?;
        let of = |target: &Self| match target {
            Self::Url(Remote { account, .. }) | Self::Live(account) => Some(account.clone()),
            Self::Mock(_) | Self::Shadowed(_) => None,
        };
        let (first, second) = (of(&judged), of(&shadow));
        if let (Self::Mock(embedded), Some(account)) = (&mut judged, second) {
            *embedded = Embedded::knowing(account);
        }
        if let (Self::Mock(embedded), Some(account)) = (&mut shadow, first) {
            *embedded = Embedded::knowing(account);
        }
        Ok(Self::Shadowed(Box::new(Shadowed { judged, shadow })))
    }

    /// Makes it ready.
    ///
    /// # Errors
    /// When an emulator cannot be started.
    pub async fn open(&self) -> Result<Session, Failure> {
        match self {
            Self::Mock(embedded) => embedded.start().await,
            Self::Shadowed(two) => {
                let mut session = Box::pin(two.judged.open()).await?;
                let shadow = Box::pin(two.shadow.open()).await?;
                session.shadow = Some(Box::new(shadow));
                Ok(session)
            }
            Self::Url(remote) => Ok(Session {
                place: Place::Socket(remote.address.clone()),
                account: remote.account.clone(),
                control: None,
                shadow: None,
            }),
            Self::Live(account) => Ok(Session {
                place: Place::Internet,
                account: account.clone(),
                control: None,
                shadow: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_error(name: &str, want: &str) {
        let error = Target::parse(name, |_| None).expect_err("it is refused");
        assert!(error.contains(want), "{error:?} does not say {want:?}");
    }

    #[test]
    fn targets_that_cannot_be_are_explained() {
        check_error("live", "UPYUN_SERVICE is not set");
        check_error("nowhere", "neither mock nor live nor a URL");
        check_error("http://127.0.0.1:1/x", "without a path");
        check_error("https://127.0.0.1:1", "must be http://");
    }

    #[test]
    fn an_emulator_is_asked_with_its_defaults() {
        let target = Target::parse("http://127.0.0.1:8390", |_| None).expect("a target");
        let Target::Url(remote) = target else {
            panic!("{target:?}")
        };
        assert_eq!(remote.address, "127.0.0.1:8390");
        assert_eq!(remote.account.service, "demo");
    }

    #[test]
    fn passwords_are_not_shown() {
        let operator = Operator::new("op", "secret");
        assert_eq!(format!("{operator:?}"), "Operator(op, ***)");
    }
}
