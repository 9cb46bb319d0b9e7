//! Where the load goes.

use std::{fmt, str::FromStr};

use clap::Args as Group;
use upyun_client::{Client, Endpoint, RetryPolicy};
use upyun_mock::MockServer;

use crate::failure::Failure;

/// What is put under load, and by whom.
#[derive(Clone, Debug, Group)]
pub(crate) struct TargetOptions {
    /// mock: an emulator in this process; live: the service itself; or a server's URL
    #[arg(
        long,
        env = "UPYUN_ENDPOINT",
        default_value = "mock",
        alias = "endpoint"
    )]
    pub(crate) target: TargetName,
    /// The service [default: demo, unless live]
    #[arg(long, env = "UPYUN_SERVICE")]
    pub(crate) service: Option<String>,
    /// The operator [default: operator, unless live]
    #[arg(long, env = "UPYUN_USERNAME")]
    pub(crate) operator: Option<String>,
    /// The operator's password [default: password, unless live]
    #[arg(long, env = "UPYUN_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TargetName {
    Mock,
    Live,
    Url(String),
}

/// A password, which no message shows.
#[derive(Clone)]
pub(crate) struct Secret(String);

/// A target that can be talked to. A server that was started for it ends with it.
#[derive(Debug)]
pub(crate) struct Target {
    endpoint: Endpoint,
    service: String,
    operator: String,
    password: Secret,
    _server: Option<MockServer>,
}

impl TargetOptions {
    /// Starts what has to be started.
    pub(crate) async fn open(self) -> Result<Target, Failure> {
        let is_live = self.target == TargetName::Live;
        let known = |given: Option<String>, usual: &str, variable: &str| match given {
            Some(given) if !given.is_empty() => Ok(given),
            _ if !is_live => Ok(usual.to_owned()),
            _ => Err(Failure::Options(format!(
                "the live service needs credentials: set {variable}"
            ))),
        };
        let service = known(self.service, "demo", "UPYUN_SERVICE")?;
        let operator = known(self.operator, "operator", "UPYUN_USERNAME")?;
        let password = self.password.map(|secret| secret.0);
        let password = known(password, "password", "UPYUN_PASSWORD")?;
        let (server, endpoint) = match self.target {
            TargetName::Live => (None, Endpoint::Auto),
            TargetName::Url(url) => (None, Endpoint::url(url)),
            TargetName::Mock => {
                let server = MockServer::builder()
                    .service(&service)
                    .operator(&operator, &password)
                    .start()
                    .await
                    .map_err(|error| Failure::Options(error.to_string()))?;
                let endpoint = Endpoint::url(server.url());
                (Some(server), endpoint)
            }
        };
        Ok(Target {
            endpoint,
            service,
            operator,
            password: Secret(password),
            _server: server,
        })
    }
}

impl Target {
    /// A client with connections of its own. What it is told once, it does once: a retry would hide
    /// a failure inside a latency.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        self.build(RetryPolicy::none())
    }

    /// A client for what is not measured.
    pub(crate) fn patient_client(&self) -> Result<Client, Failure> {
        self.build(RetryPolicy::default())
    }

    fn build(&self, retry: RetryPolicy) -> Result<Client, Failure> {
        let client = Client::builder(&self.service, &self.operator, &*self.password.0)
            .endpoint(self.endpoint.clone())
            .retry(retry)
            .build()?;
        Ok(client)
    }
}

impl FromStr for TargetName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "mock" => Ok(Self::Mock),
            "live" => Ok(Self::Live),
            url if url.contains("://") => Ok(Self::Url(url.to_owned())),
            _ => Err("a target is mock, live or a URL like http://127.0.0.1:8390".into()),
        }
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mock => "mock",
            Self::Live => "live",
            Self::Url(url) => url,
        })
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn live_takes_no_default_credentials() {
        let options = TargetOptions {
            target: TargetName::Live,
            service: Some("mine".to_owned()),
            operator: None,
            password: Some("x".into()),
        };
        let error = options.open().await.unwrap_err().to_string();
        assert!(error.contains("UPYUN_USERNAME"), "{error}");
    }
}
