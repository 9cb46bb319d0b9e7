//! The end of an upload: parts become an object.

use upyun_client::protocol::Md5Digest;

use super::{
    MultipartError,
    files::Line,
    state::{Completed, Multipart, Phase, State},
};
use crate::store::{Attributes, Body, Origin, Overwrite, Service, body::Content};

impl Service {
    /// Makes the object of an upload whose parts are all there.
    pub(in crate::store) fn complete_now(
        &self,
        upload: &Multipart,
        md5: Option<Md5Digest>,
        expires_at: Option<u64>,
    ) -> Result<Completed, MultipartError> {
        let total = {
            let mut state = upload.lock();
            match state.phase {
                Phase::Open => {}
                Phase::Completing | Phase::Completed(_) => return Err(MultipartError::Completed),
                Phase::Gone => return Err(MultipartError::Gone),
            }
            let total = total(upload, &state)?;
            state.phase = Phase::Completing;
            state.claims.drain().for_each(|(_, claim)| claim.revoke());
            total
        };
        let done = self.make_object(upload, total, md5, expires_at);
        if let Err(error) = &done
            && !matches!(error, MultipartError::Md5Mismatch)
        {
            let mut state = upload.lock();
            if state.phase == Phase::Completing {
                state.phase = Phase::Open;
            }
        }
        done
    }

    fn make_object(
        &self,
        upload: &Multipart,
        total: u64,
        wanted: Option<Md5Digest>,
        expires_at: Option<u64>,
    ) -> Result<Completed, MultipartError> {
        let failed = |error| MultipartError::io("complete an upload", error);
        let uploads = &self.store.inner.uploads;
        let data = uploads.files.open_data(&upload.uuid).map_err(failed)?;
        let md5 = {
            let prefix = upload.prefix.lock();
            let mut prefix = prefix;
            // A part that failed may have left something behind the end.
            data.set_len(total).map_err(failed)?;
            prefix.advance(&data, total).map_err(failed)?;
            prefix.digest()
        };
        let fits = |wanted| wanted == md5 || upload.joined_parts_md5() == Some(wanted);
        if wanted.is_some_and(|wanted| !fits(wanted)) {
            self.store.forget_upload(&upload.uuid);
            return Err(MultipartError::Md5Mismatch);
        }
        let replaced = {
            let _shared = self.store.inner.locks.shared();
            self.files().look(&self.name, &upload.key).is_some()
        };
        let body = uploads.files.as_body(&upload.uuid).map_err(failed)?;
        let body = Body {
            service: self.clone(),
            size: total,
            md5,
            content: Content::File(body, data),
        };
        let attributes = Attributes {
            content_type: Some(upload.announced.content_type.clone()),
            meta: upload.announced.meta.clone(),
            image: None,
            origin: Origin::Resumable,
            expires_at,
        };
        body.commit_now(&upload.key, attributes, Overwrite::Anything)?;
        let completed = Completed {
            size: total,
            md5,
            replaced,
        };
        upload.close(Phase::Completed(completed.clone()));
        let line = Line::Completed(completed.clone());
        if let Err(error) = uploads.files.append(&upload.uuid, &line) {
            // The object is there; only a second completion after a restart would not know.
            tracing::warn!(
                "the end of the upload {} is not recorded: {error}",
                upload.uuid
            );
        }
        self.store.remember_completed(upload);
        Ok(completed)
    }
}

/// The size of the whole, if every part is there.
fn total(upload: &Multipart, state: &State) -> Result<u64, MultipartError> {
    let last = state.parts.last_key_value().map(|(id, _)| *id);
    let count = last.map_or(0, |last| last + 1);
    if state.parts.len() as u64 != u64::from(count) {
        return Err(MultipartError::Incomplete);
    }
    let part_size = upload.announced.part_size;
    let uneven = |(id, part): (&u32, &super::Part)| Some(*id) != last && part.size != part_size;
    if state.parts.iter().any(uneven) {
        return Err(MultipartError::PartSizeMismatch);
    }
    let total = state.parts.values().map(|part| part.size).sum();
    match upload.announced.length {
        Some(length) if length != total => Err(MultipartError::Incomplete),
        _ => Ok(total),
    }
}
