//! An upload in parts, from its begin or from where an earlier attempt left it.

use std::{
    collections::HashSet,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    Prepared,
    checkpoint::{Checkpoint, CheckpointStore, name_of},
    complete, default_part_size,
    source::{Content, blocking},
};
use crate::{
    error::{Error, NextPart, Result},
    multipart::MultipartUpload,
    progress::Meter,
    protocol::ErrorCode,
    rest::PutResult,
};

/// How often the service may name another part before one is taken.
const MAX_JUMPS: u32 = 3;

pub(super) struct Session {
    request: Prepared,
    file: Content,
    is_ordered: bool,
    /// Of the checkpoint.
    name: String,
    meter: Option<Meter>,
}

/// An upload that is going on.
struct Running {
    upload: MultipartUpload,
    state: Checkpoint,
    is_resumed: bool,
}

impl Session {
    pub(super) async fn new(
        mut request: Prepared,
        file: Content,
        is_ordered: bool,
    ) -> io::Result<Self> {
        let size = file.print.size;
        let source = match &request.path {
            Some(path) => path.canonicalize().unwrap_or_else(|_| path.clone()),
            None if request.checkpoints.is_some() => file.name().await?.into(),
            None => PathBuf::new(),
        };
        Ok(Self {
            name: name_of(request.client.service(), &request.key, &source),
            meter: request
                .progress
                .take()
                .map(|callback| Meter::new(callback, Some(size))),
            request,
            file,
            is_ordered,
        })
    }

    pub(super) async fn run(mut self) -> Result<PutResult> {
        let mut running = match self.resume().await? {
            Some(running) => running,
            None => self.begin().await?,
        };
        let mut outcome = self.finish(&mut running).await;
        if running.is_resumed && is_forgotten(&outcome) {
            running = self.begin().await?;
            outcome = self.finish(&mut running).await;
        }
        match outcome {
            Ok(stored) => self.forget().await.map(|()| stored),
            Err(error) => {
                let may_go_on = self.request.checkpoints.is_some()
                    && error.code() != Some(ErrorCode::FILE_MD5_NOT_MATCH)
                    && self.file.check_unchanged().await.is_ok();
                if !may_go_on {
                    // What matters is why it failed; the service forgets the parts after a day
                    // anyway, and a checkpoint that does not fit is not used.
                    let _ = running.upload.cancel().send().await;
                    let _ = self.forget().await;
                }
                Err(error)
            }
        }
    }

    /// The upload that an earlier attempt left, if its checkpoint fits.
    async fn resume(&self) -> Result<Option<Running>> {
        let name = self.name.clone();
        let Some(state) = self.stored(move |store| store.load(&name)).await? else {
            return Ok(None);
        };
        let Some(state) = state else {
            return Ok(None);
        };
        if !state.fits(self.is_ordered, self.request.part_size, &self.file.print) {
            return Ok(None);
        }
        let upload = self
            .request
            .client
            .resume_multipart(&self.request.key, &*state.upload_id)?;
        Ok(Some(Running {
            upload: self.request.with_retry(upload),
            state,
            is_resumed: true,
        }))
    }

    async fn begin(&mut self) -> Result<Running> {
        let size = self.file.print.size;
        let part_size = self.request.part_size;
        let part_size = part_size.unwrap_or_else(|| default_part_size(size));
        let mut begin = self.request.begin(part_size).length(size);
        if self.is_ordered {
            begin = begin.ordered();
        }
        let upload = self.request.with_retry(begin.send().await?);
        let state = Checkpoint::new(upload.id(), self.is_ordered, part_size, &self.file.print);
        let running = Running {
            upload,
            state,
            is_resumed: false,
        };
        if let Err(error) = self.save(&running.state).await {
            let _ = running.upload.cancel().send().await;
            return Err(error);
        }
        Ok(running)
    }

    async fn finish(&self, running: &mut Running) -> Result<PutResult> {
        let hashing = self.request.checksum.then(|| self.file.hash());
        let sent = if self.is_ordered {
            self.send_in_order(running).await
        } else {
            self.send_at_once(running).await
        };
        match sent {
            // Another process, or an earlier attempt, has completed it.
            Err(error) if error.code() == Some(ErrorCode::FILE_ALREADY_UPLOAD) => {
                let size = self.file.print.size;
                return Ok(self.request.stored(size, None).await);
            }
            sent => sent?,
        }
        let changed = |error| Error::io("the upload was given up", error);
        self.file.check_unchanged().await.map_err(changed)?;
        let md5 = match hashing {
            Some(hashing) => {
                let unreadable = |error| Error::io("the file could not be read", error);
                Some(hashing.finish().await.map_err(unreadable)?)
            }
            None => self.request.content_md5,
        };
        complete(&running.upload, &self.request, self.file.print.size, md5).await
    }

