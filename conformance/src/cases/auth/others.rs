//! The signatures of the other hosts.

use super::{NOBODY, authorized, date};
use crate::{
    Context, Outcome,
    case::case,
    target::{Operator, fixtures},
    wire::{Api, Request, sign::md5},
};

/// Asks about a task that does not exist, which is answered as a success.
fn status(cx: &Context) -> Request {
    let query = format!("service={}&task_ids={}", cx.service(), md5("no task"));
    cx.request("GET", "/status/").query(&query).to(Api::Tasks)
}

case! {
    tasks_with_the_query: auth "2.5" auth "2.1", client;
    "Questions about tasks are signed with their query."
}
async fn tasks_with_the_query(cx: Context) -> Outcome {
    status(&cx).ok().await?;
    Ok(())
}

case! {
    tasks_without_the_query: auth "2.1", choice "A-4";
    "They may be signed over the path alone."
}
async fn tasks_without_the_query(cx: Context) -> Outcome {
    status(&cx).signed_over("/status/").ok().await?;
    Ok(())
}

case! {
    tasks_refused: auth "2.5" auth "14", codes 40100004 40100005 40100006 40100002 40100016;
    "Asking about tasks is refused for the same mistakes as asking for objects."
}
async fn tasks_refused(cx: Context) -> Outcome {
    let operator = cx.operator();
    let other = Operator::new(&operator.name, "another password");
    let nobody = Operator::new(NOBODY, &operator.password);
    status(&cx)
        .unsigned()
        .refused((401, 40100004, "need authorization header"))
        .await?;
    status(&cx)
        .by(&other)
        .refused((401, 40100005, "signature error"))
        .await?;
    status(&cx)
        .by(&nobody)
        .refused((401, 40100006, "user not exists"))
        .await?;
    let old = "Wed, 09 Nov 2016 14:26:58 GMT";
    status(&cx)
        .dated(old)
        .refused((401, 40100002, "date offset error"))
        .await?;
    status(&cx)
        .dated("nonsense")
        .refused((401, 40100016, "invalid date value in header"))
        .await?;
    Ok(())
}

case! {
    tasks_with_the_md5_of_the_form: auth "2.5", client, codes 40100005 40010001;
    "A submission may carry the signed MD5 of its form; what is sent is signed."
}
async fn tasks_with_the_md5_of_the_form(cx: Context) -> Outcome {
    // A form without tasks, so that nothing is done: that is found after the signature.
    let body = format!("service={}", cx.service());
    let post = || {
        let request = cx
            .request("POST", "/pretreatment/")
            .to(Api::Tasks)
            .body(&body);
        request.header("Content-Type", "application/x-www-form-urlencoded")
    };
    post()
        .refused((400, 40010001, "not enough arguments"))
        .await?;
    post()
        .header("Content-MD5", md5(&body))
        .refused((400, 40010001, "not enough arguments"))
        .await?;
    let date = date(&cx);
    let text = format!("POST&/pretreatment/&{date}");
    let request = post().header("Content-MD5", md5(&body));
    super::signed(&cx, request, &date, &text)
        .refused((401, 40100005, "signature error"))
        .await?;
    Ok(())
}

case! {
    tasks_the_old_way: auth "8", client, codes 40100005 40100006, tags Legacy;
    "The parameters, sorted, between operator and password MD5, make the signature of old, without a date."
}
async fn tasks_the_old_way(cx: Context) -> Outcome {
    let operator = cx.operator();
    let (service, ids) = (cx.service(), md5("no task"));
    let ask = |name: &str, pairs: &str, key: &str| {
        let signature = md5(format!("{name}{pairs}{}", md5(key)));
        let value = format!("UpYun {name}:{signature}");
        status(&cx).unsigned().header("Authorization", value)
    };
    let sorted = format!("service{service}task_ids{ids}");
    let password = &operator.password;
    ask(&operator.name, &sorted, password).ok().await?;
    let unsorted = format!("task_ids{ids}service{service}");
    ask(&operator.name, &unsorted, password)
        .refused((401, 40100005, "signature error"))
        .await?;
    ask(&operator.name, &sorted, "another password")
        .refused((401, 40100005, "signature error"))
        .await?;
    ask(NOBODY, &sorted, password)
        .refused((401, 40100006, "user not exists"))
        .await?;
    Ok(())
}

