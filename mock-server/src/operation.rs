//! The operations of the service, as the journal and the report name them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! operations {
    ($($name:ident = $id:literal, $title:literal;)*) => {
        /// What a request asks for.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
        )]
        #[non_exhaustive]
        pub enum OperationName {
            $(#[doc = concat!($title, ".")] #[serde(rename = $id)] $name,)*
        }

        impl OperationName {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in JSON, like `rest.put`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What it does, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

operations! {
    Put = "rest.put", "Upload an object";
    Get = "rest.get", "Download an object";
    List = "rest.list", "List a folder";
    Head = "rest.head", "Ask about an object";
    Delete = "rest.delete", "Delete an object or folder";
    MakeFolder = "rest.folder", "Make a folder";
    Copy = "rest.copy", "Copy an object";
    Move = "rest.move", "Move an object";
    Patch = "rest.patch", "Change metadata";
    Usage = "rest.usage", "Ask for the space in use";
    Initiate = "multipart.initiate", "Begin a resumable upload";
    UploadPart = "multipart.upload", "Upload a part";
    Complete = "multipart.complete", "Complete a resumable upload";
    Parts = "multipart.parts", "Ask which parts are there, to resume";
    Cancel = "multipart.cancel", "Cancel a resumable upload";
    InProgress = "multipart.in-progress", "List the unfinished uploads";
    FormUpload = "form.upload", "Upload by a form";
    BlockUpload = "block.upload", "Upload by blocks, the way of old";
    Purge = "purge", "Refresh caches";
    SubmitTasks = "tasks.submit", "Submit asynchronous tasks";
    TaskStatus = "tasks.status", "Ask how far tasks are";
    TaskResult = "tasks.result", "Ask for the results of tasks";
    SyncTask = "sync_tasks", "Run a synchronous task";
    Download = "cdn.get", "Read from an access domain";
    Picture = "cdn.picture", "Read a processed picture from an access domain";
}
