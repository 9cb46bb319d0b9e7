//! One part.

use std::sync::Arc;

use upyun_client::protocol::ErrorCode;

use super::{MAX_PARTS, number, refuse};
use crate::{
    api::rest::call::{Call, announced_size, content_md5},
    refusal::{Explanation, Refusal},
    store::{Multipart, MultipartError, Service},
};

/// The part that a request names.
pub(super) fn id(text: Option<&str>, upload: &Multipart) -> Result<u32, Refusal> {
    let count = upload.part_count().map_or(MAX_PARTS, u64::from);
    let wrong = || {
        Refusal::new(ErrorCode::INVALID_PART_ID).because(format!(
            "X-Upyun-Part-Id is {:?}; it is a number from 0, below {count}.",
            text.unwrap_or("missing")
        ))
    };
    let id = text
        .and_then(number)
        .filter(|id| *id < MAX_PARTS)
        .ok_or_else(wrong)?;
    // An ordered upload that has every part says so, whatever the number.
    let is_over = upload.announced.ordered && upload.next_part().is_none();
    if id >= count && !is_over {
        return Err(wrong());
    }
    u32::try_from(id).map_err(|_| wrong())
}

/// Stores the body of a request as a part.
pub(super) async fn receive(
    call: &mut Call<'_>,
    service: &Service,
    upload: &Arc<Multipart>,
    id: u32,
) -> Result<(), Refusal> {
    let announced = announced_size(call)?;
    let md5 = content_md5(call.headers())?;
    // Sequence before size: a client that lost count learns where to go on.
    let mut part = service
        .receive_part(upload, id)
        .map_err(|error| refuse(error, upload))?;
    let exact = upload.exact_size(id);
    let most = exact.unwrap_or(upload.announced.part_size);
    let check_size = |size: u64, is_whole: bool| match exact {
        _ if size > most => Err(wrong_size(id, size, most)),
        Some(exact) if is_whole && size != exact => Err(wrong_size(id, size, exact)),
        _ => Ok(()),
    };
    if let Some(size) = announced {
        check_size(size, true)?;
    }
    let mut received = 0;
    while let Some(chunk) = call.next_chunk().await? {
        received += chunk.len() as u64;
        check_size(received, false)?;
        part.write(chunk).await?;
    }
    let finished = part.finish(|size, found| {
        check_size(size, true).map_err(Stop::Refused)?;
        match md5 {
            Some(md5) if md5 != found => Err(Stop::Refused(
                Refusal::new(ErrorCode::CONTENT_MD5_NOT_MATCH).because(
                    Explanation::new(format!(
                        "Content-MD5 is {md5}, but the {size} bytes of the part have {found}."
                    ))
                    .remedy("compute it over exactly the bytes of this part."),
                ),
            )),
            _ => Ok(()),
        }
    });
    finished.await.map_err(|stop| match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Failed(error) => refuse(error, upload),
    })
}

/// Why a part does not count.
enum Stop {
    Refused(Refusal),
    Failed(MultipartError),
}

impl From<MultipartError> for Stop {
    fn from(error: MultipartError) -> Self {
        Self::Failed(error)
    }
}

fn wrong_size(id: u32, size: u64, want: u64) -> Refusal {
    Refusal::new(ErrorCode::WRONG_CONTENT_LENGTH_HEADER).because(
        Explanation::new(format!(
            "Part {id} has {size} bytes or more, but {want} belong there."
        ))
        .remedy("every part but the last has exactly the part size that initiate announced."),
    )
}
