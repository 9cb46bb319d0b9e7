//! Tokens: what an operator delegates, for some keys and some time.

use std::time::Duration;

use super::{NOBODY, all_refused, all_served};
use crate::{
    Context, Failure, Outcome,
    case::case,
    target::{Operator, fixtures},
    wire::{Request, sign::hmac, sign::md5},
};

/// A token, as it is made and as it is sent.
#[derive(Clone)]
struct Token {
    operator: Operator,
    prefix: Option<String>,
    postfix: Option<String>,
    expire: String,
}

impl Token {
    /// For everything in the case's folder, for ten minutes.
    fn new(cx: &Context) -> Self {
        Self {
            operator: cx.operator().clone(),
            prefix: Some(cx.path("")),
            postfix: None,
            expire: (cx.unix() + 600).to_string(),
        }
    }

    fn prefix<'a>(self, prefix: impl Into<Option<&'a str>>) -> Self {
        let prefix = prefix.into().map(str::to_owned);
        Self { prefix, ..self }
    }

    fn postfix<'a>(self, postfix: impl Into<Option<&'a str>>) -> Self {
        let postfix = postfix.into().map(str::to_owned);
        Self { postfix, ..self }
    }

    fn expire(self, expire: impl ToString) -> Self {
        let expire = expire.to_string();
        Self { expire, ..self }
    }

    fn by(self, name: &str, password: &str) -> Self {
        let operator = Operator::new(name, password);
        Self { operator, ..self }
    }

    fn signature(&self, method: &str) -> String {
        let mut text = method.to_owned();
        for part in [&self.prefix, &self.postfix].into_iter().flatten() {
            text.push_str(&format!("&{part}"));
        }
        text.push_str(&format!("&{}", self.expire));
        hmac(&self.operator.password, &text)
    }

    /// The request with the token's headers, and a credential of any kind.
    fn carry(&self, request: Request, signature: &str) -> Request {
        let value = format!("UPYUN {}:{signature}", self.operator.name);
        let mut request = request.unsigned().header("Authorization", value);
        for (name, value) in [
            ("X-Upyun-Uri-Prefix", &self.prefix),
            ("X-Upyun-Uri-Postfix", &self.postfix),
        ] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        request.header("X-Upyun-Expire", &self.expire)
    }

    fn of(&self, method: &str, request: Request) -> Request {
        self.carry(request, &self.signature(method))
    }
}

case! {
    by_prefix: auth "4" auth "1";
    "A token with a prefix serves for every method, without a date."
}
async fn by_prefix(cx: Context) -> Outcome {
    let token = Token::new(&cx);
    all_served(&cx, |method, it| token.of(method, it)).await
}

case! {
    by_postfix: auth "4";
    "A token with a postfix serves for every key that ends so."
}
async fn by_postfix(cx: Context) -> Outcome {
    let token = Token::new(&cx).prefix(None).postfix(".txt");
    all_served(&cx, |method, it| token.of(method, it)).await
}

case! {
    by_both: auth "4";
    "A token may have both."
}
async fn by_both(cx: Context) -> Outcome {
    let token = Token::new(&cx).postfix(".txt");
    all_served(&cx, |method, it| token.of(method, it)).await
}

case! {
    serves_often: auth "4";
    "One token serves for many keys, and its prefix may end inside a name."
}
async fn serves_often(cx: Context) -> Outcome {
    let prefix = cx.path("client_37");
    let token = Token::new(&cx).prefix(&*prefix);
    for name in ["client_37", "client_37.txt", "client_370/b.txt"] {
        token
            .of("PUT", cx.put(name, "x"))
            .ok()
            .await
            .map_err(|it| it.at(name))?;
    }
    token
        .of("PUT", cx.put("client_38", "x"))
        .refused((401, 40100022, "uri prefix error"))
        .await?;
    Ok(())
}

case! {
    prefix_does_not_fit: auth "4" auth "14", codes 40100022;
    "A path that does not start with the prefix is refused."
}
async fn prefix_does_not_fit(cx: Context) -> Outcome {
    let other = cx.path("b");
    let token = Token::new(&cx).prefix(&*other);
    all_refused(&cx, (401, 40100022, "uri prefix error"), |method, it| {
        token.of(method, it)
    })
    .await
}

