//! Lists of folders, and other lists on the root.

use serde_json::json;

use crate::{
    Context, Failure, Outcome,
    case::case,
    failure::same,
    wire::{Request, sign::md5},
};

/// The cursor after the last page.
const END: &str = "g2gCZAAEbmV4dGQAA2VvZg";

case! {
    text: rest "10.2", client;
    "A list is lines of name, N or F, size and time between tabs, with no newline at the end."
}
async fn text(cx: Context) -> Outcome {
    cx.put("dir/b.txt", "hello").ok().await?;
    cx.make_folder("dir/a").ok().await?;
    let answer = cx.get("dir").ok().await?;
    let text = answer.text()?;
    let lines: Vec<Vec<&str>> = text
        .split('\n')
        .map(|it| it.split('\t').collect())
        .collect();
    same("the number of entries", lines.len(), 2)?;
    for (line, (name, kind)) in lines.iter().zip([("a", "F"), ("b.txt", "N")]) {
        same("the number of fields", line.len(), 4)?;
        same("name and type", (line[0], line[1]), (name, kind))?;
        let time: u64 = line[3]
            .parse()
            .map_err(|_| Failure::new("a time", line[3]))?;
        same("a time near now", cx.unix().abs_diff(time) < 300, true)?;
    }
    same("the size", lines[1][2], "5")
}

case! {
    size_of_folders: rest "10.2", choice "R-61";
    "The size of a folder is 0."
}
async fn size_of_folders(cx: Context) -> Outcome {
    cx.put("dir/a/b.txt", "hello").ok().await?;
    let answer = cx.get("dir/").ok().await?;
    same("the size", answer.text()?.split('\t').nth(2), Some("0"))
}

case! {
    type_of_the_text: rest "10.2", choice "R-62";
    "A list as text is text/plain in UTF-8."
}
async fn type_of_the_text(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    let answer = cx.get("dir").ok().await?;
    answer.has("Content-Type", "text/plain; charset=utf-8")?;
    Ok(())
}

case! {
    empty: rest "10.2", client;
    "The list of an empty folder is empty and at its end."
}
async fn empty(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    let answer = cx.get("dir").ok().await?;
    answer.is_empty()?.has("x-upyun-list-iter", END)?;
    Ok(())
}

case! {
    as_json: rest "10.3";
    "A client that accepts JSON gets types, sizes, names, times and the cursor as JSON."
}
async fn as_json(cx: Context) -> Outcome {
    cx.put("dir/b.jpg", "hello").ok().await?;
    cx.make_folder("dir/a").ok().await?;
    let answer = cx
        .get("dir")
        .header("Accept", "text/html, application/json")
        .ok()
        .await?;
    answer.has("Content-Type", "application/json")?;
    let mut list = answer.json()?;
    for file in list["files"].as_array_mut().into_iter().flatten() {
        let time = file["last_modified"].take().as_u64();
        let time = time.ok_or_else(|| Failure::new("an integer last_modified", "none"))?;
        same("a time near now", cx.unix().abs_diff(time) < 300, true)?;
    }
    let want = json!({
        "files": [
            {"type": "folder", "length": 0, "name": "a", "last_modified": null},
            {"type": "image/jpeg", "length": 5, "name": "b.jpg", "last_modified": null},
        ],
        "iter": END,
    });
    same("the list", list, want)
}

case! {
    empty_as_json: rest "10.3", client;
    "The JSON of an empty folder has an empty list and the cursor."
}
async fn empty_as_json(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    let answer = cx
        .get("dir")
        .header("Accept", "application/json")
        .ok()
        .await?;
    same(
        "the list",
        answer.json()?,
        json!({"files": [], "iter": END}),
    )
}

case! {
    cursor_beside_json: rest "10.4", choice "R-63";
    "JSON answers carry the cursor as a header too."
}
async fn cursor_beside_json(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    let answer = cx
        .get("dir")
        .header("Accept", "application/json")
        .ok()
        .await?;
    answer.has("x-upyun-list-iter", END)?;
    Ok(())
}