    async fn send_in_order(&self, running: &mut Running) -> Result<()> {
        let Running { upload, state, .. } = running;
        let count = self.count(state.part_size);
        let mut jumps = 0;
        while state.next_part < count {
            let part = state.next_part;
            match upload
                .send_part(part, self.file.part(part, state.part_size), None)
                .await
            {
                Ok(()) => {
                    state.next_part += 1;
                    jumps = 0;
                }
                Err(error) if error.code() == Some(ErrorCode::PART_ALREADY_COMPLETE) => {
                    state.next_part = count;
                }
                // The answer to an earlier attempt was lost, or the checkpoint is behind.
                Err(error) if error.code() == Some(ErrorCode::PART_ID_ERROR) => {
                    let next = match error.next_part() {
                        Some(NextPart::Complete) => Some(count),
                        Some(NextPart::Part(part)) => Some(part),
                        None => None,
                    };
                    jumps += 1;
                    match next {
                        Some(next) if next != part && jumps <= MAX_JUMPS => state.next_part = next,
                        _ => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            }
            self.save(state).await?;
            self.report(u64::from(state.next_part) * state.part_size);
        }
        Ok(())
    }

    async fn send_at_once(&self, running: &Running) -> Result<()> {
        let Running { upload, state, .. } = running;
        let there: HashSet<u32> = if running.is_resumed {
            let parts = upload.parts().send().await?;
            parts.into_iter().map(|part| part.id).collect()
        } else {
            HashSet::new()
        };
        let length = |part: u32| {
            let begin = u64::from(part) * state.part_size;
            state.part_size.min(self.file.print.size - begin)
        };
        let count = self.count(state.part_size);
        let (missing, there): (Vec<u32>, Vec<u32>) =
            (0..count).partition(|part| !there.contains(part));
        let sent = AtomicU64::new(there.into_iter().map(length).sum());
        self.report(sent.load(Ordering::Relaxed));
        let parts = stream::iter(missing).map(|part| {
            let sent = &sent;
            async move {
                match upload
                    .send_part(part, self.file.part(part, state.part_size), None)
                    .await
                {
                    Err(error) if error.code() == Some(ErrorCode::PART_ALREADY_COMPLETE) => {}
                    outcome => outcome?,
                }
                let length = length(part);
                self.report(sent.fetch_add(length, Ordering::Relaxed) + length);
                Ok::<_, Error>(())
            }
        });
        // Boxed, or else the compiler cannot see that the future of an upload is `Send`.
        let parts = parts.buffer_unordered(self.request.concurrency).boxed();
        parts.try_collect().await
    }

    fn count(&self, part_size: u64) -> u32 {
        u32::try_from(self.file.print.size.div_ceil(part_size)).unwrap_or(u32::MAX)
    }

    fn report(&self, done: u64) {
        if let Some(meter) = &self.meter {
            meter.report(done.min(self.file.print.size));
        }
    }

    async fn save(&self, state: &Checkpoint) -> Result<()> {
        let (name, state) = (self.name.clone(), state.clone());
        let saved = self.stored(move |store| store.save(&name, &state)).await;
        saved.map(|_| ())
    }

    async fn forget(&self) -> Result<()> {
        let name = self.name.clone();
        let removed = self.stored(move |store| store.remove(&name)).await;
        removed.map(|_| ())
    }

    /// Asks the store, if there is one.
    async fn stored<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn CheckpointStore) -> io::Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(store) = self.request.checkpoints.as_ref().map(Arc::clone) else {
            return Ok(None);
        };
        let answer = blocking(move || ask(&*store)).await;
        answer
            .map(Some)
            .map_err(|error| Error::io("the store of checkpoints failed", error))
    }
}

/// Whether the service does not know the upload any more.
fn is_forgotten(outcome: &Result<PutResult>) -> bool {
    let code = outcome.as_ref().err().and_then(Error::code);
    code == Some(ErrorCode::MULTI_UUID_NOT_FOUND)
}