case! {
    postfix_does_not_fit: auth "4" auth "14", codes 40100023;
    "A path that does not end with the postfix is refused."
}
async fn postfix_does_not_fit(cx: Context) -> Outcome {
    for prefix in [None, Some(&*cx.path(""))] {
        let token = Token::new(&cx).prefix(prefix).postfix(".jpg");
        all_refused(&cx, (401, 40100023, "uri postfix error"), |method, it| {
            token.of(method, it)
        })
        .await?;
    }
    Ok(())
}

case! {
    path_as_sent: auth "4", choice "A-13", codes 40100022 40100023;
    "Prefix and postfix are compared with the path as it is sent, without the query."
}
async fn path_as_sent(cx: Context) -> Outcome {
    let name = "a b/c d";
    cx.put(name, "x").ok().await?;
    let (prefix, decoded) = (
        cx.path("a b"),
        format!("/{}{}", cx.service(), cx.key("a b")),
    );
    let token = Token::new(&cx).prefix(&*prefix).postfix("c%20d");
    let get = |token: &Token| token.of("GET", cx.get(name).query("x=y"));
    get(&token).ok().await?;
    get(&token.clone().prefix(&*decoded))
        .refused((401, 40100022, "uri prefix error"))
        .await?;
    get(&token.clone().postfix("c d"))
        .refused((401, 40100023, "uri postfix error"))
        .await?;
    get(&token.postfix("x=y"))
        .refused((401, 40100023, "uri postfix error"))
        .await?;
    Ok(())
}

case! {
    expired: auth "4" auth "14", codes 40100024;
    "After its time a token is refused."
}
async fn expired(cx: Context) -> Outcome {
    let token = Token::new(&cx).expire(cx.unix() - 60);
    all_refused(&cx, (401, 40100024, "expire error"), |method, it| {
        token.of(method, it)
    })
    .await
}

case! {
    expires_by_the_clock: auth "4", codes 40100024, tags NeedsClock;
    "A token serves until its time has come, far longer than a date would."
}
async fn expires_by_the_clock(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let token = Token::new(&cx).expire(cx.unix() + 7200);
    cx.advance(Duration::from_secs(7100))?;
    token.of("GET", cx.get("a.txt")).ok().await?;
    cx.advance(Duration::from_secs(200))?;
    token
        .of("GET", cx.get("a.txt"))
        .refused((401, 40100024, "expire error"))
        .await?;
    Ok(())
}

case! {
    in_its_last_second: auth "4", choice "A-14", tags NeedsClock;
    "In the second of its expiry a token still serves."
}
async fn in_its_last_second(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    loop {
        let second = cx.unix();
        let answer = Token::new(&cx)
            .expire(second)
            .of("GET", cx.get("a.txt"))
            .send()
            .await?;
        if cx.unix() == second {
            answer.is_status(200)?;
            return Ok(());
        }
    }
}

case! {
    expire_malformed: auth "4" auth "14", codes 40100024;
    "A time that is missing or no integer is refused."
}
async fn expire_malformed(cx: Context) -> Outcome {
    let later = cx.unix() + 600;
    for expire in ["", "soon", &format!("{later}.5"), &format!("{later} s")] {
        let token = Token::new(&cx).expire(expire);
        let refused = all_refused(&cx, (401, 40100024, "expire error"), |method, it| {
            token.of(method, it)
        })
        .await;
        refused.map_err(|it| it.at(format!("{expire:?}")))?;
    }
    Ok(())
}

case! {
    expire_absent: auth "4" auth "14", codes 40100024;
    "Without X-Upyun-Expire no token serves, and a signature with a date does not help."
}
async fn expire_absent(cx: Context) -> Outcome {
    let prefix = cx.path("");
    all_refused(&cx, (401, 40100024, "expire error"), |_, it| {
        it.header("X-Upyun-Uri-Prefix", &prefix)
    })
    .await
}

case! {
    wrong: auth "4" auth "14", codes 40100005;
    "A token is for its method, its prefix, its postfix and its time, by its operator."
}
async fn wrong(cx: Context) -> Outcome {
    let token = Token::new(&cx).postfix(".txt");
    let narrow = cx.path("b.txt");
    let name = &cx.operator().name;
    for (what, made) in [
        ("prefix", token.clone().prefix(&*narrow)),
        ("no prefix", token.clone().prefix(None)),
        ("postfix", token.clone().postfix("txt")),
        ("no postfix", token.clone().postfix(None)),
        ("time", token.clone().expire(cx.unix() + 601)),
        ("password", token.clone().by(name, "another password")),
    ] {
        let refused = all_refused(
            &cx,
            (401, 40100005, "signature error"),
            |method, request| token.carry(request, &made.signature(method)),
        );
        refused.await.map_err(|it| it.at(what))?;
    }
    let method = token.signature("PATCH");
    all_refused(&cx, (401, 40100005, "signature error"), |_, it| {
        token.carry(it, &method)
    })
    .await
}

