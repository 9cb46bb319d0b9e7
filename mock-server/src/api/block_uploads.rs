//! Uploads that are not finished: their blocks, and the secrets that sign them.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _},
    os::unix::fs::FileExt as _,
    sync::Arc,
};

use parking_lot::Mutex;
use upyun_client::protocol::{Md5Digest, ServiceName};

use crate::{
    api::policy::Policy,
    refusal::Refusal,
    store::{Body, StoreError, Upload},
};

/// All blocks but the last have this many bytes at least.
pub(in crate::api) const MIN_BLOCK_BYTES: u64 = 100 * 1024;
/// And all have this many at most.
pub(in crate::api) const MAX_BLOCK_BYTES: u64 = 5 * 1024 * 1024;
/// How long an upload may take, in seconds (`[choice M-45]`).
const LIFE: u64 = 24 * 3600;
/// What is copied at once.
const PIECE: usize = 256 * 1024;

/// What makes two first steps mean the same upload (`[choice M-43]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct Identity {
    pub(in crate::api) service: ServiceName,
    pub(in crate::api) path: String,
    pub(in crate::api) file_hash: Md5Digest,
    pub(in crate::api) file_size: u64,
    pub(in crate::api) blocks: u64,
}

/// The unfinished uploads, by token. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks(Arc<Mutex<HashMap<String, Arc<BlockUpload>>>>);

impl Blocks {
    /// The upload of this identity: the one that is there, or a new one.
    pub(in crate::api) fn begin(
        &self,
        identity: Identity,
        policy: Policy,
        now: u64,
        scratch: impl FnOnce() -> Result<File, StoreError>,
    ) -> Result<Arc<BlockUpload>, Refusal> {
        let mut uploads = self.0.lock();
        uploads.retain(|_, upload| upload.expires_at > now);
        if let Some(upload) = uploads.values().find(|it| it.identity == identity) {
            // What else the policy says may have been mended meanwhile.
            *upload.policy.lock() = policy;
            return Ok(Arc::clone(upload));
        }
        let token = format!("{:032x}", rand::random::<u128>());
        let blocks = usize::try_from(identity.blocks).unwrap_or(usize::MAX);
        let upload = Arc::new(BlockUpload {
            token: token.clone(),
            secret: format!("{:032x}", rand::random::<u128>()),
            path: identity.path.clone(),
            file_hash: identity.file_hash,
            file_size: identity.file_size,
            blocks,
            identity,
            policy: Mutex::new(policy),
            expires_at: now + LIFE,
            scratch: scratch()?,
            sizes: Mutex::new(vec![None; blocks]),
        });
        uploads.insert(token, Arc::clone(&upload));
        Ok(upload)
    }

    pub(in crate::api) fn find(
        &self,
        service: &ServiceName,
        token: &str,
        now: u64,
    ) -> Option<Arc<BlockUpload>> {
        let uploads = self.0.lock();
        let upload = uploads.get(token)?;
        let is_it = upload.identity.service == *service && upload.expires_at > now;
        is_it.then(|| Arc::clone(upload))
    }

    pub(in crate::api) fn forget(&self, token: &str) {
        self.0.lock().remove(token);
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }
}

/// An upload that is not finished.
///
/// Its blocks lie in one sparse file without a name, each where it would begin if all were as long
/// as blocks can be: their sizes are not known before they arrive.
#[derive(Debug)]
pub(in crate::api) struct BlockUpload {
    identity: Identity,
    pub(in crate::api) token: String,
    pub(in crate::api) secret: String,
    pub(in crate::api) path: String,
    pub(in crate::api) file_hash: Md5Digest,
    pub(in crate::api) file_size: u64,
    pub(in crate::api) blocks: usize,
    policy: Mutex<Policy>,
    /// Unix seconds.
    pub(in crate::api) expires_at: u64,
    scratch: File,
    /// Of the blocks that are there.
    sizes: Mutex<Vec<Option<u64>>>,
}

impl BlockUpload {
    /// Of the latest first step.
    pub(in crate::api) fn policy(&self) -> Policy {
        let policy = self.policy.lock();
        policy.clone()
    }

    /// The size of each block, if it is there.
    pub(in crate::api) fn status(&self) -> Vec<Option<u64>> {
        self.sizes.lock().clone()
    }

    /// Keeps a block; `false` if it is there already. Blocks.
    pub(in crate::api) fn put(&self, index: usize, block: &Body) -> io::Result<bool> {
        // Held while 5 MiB are copied, so that of two requests for one block one is refused.
        let mut sizes = self.sizes.lock();
        let Some(size) = sizes.get_mut(index) else {
            return Ok(false);
        };
        if size.is_some() {
            return Ok(false);
        }
        let mut reader = block.reader()?;
        let mut at = index as u64 * MAX_BLOCK_BYTES;
        let mut piece = vec![0; PIECE];
        loop {
            match reader.read(&mut piece)? {
                0 => break,
                read => {
                    self.scratch.write_all_at(&piece[..read], at)?;
                    at += read as u64;
                }
            }
        }
        *size = Some(block.size());
        Ok(true)
    }

    /// The blocks, one behind the other.
    pub(in crate::api) async fn join(self: &Arc<Self>, mut to: Upload) -> Result<Body, Refusal> {
        let failed = |error| StoreError::io("read a block", error);
        for (index, size) in self.status().into_iter().enumerate() {
            let begin = index as u64 * MAX_BLOCK_BYTES;
            let end = begin + size.unwrap_or_default();
            let mut at = begin;
            while at < end {
                let this = Arc::clone(self);
                let length = PIECE.min(usize::try_from(end - at).unwrap_or(PIECE));
                let piece = tokio::task::spawn_blocking(move || {
                    let mut piece = vec![0; length];
                    this.scratch.read_exact_at(&mut piece, at)?;
                    Ok(piece)
                });
                let piece = piece.await.map_err(io::Error::other);
                let piece = piece.and_then(|piece| piece).map_err(failed)?;
                at += piece.len() as u64;
                to.write(piece.into()).await?;
            }
        }
        Ok(to.finish().await?)
    }
}
