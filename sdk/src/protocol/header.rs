//! Header names, in lower case, and the values that have a meaning of their own.

/// The request id, 32 lower-case hex digits, on every answer.
pub const X_REQUEST_ID: &str = "x-request-id";
/// The eight digits of the error, on every error of an API host.
pub const X_ERROR_CODE: &str = "x-error-code";
/// Replaces `Date` in clients that cannot set that.
pub const X_DATE: &str = "x-date";
/// The MD5 of the body, 32 hex digits.
pub const CONTENT_MD5: &str = "content-md5";
/// The content secret of an object, letters and digits.
pub const CONTENT_SECRET: &str = "content-secret";

/// Token: what the path must begin with.
pub const X_UPYUN_URI_PREFIX: &str = "x-upyun-uri-prefix";
/// Token: what the path must end with.
pub const X_UPYUN_URI_POSTFIX: &str = "x-upyun-uri-postfix";
/// Token: unix seconds.
pub const X_UPYUN_EXPIRE: &str = "x-upyun-expire";

/// `true` makes a folder.
pub const FOLDER: &str = "folder";
/// A hint which kind is meant, `true` or `false`; `true` with POST makes a folder.
pub const X_UPYUN_FOLDER: &str = "x-upyun-folder";
/// `true` deletes later.
pub const X_UPYUN_ASYNC: &str = "x-upyun-async";
/// The retired append mode.
pub const X_UPYUN_APPEND: &str = "x-upyun-append";

/// Cursor of a list request.
pub const X_LIST_ITER: &str = "x-list-iter";
/// Entries a page.
pub const X_LIST_LIMIT: &str = "x-list-limit";
/// `asc` or `desc`.
pub const X_LIST_ORDER: &str = "x-list-order";
/// Cursor of a list answer.
pub const X_UPYUN_LIST_ITER: &str = "x-upyun-list-iter";
/// Another list: `multi` for unfinished uploads.
pub const X_UPYUN_LIST_TYPE: &str = "x-upyun-list-type";

/// `/<service>/<key>` to copy.
pub const X_UPYUN_COPY_SOURCE: &str = "x-upyun-copy-source";
/// `/<service>/<key>` to move.
pub const X_UPYUN_MOVE_SOURCE: &str = "x-upyun-move-source";
/// What becomes of the metadata: see [`Directive`](super::Directive).
pub const X_UPYUN_METADATA_DIRECTIVE: &str = "x-upyun-metadata-directive";

/// What every metadata header begins with.
pub const X_UPYUN_META_PREFIX: &str = "x-upyun-meta-";
/// The name, after the prefix, of the life in days.
pub const META_TTL: &str = "ttl";
/// The name, after the prefix, of the content secret.
pub const META_SECRET: &str = "secret";

/// On info `file` or `folder`; on uploads and downloads the kind of picture.
pub const X_UPYUN_FILE_TYPE: &str = "x-upyun-file-type";
/// Size in bytes, on info of a file.
pub const X_UPYUN_FILE_SIZE: &str = "x-upyun-file-size";
/// Unix seconds, on info.
pub const X_UPYUN_FILE_DATE: &str = "x-upyun-file-date";
/// Width of a picture, in pixels.
pub const X_UPYUN_WIDTH: &str = "x-upyun-width";
/// Height of a picture, in pixels.
pub const X_UPYUN_HEIGHT: &str = "x-upyun-height";
/// Frames of a picture; 1 if it does not move.
pub const X_UPYUN_FRAMES: &str = "x-upyun-frames";
/// Stored bytes, on upload answers of newer deployments (`[choice R-91]`).
pub const X_UPYUN_CONTENT_LENGTH: &str = "x-upyun-content-length";

/// The stage or stages of a resumable upload.
pub const X_UPYUN_MULTI_STAGE: &str = "x-upyun-multi-stage";
/// The id of a resumable upload.
pub const X_UPYUN_MULTI_UUID: &str = "x-upyun-multi-uuid";
/// The size of the whole object, in bytes.
pub const X_UPYUN_MULTI_LENGTH: &str = "x-upyun-multi-length";
/// The MIME type of the object of a resumable upload.
pub const X_UPYUN_MULTI_TYPE: &str = "x-upyun-multi-type";
/// The size of every part but the last, in bytes: a multiple of 1 MiB.
pub const X_UPYUN_MULTI_PART_SIZE: &str = "x-upyun-multi-part-size";
/// `true` for parts in any order.
pub const X_UPYUN_MULTI_DISORDER: &str = "x-upyun-multi-disorder";
/// The MD5 of the whole object, on completion.
pub const X_UPYUN_MULTI_MD5: &str = "x-upyun-multi-md5";
/// `true` asks for the object of an unfinished upload.
pub const X_UPYUN_MULTI_IN_PROGRESS: &str = "x-upyun-multi-in-progress";
/// The number of a part, from 0.
pub const X_UPYUN_PART_ID: &str = "x-upyun-part-id";
/// The part that is next in an ordered upload; -1 when all are there.
pub const X_UPYUN_NEXT_PART_ID: &str = "x-upyun-next-part-id";
/// The size that the next part must have unless it is the last.
pub const X_UPYUN_NEXT_PART_SIZE: &str = "x-upyun-next-part-size";
/// `false` on the progress of a parallel upload.
pub const X_UPYUN_META_ORDER: &str = "x-upyun-meta-order";
/// When an unfinished upload began, as an HTTP date.
pub const X_UPYUN_CREATED_DATE: &str = "x-upyun-created-date";
/// The Base64 of a prefix of keys, for the list of unfinished uploads.
pub const X_UPYUN_LIST_PREFIX: &str = "x-upyun-list-prefix";
/// How many unfinished uploads are listed at most.
pub const X_UPYUN_LIST_LIMIT: &str = "x-upyun-list-limit";
/// `true` asks for the progress of a resumable upload.
pub const X_UPYUN_MULTI_INFO: &str = "x-upyun-multi-info";

/// The beginning of all headers that say how a picture is processed before it is stored.
pub const X_GMKERL_PREFIX: &str = "x-gmkerl-";
/// How a picture is processed before it is stored: parameters like `/fw/300/quality/80`, or the name
/// of a version.
pub const X_GMKERL_THUMB: &str = "x-gmkerl-thumb";
/// Of a picture that could not be processed, where that is ignored: the status that it would have
/// had.
pub const X_GMKERL_ERR_CODE: &str = "x-gmkerl-err-code";
/// What is asked about an uploaded picture: [`GET_META`] or [`GET_THEME_COLOR`]. With old clients also
/// how it is scaled.
pub const X_GMKERL_TYPE: &str = "x-gmkerl-type";
/// Asks for EXIF, in [`X_GMKERL_TYPE`].
pub const GET_META: &str = "get_meta";
/// Asks for theme colours, in [`X_GMKERL_TYPE`].
pub const GET_THEME_COLOR: &str = "get_theme_color";
/// How many theme colours are asked for, 1 to 4096.
pub const X_GMKERL_EXTRACT_COLOR_COUNT: &str = "x-gmkerl-extract-color-count";
/// How theme colours are written: `hex` or `dec`.
pub const X_GMKERL_EXTRACT_FORMAT: &str = "x-gmkerl-extract-format";
