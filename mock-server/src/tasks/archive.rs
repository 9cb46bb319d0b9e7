//! Zip archives: objects into one, and one into objects.

mod compress;
mod depress;
mod directory;

use tokio_util::sync::CancellationToken;

use super::{
    job::Job,
    outcome::{Failure, Success},
};

/// Carries out a task of the apps for archives.
pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    match &*job.entry.app {
        "compress" => compress::carry_out(job).await,
        _ => depress::carry_out(job).await,
    }
}

/// Carries out work that blocks; it is told to stop when nobody waits for it any more.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce(&CancellationToken) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let cancelled = CancellationToken::new();
    let _stop = cancelled.clone().drop_guard();
    tokio::task::spawn_blocking(move || work(&cancelled))
        .await
        .map_err(|error| Failure::internal(error.to_string()))?
}

/// Copies until the end, or until nobody waits for it any more; gives the bytes.
fn copy(
    from: &mut dyn std::io::Read,
    to: &mut dyn std::io::Write,
    cancelled: &CancellationToken,
    most: u64,
) -> std::io::Result<u64> {
    let mut piece = vec![0; 64 * 1024];
    let mut copied = 0;
    loop {
        let read = from.read(&mut piece)?;
        copied += read as u64;
        if read == 0 || copied > most || cancelled.is_cancelled() {
            return Ok(copied);
        }
        to.write_all(&piece[..read])?;
    }
}