case! {
    sync_tasks: auth "2.5", client, codes 40100005;
    "Synchronous tasks are signed in the same way, with the MD5 of their JSON if it is sent."
}
async fn sync_tasks(cx: Context) -> Outcome {
    let path = format!("/{}/m3u8er/get_meta", cx.service());
    let body = "{\"m3u8\":\"/no/such.m3u8\"}";
    let post = || {
        let request = cx.request("POST", &path).to(Api::SyncTasks).body(body);
        request.header("Content-Type", "application/json")
    };
    let other = Operator::new(&cx.operator().name, "another password");
    post()
        .by(&other)
        .refused((401, 40100005, "signature error"))
        .await?;
    for request in [post(), post().header("Content-MD5", md5(body))] {
        let answer = request.send().await?;
        // That there is no such list is not the signature's business.
        crate::failure::holds(answer.status != 401, "no 401", answer.status)?;
    }
    Ok(())
}

/// A refresh of one URL of an object in the case's folder, signed so.
fn refresh(cx: &Context, parts: [&str; 3], by: &Operator, date: &str) -> Request {
    let [signed, service, signed_service] = parts;
    let body = format!("purge={}", signed.replace(':', "%3A").replace('\n', "%0A"));
    let text = format!("{signed}&{signed_service}&{date}&{}", md5(&by.password));
    let request = cx.request("POST", "/purge/").to(Api::Purge).body(body);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let value = format!("UpYun {service}:{}:{}", by.name, md5(text));
    authorized(request, date, value)
}

case! {
    refresh_signed: auth "9" auth "1", tags Destructive;
    "A refresh is signed over its decoded list, a newline at the end included, service and date."
}
async fn refresh_signed(cx: Context) -> Outcome {
    let (date, service) = (date(&cx), cx.service());
    let url = format!("http://{service}.b0.upaiyun.com/a");
    for list in [url.clone(), format!("{url}\n")] {
        refresh(&cx, [&list, service, service], cx.operator(), &date)
            .ok()
            .await?;
    }
    Ok(())
}

case! {
    refresh_refused: auth "9", codes 40100005 40100006 40100012 40100002 40100001;
    "Another password, another service or an old date is refused."
}
async fn refresh_refused(cx: Context) -> Outcome {
    let (date, service, operator) = (date(&cx), cx.service(), cx.operator());
    let url = format!("http://{service}.b0.upaiyun.com/a");
    let other = Operator::new(&operator.name, "another password");
    let nobody = Operator::new(NOBODY, &operator.password);
    let nowhere = format!("no-such-service-{}", cx.unix());
    let old = "Wed, 09 Nov 2016 14:26:58 GMT";
    let ask = |service, signed, by, date| refresh(&cx, [&*url, service, signed], by, date);
    ask(service, service, &other, &date)
        .refused((401, 40100005, "signature error"))
        .await?;
    ask(service, "other", operator, &date)
        .refused((401, 40100005, "signature error"))
        .await?;
    ask(service, service, &nobody, &date)
        .refused((401, 40100006, "user not exists"))
        .await?;
    ask(&nowhere, &nowhere, operator, &date)
        .refused((401, 40100012, "bucket not exist"))
        .await?;
    ask(service, service, operator, old)
        .refused((401, 40100002, "date offset error"))
        .await?;
    ask(service, service, operator, "")
        .refused((401, 40100001, "need date header"))
        .await?;
    Ok(())
}

case! {
    refresh_without_the_right: auth "9" auth "14", codes 40100017, tags NeedsControl;
    "A refresh needs the right to write."
}
async fn refresh_without_the_right(cx: Context) -> Outcome {
    let (date, service) = (date(&cx), cx.service());
    let url = format!("http://{service}.b0.upaiyun.com/a");
    let by = |name| {
        refresh(
            &cx,
            [&url, service, service],
            &fixtures::operator(name),
            &date,
        )
    };
    by(fixtures::READER)
        .refused((401, 40100017, "user need permission"))
        .await?;
    by(fixtures::WRITER).ok().await?;
    Ok(())
}
