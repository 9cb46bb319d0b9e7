//! Cache refresh: `purge.md`.

use upyun_test_kit::Refusal;

use std::time::Duration;

use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    Context, Outcome,
    case::case,
    failure::{Failure, same},
    target::{Operator, fixtures},
    wire::{Answer, Api, Request, sign::md5},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// A refresh in the making; what is not changed is right.
#[derive(Clone)]
#[must_use]
struct Purge {
    cx: Context,
    service: String,
    operator: Operator,
    urls: String,
    /// Instead of the list, in the signature.
    signed: Option<String>,
    date: Option<String>,
}

fn purge(cx: &Context, urls: impl Into<String>) -> Purge {
    Purge {
        cx: cx.clone(),
        service: cx.service().to_owned(),
        operator: cx.operator().clone(),
        urls: urls.into(),
        signed: None,
        date: None,
    }
}

impl Purge {
    fn by(self, operator: &Operator) -> Self {
        Self {
            operator: operator.clone(),
            ..self
        }
    }

    fn dated(self, date: impl Into<String>) -> Self {
        Self {
            date: Some(date.into()),
            ..self
        }
    }

    fn signed_over(self, text: impl Into<String>) -> Self {
        Self {
            signed: Some(text.into()),
            ..self
        }
    }

    fn date(&self) -> String {
        let date = self.date.clone();
        date.unwrap_or_else(|| httpdate::fmt_http_date(self.cx.now()))
    }

    fn authorization(&self) -> String {
        let Operator { name, password } = &self.operator;
        let (service, date) = (&self.service, self.date());
        let urls = self.signed.as_ref().unwrap_or(&self.urls);
        let signature = md5(format!("{urls}&{service}&{date}&{}", md5(password)));
        format!("UpYun {service}:{name}:{signature}")
    }

    /// Without credentials.
    fn bare(&self, kind: &str, body: impl AsRef<[u8]>) -> Request {
        let request = self.cx.request("POST", "/purge/").to(Api::Purge).unsigned();
        request.header("Content-Type", kind).body(body)
    }

    fn with(&self, kind: &str, body: impl AsRef<[u8]>) -> Request {
        let request = self.bare(kind, body).header("Date", self.date());
        request.header("Authorization", self.authorization())
    }

    fn body(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("purge", &self.urls).finish()
    }

    fn request(&self) -> Request {
        self.with(FORM, self.body())
    }

    /// The URLs that do not belong to the service.
    async fn invalid(&self) -> Result<Value, Failure> {
        Ok(self.request().ok().await?.json()?["invalid_domain_of_url"].clone())
    }

    async fn refused(&self, code: Refusal) -> Result<Answer, Failure> {
        self.request().refused(code).await
    }
}

/// A URL of the service, for each of these names.
fn urls(cx: &Context, names: &[&str]) -> String {
    let url = |name: &&str| format!("http://{}.b0.upaiyun.com{}", cx.service(), cx.key(name));
    names.iter().map(url).collect::<Vec<_>>().join("\n")
}

case! {
    of_the_service: purge "1" purge "2", client, tags Destructive;
    "Where all URLs belong to the service, the answer has an empty object, whether or not they exist."
}
async fn of_the_service(cx: Context) -> Outcome {
    let answer = purge(&cx, urls(&cx, &["a.png", "b.png"]))
        .request()
        .ok()
        .await?;
    answer.has("Content-Type", "application/json")?;
    same(
        "the answer",
        answer.json()?,
        json!({ "invalid_domain_of_url": {} }),
    )
}

case! {
    of_others: purge "2", tags Destructive;
    "URLs that do not belong to the service come back in an array, whole and in order."
}
async fn of_others(cx: Context) -> Outcome {
    let (one, two) = (
        "http://invalid.example.com/unix.png",
        "https://x.example.com/b?c",
    );
    let list = format!("{one}\n{}\n{two}", urls(&cx, &["a.png"]));
    same(
        "invalid URLs",
        purge(&cx, list).invalid().await?,
        json!([one, two]),
    )
}

case! {
    with_a_last_line_feed: purge "1" auth "9", client, tags Destructive;
    "A line feed at the end, as Python sends it, is part of what is signed."
}
async fn with_a_last_line_feed(cx: Context) -> Outcome {
    let list = urls(&cx, &["a.png"]) + "\n";
    same(
        "invalid URLs",
        purge(&cx, &*list).invalid().await?,
        json!({}),
    )?;
    let other = purge(&cx, &*list).signed_over(list.trim_end());
    other.refused((401, 40100005, "signature error")).await?;
    Ok(())
}

