//! The fluent requests, each a wrapper of the asynchronous one of the same name.

use std::{sync::Arc, time::SystemTime};

use super::{Client, Download, runtime::Runtime};
use crate::{
    Body, ImageParams, Info, Progress, PutResult, ThemeColors,
    protocol::{Directive, Md5Digest},
};

/// One request: which methods make it, its setters, and what `send` returns.
macro_rules! request {
    (
        $(#[$attribute:meta])*
        $name:ident -> $output:ty;
        from $maker:ident: $($method:ident($($key:ident: $key_type:ty),*)),+;
        $($setter:ident($($arg:ident: $kind:ty),*);)*
    ) => {
        impl $maker {
            $(
                #[doc = concat!(
                    "As [`crate::", stringify!($maker), "::", stringify!($method), "`]."
                )]
                pub fn $method(&self, $($key: $key_type),*) -> $name {
                    $name {
                        inner: self.inner.$method($($key),*),
                        runtime: std::sync::Arc::clone(&self.runtime),
                    }
                }
            )+
        }

        #[doc = concat!("As [`crate::", stringify!($name), "`].")]
        $(#[$attribute])*
        #[derive(Debug)]
        #[must_use = "a request does nothing until it is sent"]
        pub struct $name {
            inner: crate::$name,
            runtime: std::sync::Arc<$crate::blocking::runtime::Runtime>,
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
            pub fn send(self) -> $crate::Result<$output> {
                use $crate::blocking::requests::FromAnswer;
                let answer = self.runtime.run(self.inner.send())?;
                Ok(<$output as FromAnswer<_>>::from_answer(answer, self.runtime))
            }
        }
    };
}
pub(super) use request;

/// What `send` returns, from what the asynchronous `send` does.
pub(super) trait FromAnswer<A> {
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
    PutRequest -> PutResult;
    from Client: put(key: impl AsRef<str>);
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
    GetRequest -> Download;
    from Client: get(key: impl AsRef<str>);
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
    InfoRequest -> Info;
    from Client: info(key: impl AsRef<str>);
}

request! {
    ExistsRequest -> bool;
    from Client: exists(key: impl AsRef<str>);
}

request! {
    DeleteRequest -> ();
    from Client: delete(key: impl AsRef<str>), delete_folder(key: impl AsRef<str>);
    later();
}

request! {
    MakeFolderRequest -> ();
    from Client: make_folder(key: impl AsRef<str>);
}

request! {
    UsageRequest -> u64;
    from Client: usage(folder: impl AsRef<str>);
}

request! {
    CopyRequest -> PutResult;
    from Client: copy(source: impl AsRef<str>, target: impl AsRef<str>);
    metadata_directive(directive: Directive);
    meta(name: &str, value: &str);
    header(name: &str, value: impl AsRef<[u8]>);
}

request! {
    RenameRequest -> PutResult;
    from Client: rename(source: impl AsRef<str>, target: impl AsRef<str>);
    metadata_directive(directive: Directive);
    meta(name: &str, value: &str);
    header(name: &str, value: impl AsRef<[u8]>);
}

request! {
    UpdateMetadataRequest -> ();
    from Client: update_metadata(key: impl AsRef<str>);
    merge();
    replace();
    delete(names: impl IntoIterator<Item = impl AsRef<str>>);
    meta(name: &str, value: &str);
    ttl_days(days: u32);
    secret(secret: &str);
    touch();
}

request! {
    PurgeRequest -> Vec<String>;
    from Client:
        purge(urls: impl IntoIterator<Item = impl Into<String>>),
        purge_keys(keys: impl IntoIterator<Item = impl AsRef<str>>),
        purge_keys_at(domain: &str, keys: impl IntoIterator<Item = impl AsRef<str>>);
}
