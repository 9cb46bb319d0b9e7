//! Removal of everything that a run made.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use upyun_client::{Client, Result};

use super::{Run, client::key};
use crate::{failure::Failure, load::Mix, operation::Operation, target::Target};

const AT_ONCE: usize = 8;
/// The service may take a moment to see that a folder is empty.
const ATTEMPTS: u32 = 5;

/// Deletes the objects that may be there, then the folders.
pub(super) async fn up(
    run: &Run,
    target: &Target,
    touched: &[AtomicU32],
) -> std::result::Result<(), Failure> {
    let client = &target.patient_client()?;
    if run.load.mix == Mix::Only(Operation::Multipart) {
        for upload in client
            .unfinished_uploads()
            .prefix(&run.folder)
            .send()
            .await?
        {
            gone(
                client
                    .resume_multipart(upload.key, upload.id)?
                    .cancel()
                    .send()
                    .await,
            )?;
        }
    }
    let used = || {
        (0..)
            .zip(touched)
            .map(|(number, touched)| (number, touched.load(Ordering::Relaxed)))
    };
    let used = || used().filter(|(_, touched)| *touched > 0);
    let keys = used().flat_map(|(number, touched)| {
        (0..touched).map(move |object| key(&run.folder, number, object))
    });
    stream::iter(keys)
        .map(|key| async move { gone(client.delete(key).send().await) })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    for (number, _) in used() {
        remove_folder(client, &format!("{}/{number}", run.folder)).await?;
    }
    Ok(remove_folder(client, &run.folder).await?)
}

async fn remove_folder(client: &Client, folder: &str) -> Result<()> {
    let mut attempt = 1;
    loop {
        match gone(client.delete_folder(folder).send().await) {
            Err(_) if attempt < ATTEMPTS => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                attempt += 1;
            }
            done => return done,
        }
    }
}

/// What is not there need not be removed.
fn gone<T>(done: Result<T>) -> Result<()> {
    match done {
        Err(error) if error.is_not_found() => Ok(()),
        done => done.map(|_| ()),
    }
}
