//! The first step: what file comes, in how many blocks.

use axum::response::Response;
use upyun_client::protocol::{ErrorCode, Md5Digest};

use super::{Step, answer, missing};
use crate::{
    api::{block_uploads::Identity, form::checks},
    refusal::Refusal,
};

/// As the client of that time says.
const MAX_BLOCKS: u64 = 1024;

impl Step<'_> {
    pub(super) fn begin(self) -> Result<Response, Refusal> {
        let Some(secret) = &self.service.form_secret else {
            return Err(Refusal::new(ErrorCode::SIGNATURE_ERROR).because(format!(
                "The service {} has no form secret: set form_secret in the config file.",
                self.service.name
            )));
        };
        self.check_signature(secret.reveal(), "the service's form secret")?;
        let need = |code: ErrorCode, why: &str| Refusal::new(code).because(why.to_owned());
        let Some(path) = self.policy.filled("path") else {
            return Err(missing("The policy has no path."));
        };
        let hash = self.policy.filled("file_hash");
        let Some(file_hash) = hash.and_then(|hash| hash.parse::<Md5Digest>().ok()) else {
            return Err(need(
                ErrorCode::MISSING_FILE_HASH_ARGUMENT,
                "The policy has no file_hash, the MD5 of the file in hex.",
            ));
        };
        let Some(blocks) = self.number("file_blocks").filter(|blocks| *blocks > 0) else {
            return Err(need(
                ErrorCode::MISSING_FILE_BLOCKS_ARGUMENT,
                "The policy has no file_blocks, the number of blocks.",
            ));
        };
        if blocks > MAX_BLOCKS {
            return Err(need(
                ErrorCode::TOO_MANY_FILE_BLOCKS,
                "A file has 1024 blocks at most.",
            ));
        }
        let Some(file_size) = self.number("file_size") else {
            return Err(need(
                ErrorCode::MISSING_FILE_SIZE_ARGUMENT,
                "The policy has no file_size, the bytes of the file.",
            ));
        };
        checks::check_values(&self.policy)?;
        checks::metadata(&self.policy)?;
        checks::key(&path)?;
        let identity = Identity {
            service: self.service.name.clone(),
            path,
            file_hash,
            file_size,
            blocks,
        };
        let service = self.app.store.handle(&self.service.name);
        let now = self.app.clock.unix();
        let begun = self
            .app
            .blocks
            .begin(identity, self.policy, now, || service.scratch())?;
        Ok(answer::progress(&self.service.name, &begun))
    }
}
