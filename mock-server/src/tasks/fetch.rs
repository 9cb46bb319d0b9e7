//! spiderman: what is at a URL becomes an object.

use reqwest::{Response, StatusCode, Url, header};
use serde_json::Value;
use upyun_client::protocol::{Md5Digest, header as names};

use super::{
    job::{Job, key_of},
    outcome::{Failure, Success},
    outside::in_words,
};
use crate::store::{Attributes, Body, Opened};

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 5;
const SECONDS_A_DAY: u64 = 86_400;

pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    let save_as = job.needed("save_as")?;
    let key = key_of(save_as)?;
    let url = url(job)?;
    let wanted = md5(job)?;
    let mut attributes = attributes(job)?;
    let overwrites = flag(job, "overwrite", true)?;
    let look = job.text("x-gmkerl-thumb");
    let look = look.map(|text| job.recipe(text)).transpose()?;
    let old = match job.look(save_as).await? {
        Some((_, Opened::File(object))) => Some(object.info()),
        Some((_, Opened::Folder(_))) => {
            return Err(Failure::bad_parameter(format!("{save_as} is a folder")));
        }
        None => None,
    };
    let mut unchanged = Success::of(save_as);
    unchanged.is_unchanged = true;
    if old.is_some() && !overwrites {
        return Ok(unchanged);
    }
    let mut body = fetch(job, url).await?;
    if let Some(wanted) = wanted
        && wanted != body.md5()
    {
        return Err(Failure::bad_parameter(format!(
            "content-md5 is {wanted}, but what was fetched has {}",
            body.md5()
        )));
    }
    if let Some(recipe) = look {
        let (changed, content_type) = job.develop_body(&body, recipe).await?;
        attributes.content_type = Some(content_type.to_owned());
        body = changed;
    }
    if old.is_some_and(|old| old.md5 == body.md5()) {
        return Ok(unchanged);
    }
    job.keep(vec![(key, body, attributes)]).await?;
    Ok(Success::of(save_as))
}

fn url(job: &Job) -> Result<Url, Failure> {
    let text = job.needed("url")?;
    let mut url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| Failure::bad_parameter(format!("{text:?} is no http or https URL")))?;
    if flag(job, "random", false)? {
        let random = rand::random::<u64>().to_string();
        let query = match url.query() {
            Some(query) => format!("{query}&{random}"),
            None => random,
        };
        url.set_query(Some(&query));
    }
    Ok(url)
}

/// A yes or no, which some clients send as a text.
fn flag(job: &Job, name: &str, default: bool) -> Result<bool, Failure> {
    match job.parameters().get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(Value::Bool(value)) => Ok(*value),
        Some(Value::String(text)) if text == "true" => Ok(true),
        Some(Value::String(text)) if text == "false" => Ok(false),
        Some(other) => Err(Failure::bad_parameter(format!(
            "{name} is {other}; it is true or false"
        ))),
    }
}

fn md5(job: &Job) -> Result<Option<Md5Digest>, Failure> {
    job.text("content-md5")
        .map(|text| {
            text.parse()
                .map_err(|_| Failure::bad_parameter(format!("content-md5 is {text:?}, no MD5")))
        })
        .transpose()
}

/// What the object is to have besides its content.
fn attributes(job: &Job) -> Result<Attributes, Failure> {
    let mut attributes = Attributes {
        content_type: job.text("content-type").map(str::to_owned),
        ..Attributes::default()
    };
    for (name, value) in job.parameters() {
        let Some(name) = name
            .to_ascii_lowercase()
            .strip_prefix(names::X_UPYUN_META_PREFIX)
            .map(str::to_owned)
        else {
            continue;
        };
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if name == names::META_TTL {
            let days = value
                .parse::<u64>()
                .ok()
                .filter(|days| (1..=180).contains(days));
            let days = days.ok_or_else(|| {
                Failure::bad_parameter(format!(
                    "{name} is {value:?}, no number of days from 1 to 180"
                ))
            })?;
            attributes.expires_at = Some(job.world.clock.unix() + days * SECONDS_A_DAY);
        }
        attributes.meta.push((name, value.into_bytes()));
    }
    if let Some(secret) = job.text("content-secret") {
        if !secret.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Failure::bad_parameter(
                "content-secret has other characters than letters and digits",
            ));
        }
        let secret = (names::META_SECRET.to_owned(), secret.into());
        attributes.meta.push(secret);
    }
    Ok(attributes)
}

/// Fetches into the store's keeping; nothing is visible yet.
async fn fetch(job: &Job, url: Url) -> Result<Body, Failure> {
    let mut answer = ask(job, url).await?;
    let most = job.world.limits.task_output_bytes;
    let announced = answer.content_length();
    let mut upload = job.service.upload();
    let mut received = 0;
    let broke = |error: reqwest::Error| {
        Failure::tool(format!("the connection broke: {}", in_words(&error)))
    };
    while let Some(piece) = answer.chunk().await.map_err(broke)? {
        received += piece.len() as u64;
        if received > most {
            return Err(Failure::tool(format!(
                "the URL gives more than {most} bytes"
            )));
        }
        upload.write(piece).await?;
        if let Some(all) = announced {
            job.advance(received, all);
        }
    }
    Ok(upload.finish().await?)
}

/// Asks for a URL and follows redirects, each of which must be allowed.
async fn ask(job: &Job, mut url: Url) -> Result<Response, Failure> {
    for _ in 0..=MAX_REDIRECTS {
        let sent = job.world.outside.send(url.as_str(), reqwest::Client::get);
        let answer = sent.await.map_err(Failure::tool)?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        if status == StatusCode::NOT_FOUND {
            return Err(Failure::not_found(format!("nothing is at {url}")));
        }
        let next = answer.headers().get(header::LOCATION);
        let next = next.and_then(|next| next.to_str().ok());
        match next.filter(|_| status.is_redirection()) {
            Some(next) => {
                url = url.join(next).map_err(|error| {
                    Failure::tool(format!("{url} leads to {next:?}, no URL: {error}"))
                })?;
            }
            None => return Err(Failure::tool(format!("{url} answers {status}"))),
        }
    }
    Err(Failure::tool(format!(
        "there are more than {MAX_REDIRECTS} redirects"
    )))
}
