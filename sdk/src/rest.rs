//! The REST operations, one file each.

mod conditions;
mod copy;
mod delete;
mod download;
pub(crate) mod fields;
mod get;
mod info;
mod list;
mod make_folder;
mod put;
mod save;
mod update_metadata;
mod usage;

pub(crate) use conditions::{Conditions, condition_setters};

pub use copy::{CopyRequest, RenameRequest};
pub use delete::DeleteRequest;
pub use download::{Download, DownloadInfo};
pub use get::GetRequest;
pub use info::{ExistsRequest, Info, InfoRequest};
pub use list::{Entries, ListRequest, Order, Page};
pub use make_folder::MakeFolderRequest;
pub use put::{PutRequest, PutResult};
pub use update_metadata::UpdateMetadataRequest;
pub use usage::UsageRequest;
