//! Which spelling of path and query is signed.

use crate::{Context, Outcome, case::case, context::encode, failure::same};

case! {
    spelled_by_clients: auth "2.4", client;
    "Every client signs its own spelling of a path, and all mean the same key."
}
async fn spelled_by_clients(cx: Context) -> Outcome {
    let name = "a b!+(c)'\u{4e2d}.txt";
    cx.put(name, "hello").ok().await?;
    let folder = cx.path("");
    for spelling in [
        // Python and Go.
        "a%20b%21%2B%28c%29%27%E4%B8%AD.txt",
        // Node.
        "a%20b!+(c)%27%E4%B8%AD.txt",
        // PHP.
        "a%20b!+(c)'%E4%B8%AD.txt",
        // Hex in lower case, and letters that need none.
        "%61%20b!%2b(c)'%e4%b8%ad.txt",
    ] {
        let answer = cx.request("GET", format!("{folder}{spelling}")).ok().await;
        let answer = answer.map_err(|it| it.at(spelling))?;
        answer.is_body("hello")?;
    }
    Ok(())
}

case! {
    separators_encoded: auth "2.4", client;
    "A key whose slashes are encoded, as Android's, is the same key."
}
async fn separators_encoded(cx: Context) -> Outcome {
    let key = cx.key("dir/a.txt");
    let encoded = encode(&key[1..]).replace('/', "%2F");
    let put = cx.request("PUT", format!("/{}/{encoded}", cx.service()));
    put.body("hello").ok().await?;
    cx.get("dir/a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    as_sent_only: auth "2" auth "2.1" auth "15", choice "A-5", codes 40100005;
    "A signature over another spelling of the same path is refused."
}
async fn as_sent_only(cx: Context) -> Outcome {
    let name = "a b/\u{4e2d}.txt";
    cx.put(name, "old").ok().await?;
    let sent = cx.path(name);
    let decoded = format!("/{}{}", cx.service(), cx.key(name));
    for uri in [
        decoded,
        sent.to_lowercase(),
        format!("{sent}/"),
        sent.replacen("/", "//", 1),
        sent.replace("/", "%2F"),
        sent.replace("%20", "+"),
        format!("http://v0.api.upyun.com{sent}"),
        format!("v0.api.upyun.com{sent}"),
        sent.replacen(&format!("/{}", cx.service()), "", 1),
        sent[1..].to_owned(),
    ] {
        let put = cx.put(name, "new").signed_over(&uri);
        put.refused((401, 40100005, "signature error"))
            .await
            .map_err(|it| it.at(&uri))?;
        let get = cx.get(name).signed_over(&uri);
        get.refused((401, 40100005, "signature error"))
            .await
            .map_err(|it| it.at(&uri))?;
    }
    Ok(())
}

case! {
    trailing_slash: auth "2.1" auth "15", choice "A-5", codes 40100005;
    "A slash at the end of the path is signed, if and only if it is sent."
}
async fn trailing_slash(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    let (bare, slashed) = (cx.path("dir"), cx.path("dir/"));
    for (sent, other) in [(&bare, &slashed), (&slashed, &bare)] {
        let get = |uri: &str| cx.request("GET", sent).signed_over(uri);
        get(sent).ok().await?;
        get(other)
            .refused((401, 40100005, "signature error"))
            .await?;
    }
    Ok(())
}

case! {
    with_the_query_and_without: auth "2.1", client;
    "A signature over path and query is good, and so is one over the path alone."
}
async fn with_the_query_and_without(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let key = cx.path("a.txt");
    let root = format!("/{}/", cx.service());
    for (method, path, query) in [
        ("GET", &root, "usage"),
        ("GET", &key, "a=1&b=%20"),
        ("HEAD", &key, "a"),
        ("PATCH", &key, "metadata=merge"),
        ("DELETE", &cx.path("b.txt"), "x=y"),
    ] {
        for uri in [format!("{path}?{query}"), path.clone()] {
            let request = cx.request(method, path).query(query).signed_over(&uri);
            let answer = request.header("x-upyun-meta-a", "1").send().await?;
            // What the key of the deletion is missing for is not the signature's business.
            let want = if method == "DELETE" { 404 } else { 200 };
            answer.is_status(want).map_err(|it| it.at(&uri))?;
        }
    }
    Ok(())
}

case! {
    slash_doubled: auth "2.1", client;
    "The doubled slash of an old client is signed as it is sent."
}
async fn slash_doubled(cx: Context) -> Outcome {
    let request = cx.request("GET", format!("/{}//?usage", cx.service()));
    let answer = request.ok().await?;
    let digits = answer.text()?.bytes().all(|byte| byte.is_ascii_digit());
    same("the usage to be a number", digits, true)
}

case! {
    query_otherwise: auth "2.1", choice "A-5", codes 40100005;
    "A signature over another query, a part of it, or in another order is refused."
}
async fn query_otherwise(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let path = cx.path("a.txt");
    for query in ["a=1", "b=2&a=1", "a=1&b=2&", "a=1&b=3", ""] {
        let request = cx.get("a.txt").query("a=1&b=2");
        let refused = request.signed_over(format!("{path}?{query}"));
        refused
            .refused((401, 40100005, "signature error"))
            .await
            .map_err(|it| it.at(query))?;
    }
    let request = cx.get("a.txt").signed_over(format!("{path}?usage"));
    request.refused((401, 40100005, "signature error")).await?;
    Ok(())
}

case! {
    by_the_sdk: auth "2.4";
    "The SDK signs keys of every letter as it sends them."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    let client = cx.sdk()?;
    for name in [
        "a b",
        "a%20b",
        "a+b",
        "\u{4e2d}\u{1f600}",
        "!*'();:@&=$,?#[]",
    ] {
        let key = cx.key(name);
        client.put(&key).body(name.to_owned()).send().await?;
        let text = client.get(&key).send().await?.text().await?;
        same("the body", text, name)?;
    }
    Ok(())
}