case! {
    order_of_parts: auth "4", codes 40100005;
    "The prefix is signed before the postfix."
}
async fn order_of_parts(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let token = Token::new(&cx).postfix(".txt");
    let prefix = cx.path("");
    let made = token.clone().prefix(".txt").postfix(&*prefix);
    let request = token.carry(cx.get("a.txt"), &made.signature("GET"));
    request.refused((401, 40100005, "signature error")).await?;
    Ok(())
}

case! {
    operator_unknown: auth "4" auth "14", codes 40100006;
    "A token of an operator that does not exist is refused."
}
async fn operator_unknown(cx: Context) -> Outcome {
    let token = Token::new(&cx).by(NOBODY, &cx.operator().password);
    all_refused(&cx, (401, 40100006, "user not exists"), |method, it| {
        token.of(method, it)
    })
    .await
}

case! {
    header_signature_is_none: auth "4", choice "A-12", codes 40100005;
    "With a prefix or a postfix a header signature does not serve; with empty ones it does."
}
async fn header_signature_is_none(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let prefix = cx.path("");
    let get = |prefix: &str| cx.get("a.txt").header("X-Upyun-Uri-Prefix", prefix);
    let expire = (cx.unix() + 600).to_string();
    get(&prefix)
        .header("X-Upyun-Expire", &expire)
        .refused((401, 40100005, "signature error"))
        .await?;
    get("").ok().await?;
    get("").header("X-Upyun-Uri-Postfix", "").ok().await?;
    Ok(())
}

case! {
    date_does_not_matter: auth "4", choice "A-15";
    "The date is not looked at."
}
async fn date_does_not_matter(cx: Context) -> Outcome {
    let token = Token::new(&cx);
    for date in ["nonsense", "Wed, 09 Nov 2016 14:26:58 GMT"] {
        let put = token.of("PUT", cx.put("a.txt", "x")).header("Date", date);
        put.ok().await.map_err(|it| it.at(date))?;
    }
    Ok(())
}

case! {
    content_md5_is_compared: auth "4", choice "A-15", codes 40000006;
    "Content-MD5 is not signed, but compared with the body."
}
async fn content_md5_is_compared(cx: Context) -> Outcome {
    let token = Token::new(&cx);
    let put = |content: &str| {
        let request = token.of("PUT", cx.put("a.txt", "hello"));
        request.header("Content-MD5", md5(content))
    };
    put("hello").ok().await?;
    put("other")
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    Ok(())
}

case! {
    order_of_its_checks: auth "4", choice "A-16", codes 40100024 40100022 40100023 40100005;
    "First the time is checked, then prefix, postfix and signature."
}
async fn order_of_its_checks(cx: Context) -> Outcome {
    let other = cx.path("b");
    let wrong = Token::new(&cx)
        .prefix(&*other)
        .postfix(".jpg")
        .expire(cx.unix() - 60);
    let later = cx.unix() + 600;
    let prefix = cx.path("");
    let refuse = async |token: &Token, code| -> Result<(), Failure> {
        token
            .carry(cx.get("a.txt"), "nonsense")
            .refused(code)
            .await?;
        Ok(())
    };
    refuse(&wrong, (401, 40100024, "expire error")).await?;
    let wrong = wrong.expire(later);
    refuse(&wrong, (401, 40100022, "uri prefix error")).await?;
    let wrong = wrong.prefix(&*prefix);
    refuse(&wrong, (401, 40100023, "uri postfix error")).await?;
    refuse(&wrong.postfix(".txt"), (401, 40100005, "signature error")).await
}

case! {
    rights_stay: auth "4" auth "14", codes 40100017 40300011, tags NeedsControl;
    "A token gives no right that its operator does not have."
}
async fn rights_stay(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let token = Token::new(&cx).by(fixtures::READER, fixtures::PASSWORD);
    token.of("GET", cx.get("a.txt")).ok().await?;
    token
        .of("PUT", cx.put("a.txt", "y"))
        .refused((401, 40100017, "user need permission"))
        .await?;
    token
        .of("DELETE", cx.delete("a.txt"))
        .refused((403, 40300011, "has no permission to delete"))
        .await?;
    Ok(())
}
