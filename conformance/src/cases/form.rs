//! Uploads by forms: `form.md`.

mod answer;
mod checks;
mod fields;
mod head;
mod large;
mod notify;
mod policy;
mod return_url;
mod save_key;
mod signature;
