//! Parallel uploads: an object in parts, sent in any order and at once.
//!
//! The service also knows ordered uploads, part after part; a parallel one does all that they do.

mod file;
mod upload;

pub use file::UploadFileRequest;
pub use upload::{BeginMultipartRequest, MultipartResult, MultipartUpload, PartInfo, Unfinished};