case! {
    order_of_bytes: rest "10.1", choice "R-58";
    "Files and folders come in the order of the bytes of their names."
}
async fn order_of_bytes(cx: Context) -> Outcome {
    let sorted = [
        "!", "10", "2", "A", "Z", "_", "a", "a b", "a.b", "aa", "é", "文件", "🙂",
    ];
    for (at, name) in sorted.iter().enumerate().rev() {
        let name = format!("dir/{name}");
        match at % 3 {
            0 => cx.make_folder(&name).ok().await?,
            _ => cx.put(&name, "x").ok().await?,
        };
    }
    same("the names", names(&cx, "asc", 5).await?, sorted)
}

case! {
    descending: rest "10.1";
    "desc is the opposite order, over pages too."
}
async fn descending(cx: Context) -> Outcome {
    for name in ["a", "b", "c", "d", "e"] {
        cx.put(&format!("dir/{name}"), "x").ok().await?;
    }
    same(
        "the names",
        names(&cx, "desc", 2).await?,
        ["e", "d", "c", "b", "a"],
    )?;
    same(
        "the names",
        names(&cx, "asc", 2).await?,
        ["a", "b", "c", "d", "e"],
    )
}

/// All names of `dir`, page by page.
async fn names(cx: &Context, order: &str, limit: usize) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    let mut iter = String::new();
    while iter != END {
        let page = page(cx, order, limit)
            .header("x-list-iter", &iter)
            .ok()
            .await?;
        let before = names.len();
        names.extend(page.text()?.lines().map(first_field));
        same(
            "a page of at most the limit",
            names.len() - before <= limit,
            true,
        )?;
        page.the("x-upyun-list-iter")?.clone_into(&mut iter);
    }
    Ok(names)
}

fn page(cx: &Context, order: &str, limit: usize) -> Request {
    let request = cx.get("dir/").header("x-list-order", order);
    request.header("x-list-limit", limit.to_string())
}

fn first_field(line: &str) -> String {
    line.split('\t').next().unwrap_or_default().to_owned()
}

case! {
    last_page_is_known: rest "10.4", choice "R-64";
    "The page with the last entry already has the end as its cursor."
}
async fn last_page_is_known(cx: Context) -> Outcome {
    for name in ["dir/a", "dir/b"] {
        cx.put(name, "x").ok().await?;
    }
    page(&cx, "asc", 2)
        .ok()
        .await?
        .has("x-upyun-list-iter", END)?;
    let iter = page(&cx, "asc", 1)
        .ok()
        .await?
        .the("x-upyun-list-iter")?
        .to_owned();
    same("a cursor that is not the end", iter != END, true)
}

case! {
    after_the_end: rest "10.1", choice "R-57";
    "A list from the end on is empty and at its end."
}
async fn after_the_end(cx: Context) -> Outcome {
    cx.put("dir/a", "x").ok().await?;
    let answer = cx.get("dir").header("x-list-iter", END).ok().await?;
    answer.is_empty()?.has("x-upyun-list-iter", END)?;
    Ok(())
}

case! {
    cursor_outlives_its_entry: rest "10.1", choice "R-59";
    "A cursor means after a name: entries made or removed between pages do not disturb it."
}
async fn cursor_outlives_its_entry(cx: Context) -> Outcome {
    for name in ["a", "c", "e"] {
        cx.put(&format!("dir/{name}"), "x").ok().await?;
    }
    let first = page(&cx, "asc", 2).ok().await?;
    let iter = first.the("x-upyun-list-iter")?;
    cx.delete("dir/c").ok().await?;
    cx.put("dir/b", "x").ok().await?;
    cx.put("dir/d", "x").ok().await?;
    let next = page(&cx, "asc", 9).header("x-list-iter", iter).ok().await?;
    let names: Vec<_> = next.text()?.lines().map(first_field).collect();
    same("the names", names, ["d", "e"])
}

case! {
    empty_cursor: rest "10.1", choice "R-56";
    "An empty cursor is none."
}
async fn empty_cursor(cx: Context) -> Outcome {
    cx.put("dir/a", "x").ok().await?;
    let with = cx.get("dir").header("x-list-iter", "").ok().await?;
    with.is_body(cx.get("dir").ok().await?.body)?;
    Ok(())
}

