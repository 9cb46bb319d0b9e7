//! A fault: which requests it is for, what happens to them, and how often.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FaultAction, FaultError};
use crate::api_name::ApiName;

/// A rule that makes the service misbehave.
///
/// Three notations mean the same: methods, JSON like `{"match":{…},"action":{…},"times":n}`, and a line
/// of text:
///
/// ```
/// use http::Method;
/// use upyun_mock::faults::Fault;
///
/// let built = Fault::on(Method::PUT).path("/demo/**").nth(3).status(503).times(1);
/// let short: Fault = "PUT /demo/** nth=3 => status=503 times=1".parse()?;
/// let json = r#"{"match":{"method":"PUT","path":"/demo/**","nth":3},
///                "action":{"status":503},"times":1}"#;
/// assert_eq!(short, built);
/// assert_eq!(short, serde_json::from_str(json)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[must_use = "a fault acts once it is added to a server"]
#[non_exhaustive]
pub struct Fault {
    /// Which requests; all of them if it is left out.
    #[serde(rename = "match", default)]
    pub when: FaultMatch,
    /// What happens.
    pub action: FaultAction,
    /// How often at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// For how long, by the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<f64>,
    /// Words for whoever reads the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Which requests a fault is for: those that all members fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct FaultMatch {
    /// The method, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A glob for the decoded path, `/service/key`: `*` within a segment, `**` across them. For a
    /// callback, the path of its URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/demo/**")]
    pub path: Option<String>,
    /// The API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<ApiName>,
    /// A glob for the host, without its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// A glob for the operator that is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// A glob for the service that is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Headers that are there (`true`), are not (`false`), or have a value that a glob fits.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<String, HeaderWanted>,
    /// The number of the part, of resumable uploads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<u64>,
    /// Only the nth of the requests that the members above fit, counted from 1; or several of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<Numbers>,
    /// Only every nth of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// Only some of them, each with this probability from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What chance is drawn from: the same seed picks the same requests and delays. Without one a seed
    /// is chosen, and told with the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Deliveries of callbacks instead of requests.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub callback: bool,
}

/// What a header must be like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum HeaderWanted {
    /// There, or not.
    Present(bool),
    /// There, with a value that this glob fits.
    Glob(String),
}

/// One number or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Numbers {
    /// One.
    One(u64),
    /// Several.
    Some(Vec<u64>),
}

impl Numbers {
    pub(super) fn has(&self, number: u64) -> bool {
        match self {
            Self::One(one) => *one == number,
            Self::Some(all) => all.contains(&number),
        }
    }
}

impl Fault {
    pub(super) fn lasts(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.for_seconds?).ok()
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        self.action.check(self.when.callback)?;
        if self.for_seconds.is_some() && self.lasts().is_none() {
            return Err(FaultError("for_seconds is no time".to_owned()));
        }
        if let Some(probability) = self.when.probability
            && !(0.0..=1.0).contains(&probability)
        {
            return Err(FaultError(format!(
                "probability {probability} is not within 0 to 1"
            )));
        }
        if self.when.every == Some(0) {
            return Err(FaultError("every 0th request is none".to_owned()));
        }
        if self.when.nth.as_ref().is_some_and(|nth| nth.has(0)) {
            return Err(FaultError("nth counts from 1".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What serde says that it knows.
    fn members<T: serde::de::DeserializeOwned>() -> Vec<String> {
        let error = serde_json::from_str::<T>(r#"{"?":0}"#).err().unwrap();
        let names = error.to_string();
        names
            .split('`')
            .skip(3)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn the_document_names_every_member() {
        let document = include_str!("../../guide/en/src/faults.md");
        for name in [members::<FaultMatch>(), members::<FaultAction>()].concat() {
            let is_named = document.contains(&format!("`{name}`"));
            assert!(is_named, "faults.md does not name `{name}`");
        }
        assert!(members::<FaultAction>().len() > 10);
    }
}