case! {
    as_python_sends_it: purge "1", client, tags Destructive;
    "Keys may stand in URLs unencoded, and Accept is ignored."
}
async fn as_python_sends_it(cx: Context) -> Outcome {
    let list = urls(&cx, &["图 片 a.png"]) + "\n";
    let request = purge(&cx, list)
        .request()
        .header("Accept", "application/json");
    same(
        "the answer",
        request.ok().await?.json()?,
        json!({ "invalid_domain_of_url": {} }),
    )
}

case! {
    as_go_sends_it: purge "1", client, tags Destructive;
    "The Content-Type may name a charset."
}
async fn as_go_sends_it(cx: Context) -> Outcome {
    let purge = purge(&cx, urls(&cx, &["a.png"]));
    let kind = "application/x-www-form-urlencoded;charset=utf-8";
    purge.with(kind, purge.body()).ok().await?;
    Ok(())
}

case! {
    as_node_sends_it: purge "1", choice "P-1", codes 40100005, tags Destructive;
    "A list that is not encoded is one if it decodes to itself; a plus or percent in it is a wrong signature."
}
async fn as_node_sends_it(cx: Context) -> Outcome {
    let raw = |list: String| {
        let purge = purge(&cx, &*list);
        purge.with(FORM, format!("purge={list}"))
    };
    raw(urls(&cx, &["a.png", "b.png"])).ok().await?;
    for name in ["a+b.png", "a%20b.png"] {
        let list = urls(&cx, &["x"]).replace('x', name);
        raw(list)
            .refused((401, 40100005, "signature error"))
            .await
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    as_curl_sends_it: purge "1", tags Destructive;
    "The field may come in a multipart form."
}
async fn as_curl_sends_it(cx: Context) -> Outcome {
    let purge = purge(&cx, urls(&cx, &["a.png", "b.png"]));
    let head = "Content-Disposition: form-data; name=\"purge\"";
    let body = format!("--B\r\n{head}\r\n\r\n{}\r\n--B--\r\n", purge.urls);
    let answer = purge
        .with("multipart/form-data; boundary=B", body)
        .ok()
        .await?;
    same(
        "the answer",
        answer.json()?,
        json!({ "invalid_domain_of_url": {} }),
    )
}

case! {
    domains: purge "2", tags Destructive NeedsControl;
    "A service has two domains of its own and those that are bound to it, by http and https."
}
async fn domains(cx: Context) -> Outcome {
    let service = cx.service();
    let hosts = [
        &*format!("http://{service}.b0.upaiyun.com"),
        &*format!("https://{service}.test.upcdn.net"),
        &*format!("http://{}", fixtures::BOUND_DOMAIN),
    ];
    let list = hosts.map(|host| format!("{host}/a.png")).join("\n");
    same("invalid URLs", purge(&cx, list).invalid().await?, json!({}))?;
    let other = format!("http://{}.b0.upaiyun.com/a.png", fixtures::SECOND);
    same(
        "invalid URLs",
        purge(&cx, &*other).invalid().await?,
        json!([other]),
    )
}

case! {
    domains_written_otherwise: purge "2", choice "P-2", tags Destructive;
    "Domains are compared in any case of letters and without their port."
}
async fn domains_written_otherwise(cx: Context) -> Outcome {
    let service = cx.service();
    let list = format!("http://{service}.B0.UpaiYun.com/a\nhttp://{service}.b0.upaiyun.com:8080/a");
    same("invalid URLs", purge(&cx, list).invalid().await?, json!({}))
}

case! {
    no_urls: purge "2", choice "P-3", tags Destructive;
    "A line that is no absolute URL of http or https is invalid, and comes back as it stands."
}
async fn no_urls(cx: Context) -> Outcome {
    let service = cx.service();
    let ftp = format!("ftp://{service}.b0.upaiyun.com/a");
    let bare = format!("{service}.b0.upaiyun.com/a");
    let list = format!("/a.png\n{ftp}\n{bare}\nhttp://");
    let want = json!(["/a.png", ftp, bare, "http://"]);
    same("invalid URLs", purge(&cx, list).invalid().await?, want)
}

case! {
    empty_lines: purge "2", choice "P-4", tags Destructive;
    "Empty lines are skipped."
}
async fn empty_lines(cx: Context) -> Outcome {
    let list = format!("\n\n{}\n\n", urls(&cx, &["a.png"]));
    same("invalid URLs", purge(&cx, list).invalid().await?, json!({}))
}

case! {
    duplicates: purge "2", choice "P-5", tags Destructive;
    "A URL that stands twice comes back once."
}
async fn duplicates(cx: Context) -> Outcome {
    let list = "http://x.example.com/a\nhttp://x.example.com/b\nhttp://x.example.com/a";
    let want = json!(["http://x.example.com/a", "http://x.example.com/b"]);
    same("invalid URLs", purge(&cx, list).invalid().await?, want)
}

case! {
    unsigned: purge "3", choice "P-6", codes 40100004;
    "Without Authorization it is refused, with the text of the error table."
}
async fn unsigned(cx: Context) -> Outcome {
    let purge = purge(&cx, urls(&cx, &["a"]));
    let request = purge.bare(FORM, purge.body()).header("Date", purge.date());
    request
        .refused((401, 40100004, "need authorization header"))
        .await?;
    Ok(())
}

case! {
    realm_unknown: purge "3", choice "P-7", codes 40100003;
    "Another scheme, and other than three fields, is an unknown realm."
}
async fn realm_unknown(cx: Context) -> Outcome {
    let purge = purge(&cx, urls(&cx, &["a"]));
    let good = purge.authorization();
    let other = good.replace("UpYun", "Basic");
    let (operator, service) = (&cx.operator().name, cx.service());
    for value in [
        &*other,
        &*format!("UpYun {operator}:x"),
        &*format!("UpYun {service}"),
        "UpYun",
    ] {
        let request = purge.bare(FORM, purge.body()).header("Date", purge.date());
        let request = request.header("Authorization", value);
        request
            .refused((401, 40100003, "unknown realm in authorization header"))
            .await
            .map_err(|it| it.at(value))?;
    }
    Ok(())
}

case! {
    no_date: purge "3", codes 40100001;
    "Without Date it is refused."
}
async fn no_date(cx: Context) -> Outcome {
    let purge = purge(&cx, urls(&cx, &["a"]));
    let request = purge.bare(FORM, purge.body());
    let request = request.header("Authorization", purge.authorization());
    request.refused((401, 40100001, "need date header")).await?;
    Ok(())
}

case! {
    date_malformed: purge "3", codes 40100016;
    "A Date that is none is refused."
}
async fn date_malformed(cx: Context) -> Outcome {
    purge(&cx, urls(&cx, &["a"]))
        .dated("yesterday")
        .refused((401, 40100016, "invalid date value in header"))
        .await?;
    Ok(())
}

case! {
    date_off: purge "3" purge "1", codes 40100002;
    "A Date more than 30 minutes off is refused, in both directions."
}
async fn date_off(cx: Context) -> Outcome {
    let purge = purge(&cx, urls(&cx, &["a"]));
    let off = Duration::from_secs(31 * 60);
    for time in [cx.now() - off, cx.now() + off] {
        let date = httpdate::fmt_http_date(time);
        purge
            .clone()
            .dated(date)
            .refused((401, 40100002, "date offset error"))
            .await?;
    }
    let late = httpdate::fmt_http_date(cx.now() - Duration::from_secs(29 * 60));
    purge.dated(late).request().ok().await?;
    Ok(())
}

case! {
    operator_unknown: purge "3", codes 40100006;
    "An operator that is not there is refused."
}
async fn operator_unknown(cx: Context) -> Outcome {
    let nobody = Operator::new("nobody-at-all", "x");
    purge(&cx, urls(&cx, &["a"]))
        .by(&nobody)
        .refused((401, 40100006, "user not exists"))
        .await?;
    Ok(())
}

case! {
    service_unknown: purge "3", codes 40100012;
    "A service that is not there is refused."
}
async fn service_unknown(cx: Context) -> Outcome {
    let mut purge = purge(&cx, urls(&cx, &["a"]));
    purge.service = "no-such-service-at-all".to_owned();
    purge.refused((401, 40100012, "bucket not exist")).await?;
    Ok(())
}

case! {
    signature_wrong: purge "3" auth "9", codes 40100005;
    "Another password, and another list than the one that is signed, is a signature error."
}
async fn signature_wrong(cx: Context) -> Outcome {
    let purge = purge(&cx, urls(&cx, &["a"]));
    let other = Operator::new(&*cx.operator().name, "another password");
    purge
        .clone()
        .by(&other)
        .refused((401, 40100005, "signature error"))
        .await?;
    purge
        .signed_over(urls(&cx, &["b"]))
        .refused((401, 40100005, "signature error"))
        .await?;
    Ok(())
}

case! {
    without_the_right: purge "3", codes 40100017, tags NeedsControl;
    "Refreshing belongs to the right to write."
}
async fn without_the_right(cx: Context) -> Outcome {
    let purge = purge(&cx, urls(&cx, &["a"]));
    for name in [fixtures::READER, fixtures::DELETER, fixtures::STRANGER] {
        let operator = fixtures::operator(name);
        let refused = purge
            .clone()
            .by(&operator)
            .refused((401, 40100017, "user need permission"))
            .await;
        refused.map_err(|it| it.at(name))?;
    }
    let writer = fixtures::operator(fixtures::WRITER);
    purge.by(&writer).request().ok().await?;
    Ok(())
}

case! {
    no_list: purge "3", codes 40000035;
    "Without a list, and with an empty one, it is refused."
}
async fn no_list(cx: Context) -> Outcome {
    purge(&cx, "")
        .refused((400, 40000035, "need purge body"))
        .await?;
    let purge = purge(&cx, urls(&cx, &["a"]));
    for body in ["", "urls=x", "purge="] {
        let request = purge.with(FORM, body);
        request
            .refused((400, 40000035, "need purge body"))
            .await
            .map_err(|it| it.at(body))?;
    }
    Ok(())
}

case! {
    too_many: purge "3", choice "P-8" "P-11", codes 40300029, tags Destructive;
    "One request has at most 600 URLs, invalid ones included."
}
async fn too_many(cx: Context) -> Outcome {
    let list = |count: usize| {
        let url = |number| format!("http://x.example.com/{number}");
        (0..count).map(url).collect::<Vec<_>>().join("\n")
    };
    purge(&cx, list(601))
        .refused((403, 40300029, "purge too much items"))
        .await?;
    let invalid = purge(&cx, list(600)).invalid().await?;
    same("invalid URLs", invalid.as_array().map(Vec::len), Some(600))
}

case! {
    too_many_a_minute: purge "3", choice "P-9" "P-11", codes 40600000, tags Destructive NeedsClock;
    "A service refreshes at most 600 URLs a minute, invalid ones included."
}
async fn too_many_a_minute(cx: Context) -> Outcome {
    let list = |count: usize| {
        let url = |number| format!("http://x.example.com/{number}");
        (0..count).map(url).collect::<Vec<_>>().join("\n")
    };
    purge(&cx, list(400)).invalid().await?;
    purge(&cx, list(201))
        .refused((406, 40600000, "purge too much items"))
        .await?;
    purge(&cx, list(200)).invalid().await?;
    purge(&cx, list(1))
        .refused((406, 40600000, "purge too much items"))
        .await?;
    cx.advance(Duration::from_secs(61))?;
    purge(&cx, list(600)).invalid().await?;
    Ok(())
}

case! {
    order: purge "3", choice "P-10", codes 40100003 40100001 40100002 40100006 40100012 40000035 40100005;
    "Of several faults the first of the documented order is told."
}
async fn order(cx: Context) -> Outcome {
    let old = httpdate::fmt_http_date(cx.now() - Duration::from_secs(3600));
    let mut faults = purge(&cx, "").by(&Operator::new("nobody-at-all", "x"));
    faults.service = "no-such-service-at-all".to_owned();
    faults.date = Some(old);
    let request = faults.bare(FORM, "").header("Authorization", "x");
    request
        .refused((401, 40100003, "unknown realm in authorization header"))
        .await?;
    let request = faults.bare(FORM, "");
    let request = request.header("Authorization", faults.authorization());
    request.refused((401, 40100001, "need date header")).await?;
    faults.refused((401, 40100002, "date offset error")).await?;
    faults.date = None;
    faults.refused((401, 40100006, "user not exists")).await?;
    faults.operator = Operator::new(&*cx.operator().name, "another password");
    faults.refused((401, 40100012, "bucket not exist")).await?;
    faults.service = cx.service().to_owned();
    faults.refused((400, 40000035, "need purge body")).await?;
    faults.urls = vec!["http://x.example.com/"; 601].join("\n");
    faults.refused((401, 40100005, "signature error")).await?;
    faults.operator = cx.operator().clone();
    faults
        .refused((403, 40300029, "purge too much items"))
        .await?;
    Ok(())
}

case! {
    other_methods: purge "1" errors "3", choice "own", codes 40500000;
    "Refreshing is a POST."
}
async fn other_methods(cx: Context) -> Outcome {
    for method in ["GET", "PUT", "DELETE"] {
        let request = cx.request(method, "/purge/").to(Api::Purge);
        request
            .refused((405, 40500000, "method not allowed"))
            .await
            .map_err(|it| it.at(method))?;
    }
    Ok(())
}
