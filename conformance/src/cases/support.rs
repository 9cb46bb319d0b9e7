//! What cases of several APIs build: forms, tasks and their ends, pictures.

pub(crate) mod form;
pub(crate) mod origin;
pub(crate) mod picture;
pub(crate) mod retries;
pub(crate) mod task;
