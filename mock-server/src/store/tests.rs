//! What only the store itself shows. What a request shows is tested in `tests/store/`.

mod files;
mod quota;
