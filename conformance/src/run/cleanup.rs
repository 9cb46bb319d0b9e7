//! Removing what a run made.

use std::{sync::Arc, time::Duration};

use crate::{
    context::{Context, children},
    failure::Failure,
    target::Target,
    wire::{Meter, sign},
};

/// How often a request is repeated that the target refuses for its rate.
const ATTEMPTS: u32 = 8;

/// Removes the folder with everything in it, and cancels the uploads that were not finished there.
///
/// Nothing else is touched: every request names a key below the folder.
pub(crate) async fn remove(
    target: &Target,
    folder: &str,
    meter: Arc<Meter>,
) -> Result<(), Failure> {
    let session = target.open().await?;
    let cx = Context::new(session, folder.to_owned(), meter);
    cancel_uploads(&cx, folder).await?;
    // Folders in the order in which they were found: a parent before its children.
    let mut folders = vec![folder.to_owned()];
    let mut at = 0;
    while at < folders.len() {
        let parent = folders[at].clone();
        for (name, is_folder) in children(&cx, &parent).await? {
            let key = format!("{parent}/{name}");
            match is_folder {
                true => folders.push(key),
                false => delete(&cx, &key).await?,
            }
        }
        at += 1;
    }
    for folder in folders.iter().rev() {
        delete(&cx, folder).await?;
    }
    Ok(())
}

async fn delete(cx: &Context, key: &str) -> Result<(), Failure> {
    let mut attempt = 1;
    loop {
        let answer = cx.delete(key).send().await?;
        match answer.status {
            // Gone already, which is as good.
            404 => return Ok(()),
            408 | 429 | 500..=599 if attempt < ATTEMPTS => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                attempt += 1;
            }
            _ => return answer.is_status(200).map(drop).map_err(|it| it.at(key)),
        }
    }
}

async fn cancel_uploads(cx: &Context, folder: &str) -> Result<(), Failure> {
    let list = cx
        .get("/")
        .header("X-Upyun-List-Type", "multi")
        .header("X-Upyun-List-Prefix", sign::base64(folder))
        .header("X-Upyun-List-Limit", "1000")
        .ok()
        .await?
        .json()?;
    for upload in list["files"].as_array().into_iter().flatten() {
        let (Some(key), Some(uuid)) = (upload["key"].as_str(), upload["uuid"].as_str()) else {
            continue;
        };
        if key.starts_with(&format!("{folder}/")) {
            let cancel = cx.delete(key).header("X-Upyun-Multi-Uuid", uuid);
            cancel.send().await?;
        }
    }
    Ok(())
}
