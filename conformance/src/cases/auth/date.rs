//! Dates of requests, and the half hour in which they count.

use std::time::Duration;

use super::{all_refused, all_served, authorized, date, signed};
use crate::{
    Context, Failure, Outcome,
    case::case,
    wire::{Answer, Api, Request, sign::hmac},
};

const WINDOW: u64 = 1800;

fn shifted(cx: &Context, by_seconds: i64) -> String {
    let by = Duration::from_secs(by_seconds.unsigned_abs());
    httpdate::fmt_http_date(match by_seconds < 0 {
        true => cx.now() - by,
        false => cx.now() + by,
    })
}

/// Sends what depends on the second until the second does not change meanwhile.
async fn in_one_second(cx: &Context, make: impl Fn() -> Request) -> Result<Answer, Failure> {
    loop {
        let (second, request) = (cx.unix(), make());
        let answer = request.send().await?;
        if cx.unix() == second {
            return Ok(answer);
        }
    }
}

case! {
    missing: auth "2.2" auth "14", codes 40100001;
    "A signature without a date is refused."
}
async fn missing(cx: Context) -> Outcome {
    all_refused(
        &cx,
        (401, 40100001, "need date header"),
        |method, request| {
            let operator = cx.operator();
            let text = format!("{method}&{}", cx.path("a.txt"));
            let signature = hmac(&operator.password, &text);
            let value = format!("UPYUN {}:{signature}", operator.name);
            request.unsigned().header("Authorization", value)
        },
    )
    .await
}

case! {
    malformed: auth "2.2" auth "14", codes 40100016;
    "A date that is none is refused."
}
async fn malformed(cx: Context) -> Outcome {
    let unix = cx.unix().to_string();
    for date in ["yesterday", "2016-11-09T14:26:58Z", &unix] {
        let refused = all_refused(
            &cx,
            (401, 40100016, "invalid date value in header"),
            |_, request| request.dated(date),
        )
        .await;
        refused.map_err(|it| it.at(date))?;
    }
    Ok(())
}

case! {
    other_formats: auth "2.2", choice "A-7", codes 40100016;
    "Of HTTP's formats only that of RFC 1123 in GMT is read."
}
async fn other_formats(cx: Context) -> Outcome {
    let now = date(&cx);
    let (weekday, rest) = now.split_at(3);
    let rest = rest.trim_start_matches(", ");
    for date in [
        rest.to_owned(),
        now.replace(" GMT", ""),
        now.replace("GMT", "+0000"),
        now.replace("GMT", "CST"),
        now.replace(weekday, "Xyz"),
        now.replace(' ', "-"),
        now.replace(':', "."),
    ] {
        let refused = cx
            .put("a.txt", "x")
            .dated(&date)
            .refused((401, 40100016, "invalid date value in header"))
            .await;
        refused.map_err(|it| it.at(date))?;
    }
    Ok(())
}

case! {
    spellings: auth "2.2", choice "A-7";
    "The zone may be called UTC, and the weekday need not fit."
}
async fn spellings(cx: Context) -> Outcome {
    let now = date(&cx);
    let weekday = if now.starts_with("Mon") { "Tue" } else { "Mon" };
    for date in [
        now.replace("GMT", "UTC"),
        now.replace(&now[..3], weekday),
        now.replace(", 0", ", "),
    ] {
        let put = cx.put("a.txt", "x").dated(&date).ok().await;
        put.map_err(|it| it.at(date))?;
    }
    Ok(())
}

case! {
    day_of_one_digit: auth "2.2", choice "A-7", codes 40100005, tags NeedsClock;
    "A day may have one digit; the signature is over what was sent."
}
async fn day_of_one_digit(cx: Context) -> Outcome {
    while !date(&cx).contains(", 0") {
        cx.advance(Duration::from_secs(86_400))?;
    }
    let short = date(&cx).replace(", 0", ", ");
    cx.put("a.txt", "x").dated(&short).ok().await?;
    let text = format!("GET&{}&{}", cx.path("a.txt"), date(&cx));
    signed(&cx, cx.get("a.txt"), &short, &text)
        .refused((401, 40100005, "signature error"))
        .await?;
    Ok(())
}

case! {
    too_old: auth "2.2" auth "14", codes 40100002;
    "An hour after its date a request is refused."
}
async fn too_old(cx: Context) -> Outcome {
    let date = shifted(&cx, -3600);
    all_refused(&cx, (401, 40100002, "date offset error"), |_, request| {
        request.dated(&date)
    })
    .await
}

case! {
    too_new: auth "2.2" auth "14", choice "A-8", codes 40100002;
    "An hour before its date a request is refused too."
}
async fn too_new(cx: Context) -> Outcome {
    let date = shifted(&cx, 3600);
    all_refused(&cx, (401, 40100002, "date offset error"), |_, request| {
        request.dated(&date)
    })
    .await
}