case! {
    cursor_has_no_order: rest "10.1", choice "R-60";
    "A cursor of one order, used with the other, goes back from the same name."
}
async fn cursor_has_no_order(cx: Context) -> Outcome {
    for name in ["a", "b", "c", "d"] {
        cx.put(&format!("dir/{name}"), "x").ok().await?;
    }
    let up = page(&cx, "asc", 3).ok().await?;
    let iter = up.the("x-upyun-list-iter")?;
    let down = page(&cx, "desc", 9)
        .header("x-list-iter", iter)
        .ok()
        .await?;
    let names: Vec<_> = down.text()?.lines().map(first_field).collect();
    same("the names", names, ["b", "a"])
}

case! {
    one_level: rest "10.1";
    "A list shows one level."
}
async fn one_level(cx: Context) -> Outcome {
    cx.put("dir/a/b/c.txt", "x").ok().await?;
    same("the names", names(&cx, "asc", 9).await?, ["a"])
}

case! {
    default_limit: rest "10.1", tags Slow;
    "A page has 100 entries unless said otherwise."
}
async fn default_limit(cx: Context) -> Outcome {
    for at in 0..101 {
        cx.put(&format!("dir/{at:03}"), "x").ok().await?;
    }
    let answer = cx.get("dir").ok().await?;
    same("the number of entries", answer.text()?.lines().count(), 100)
}

case! {
    limit_too_high: rest "10.1", choice "R-54";
    "A limit above 10000 means 10000."
}
async fn limit_too_high(cx: Context) -> Outcome {
    cx.put("dir/a", "x").ok().await?;
    page(&cx, "asc", 10_001)
        .ok()
        .await?
        .has("x-upyun-list-iter", END)?;
    Ok(())
}

case! {
    limit_malformed: rest "10.1", choice "R-54", codes 40001005;
    "A limit that is no positive integer is refused."
}
async fn limit_malformed(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    for limit in ["0", "-1", "many", "1.5"] {
        let request = cx.get("dir").header("x-list-limit", limit);
        request
            .refused((400, 40001005, "iter args invalid"))
            .await
            .map_err(|it| it.at(limit))?;
    }
    Ok(())
}

case! {
    order_unknown: rest "10.1", codes 40300014;
    "An order other than asc and desc is refused."
}
async fn order_unknown(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    cx.get("dir")
        .header("x-list-order", "random")
        .refused((403, 40300014, "order must be asc or desc"))
        .await?;
    Ok(())
}

case! {
    cursor_malformed: rest "10.1", choice "R-55", codes 40001005;
    "A cursor that cannot be decoded is refused."
}
async fn cursor_malformed(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    for iter in ["!", "bm90IGEgdGVybQ==", "g2gCZAAEbmV4d"] {
        let request = cx.get("dir").header("x-list-iter", iter);
        request
            .refused((400, 40001005, "iter args invalid"))
            .await
            .map_err(|it| it.at(iter))?;
    }
    Ok(())
}

case! {
    missing: rest "10.1", client, codes 40400001;
    "A folder that is not there has no list."
}
async fn missing(cx: Context) -> Outcome {
    cx.get("dir/")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    by_the_sdk: rest "10.1", client;
    "The SDK lists everything, page after page."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    for name in ["a", "b", "c"] {
        cx.put(&format!("dir/{name}"), md5(name)).ok().await?;
    }
    let mut entries = cx.sdk()?.list(cx.key("dir")).limit(2).entries();
    let mut names = Vec::new();
    while let Some(entry) = entries.next().await.transpose()? {
        names.push((entry.name.clone(), entry.size));
    }
    let want = ["a", "b", "c"].map(|name| (name.to_owned(), 32));
    same("the entries", names, want)
}

case! {
    other_type: rest "11", codes 40001008;
    "An unknown type of list is refused."
}
async fn other_type(cx: Context) -> Outcome {
    cx.get("/")
        .header("X-Upyun-List-Type", "other")
        .refused((400, 40001008, "list type not support"))
        .await?;
    Ok(())
}

case! {
    other_lists_on_the_root_only: rest "11", choice "R-65", codes 40300031;
    "Unfinished uploads are listed on the root only."
}
async fn other_lists_on_the_root_only(cx: Context) -> Outcome {
    cx.make_folder("dir").ok().await?;
    cx.get("dir")
        .header("X-Upyun-List-Type", "multi")
        .refused((
            403,
            40300031,
            "only support that list flat files by bucket's root folder",
        ))
        .await?;
    Ok(())
}
