//! The fluent requests, each a wrapper of the asynchronous one of the same name.

use std::{sync::Arc, time::SystemTime};

use super::{Client, Download, runtime::Runtime};
use crate::{
    Body, ImageParams, Info, Progress, PutResult, ThemeColors,
    error::Result,
    protocol::{Directive, Md5Digest},
};

/// One request: how the client makes it, its setters, and what `send` returns.
macro_rules! request {
    (
        $name:ident, $method:ident($($key:ident),+) -> $output:ty;
        $($setter:ident($($arg:ident: $kind:ty),*);)*
    ) => {
        impl Client {
            #[doc = concat!("As [`crate::Client::", stringify!($method), "`].")]
            pub fn $method(&self, $($key: impl AsRef<str>),+) -> $name {
                $name {
                    inner: self.inner.$method($($key),+),
                    runtime: Arc::clone(&self.runtime),
                }
            }
        }

        #[doc = concat!("As [`crate::", stringify!($name), "`].")]
        #[derive(Debug)]
        #[must_use = "a request does nothing until it is sent"]
        pub struct $name {
            inner: crate::$name,
            runtime: Arc<Runtime>,
        }

        impl $name {
            $(
                #[doc = concat!("As [`crate::", stringify!($name), "::", stringify!($setter), "`].")]
                pub fn $setter(mut self, $($arg: $kind),*) -> Self {
                    self.inner = self.inner.$setter($($arg),*);
                    self
                }
            )*

            /// Sends the request and waits.
            ///
            /// # Errors
            #[doc = concat!("As [`crate::", stringify!($name), "::send`].")]
            pub fn send(self) -> Result<$output> {
                let answer = self.runtime.run(self.inner.send())?;
                Ok(<$output as FromAnswer<_>>::from_answer(answer, self.runtime))
            }
        }
    };
}

/// What `send` returns, from what the asynchronous `send` does.
trait FromAnswer<A> {
    fn from_answer(answer: A, runtime: Arc<Runtime>) -> Self;
}

impl<A> FromAnswer<A> for A {
    fn from_answer(answer: A, _: Arc<Runtime>) -> Self {
        answer
    }
}

impl FromAnswer<crate::Download> for Download {
    fn from_answer(answer: crate::Download, runtime: Arc<Runtime>) -> Self {
        Self::new(answer, runtime)
    }
}

request! {
    PutRequest, put(key) -> PutResult;
    body(body: impl Into<Body>);
    content_type(content_type: &str);
    checksum();
    content_md5(md5: Md5Digest);
    meta(name: &str, value: &str);
    ttl_days(days: u32);
    secret(secret: &str);
    image(params: &ImageParams);
    exif();
    theme_colors(colors: ThemeColors);
    header(name: &str, value: impl AsRef<[u8]>);
    on_progress(callback: impl Fn(Progress) + Send + Sync + 'static);
}

request! {
    GetRequest, get(key) -> Download;
    range(range: impl std::ops::RangeBounds<u64>);
    last_bytes(bytes: u64);
    if_none_match(etag: &str);
    if_modified_since(time: SystemTime);
    if_match(etag: &str);
    if_unmodified_since(time: SystemTime);
    verify_md5();
    header(name: &str, value: impl AsRef<[u8]>);
    on_progress(callback: impl Fn(Progress) + Send + Sync + 'static);
}

request! {
    InfoRequest, info(key) -> Info;
}

request! {
    ExistsRequest, exists(key) -> bool;
}

request! {
    DeleteRequest, delete(key) -> ();
    later();
}

impl Client {
    /// As [`crate::Client::delete_folder`].
    pub fn delete_folder(&self, key: impl AsRef<str>) -> DeleteRequest {
        DeleteRequest {
            inner: self.inner.delete_folder(key),
            runtime: Arc::clone(&self.runtime),
        }
    }
}

request! {
    MakeFolderRequest, make_folder(key) -> ();
}

request! {
    UsageRequest, usage(folder) -> u64;
}

request! {
    CopyRequest, copy(source, target) -> PutResult;
    metadata_directive(directive: Directive);
    meta(name: &str, value: &str);
    header(name: &str, value: impl AsRef<[u8]>);
}

request! {
    RenameRequest, rename(source, target) -> PutResult;
    metadata_directive(directive: Directive);
    meta(name: &str, value: &str);
    header(name: &str, value: impl AsRef<[u8]>);
}

request! {
    UpdateMetadataRequest, update_metadata(key) -> ();
    merge();
    replace();
    delete(names: impl IntoIterator<Item = impl AsRef<str>>);
    meta(name: &str, value: &str);
    ttl_days(days: u32);
    secret(secret: &str);
    touch();
}