case! {
    within: auth "2.2";
    "A date that is some minutes off is good."
}
async fn within(cx: Context) -> Outcome {
    for minutes in [-25, 25] {
        let date = shifted(&cx, minutes * 60);
        let served = all_served(&cx, |_, request| request.dated(&date)).await;
        served.map_err(|it| it.at(minutes))?;
    }
    Ok(())
}

case! {
    to_the_second: auth "2.2", choice "A-8", codes 40100002, tags NeedsClock;
    "30 minutes are 1800 seconds, inclusive, on both sides."
}
async fn to_the_second(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let window = i64::try_from(WINDOW).unwrap_or_default();
    for off in [-window, window] {
        let good = in_one_second(&cx, || cx.get("a.txt").dated(shifted(&cx, off))).await?;
        good.is_status(200).map_err(|it| it.at(off))?;
        let off = off + off.signum();
        let bad = in_one_second(&cx, || cx.get("a.txt").dated(shifted(&cx, off))).await?;
        bad.is_refusal((401, 40100002, "date offset error"))
            .map_err(|it| it.at(off))?;
    }
    Ok(())
}

case! {
    by_the_clock: auth "2.2", codes 40100002, tags NeedsClock;
    "A request that was signed 29 minutes ago is served, one of 31 minutes ago not."
}
async fn by_the_clock(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let bytes = cx.get("a.txt").to_bytes();
    cx.advance(Duration::from_secs(29 * 60))?;
    let mut connection = cx.connect(&Api::Storage).await?;
    connection.write(&bytes).await?;
    connection.answer("GET").await?.is_status(200)?;
    cx.advance(Duration::from_secs(120))?;
    connection.write(&bytes).await?;
    connection
        .answer("GET")
        .await?
        .is_refusal((401, 40100002, "date offset error"))?;
    Ok(())
}

case! {
    x_date_alone: auth "2.2", client;
    "X-Date does instead of Date."
}
async fn x_date_alone(cx: Context) -> Outcome {
    let (date, operator) = (date(&cx), cx.operator());
    all_served(&cx, |method, request| {
        let text = format!("{method}&{}&{date}", cx.path("a.txt"));
        let signature = hmac(&operator.password, &text);
        let value = format!("UPYUN {}:{signature}", operator.name);
        let request = request.unsigned().header("X-Date", &date);
        request.header("Authorization", value)
    })
    .await
}

case! {
    x_date_counts: auth "2.2", choice "A-6";
    "Where both are there, X-Date counts, whatever Date is."
}
async fn x_date_counts(cx: Context) -> Outcome {
    let (now, old) = (date(&cx), shifted(&cx, -7200));
    for other in [old.as_str(), "nonsense"] {
        let served = all_served(&cx, |method, request| {
            let text = format!("{method}&{}&{now}", cx.path("a.txt"));
            signed(&cx, request, other, &text).header("X-Date", &now)
        });
        served.await.map_err(|it| it.at(other))?;
    }
    Ok(())
}

case! {
    x_date_checked: auth "2.2", choice "A-6", codes 40100002 40100016 40100005;
    "Where both are there, a good Date does not help a bad X-Date."
}
async fn x_date_checked(cx: Context) -> Outcome {
    let (now, old) = (date(&cx), shifted(&cx, -7200));
    for (x_date, code) in [
        (&*old, (401, 40100002, "date offset error")),
        ("nonsense", (401, 40100016, "invalid date value in header")),
    ] {
        let refused = all_refused(&cx, code, |method, request| {
            let text = format!("{method}&{}&{x_date}", cx.path("a.txt"));
            signed(&cx, request, &now, &text).header("X-Date", x_date)
        });
        refused.await.map_err(|it| it.at(x_date))?;
    }
    let earlier = shifted(&cx, -60);
    let request = cx.get("a.txt").header("X-Date", earlier);
    request.refused((401, 40100005, "signature error")).await?;
    Ok(())
}

case! {
    not_of_basic: auth "3", codes 40400001;
    "Basic needs no date, and does not look at one."
}
async fn not_of_basic(cx: Context) -> Outcome {
    let operator = cx.operator();
    let pair = format!("{}:{}", operator.name, operator.password);
    let value = format!("Basic {}", crate::wire::sign::base64(pair));
    for date in ["nonsense", &shifted(&cx, -7200)] {
        let request = authorized(cx.get("a.txt"), date, &value);
        request
            .refused((404, 40400001, "file or directory not found"))
            .await
            .map_err(|it| it.at(date))?;
    }
    Ok(())
}
