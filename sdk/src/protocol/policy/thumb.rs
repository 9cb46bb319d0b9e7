//! Further pictures of an uploaded one.

use serde_json::{Map, Value};

use super::FormPolicy;
use crate::protocol::{header, image::ImageParams};

/// A further picture, or tiles, of one that a form uploads: see [`FormPolicy::thumb`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ThumbApp {
    members: Map<String, Value>,
}

impl ThumbApp {
    /// A picture that looks like this.
    pub fn new(params: &ImageParams) -> Self {
        let app = Self {
            members: Map::new(),
        };
        app.with("name", "thumb")
            .with(header::X_GMKERL_THUMB, params.as_str())
    }

    /// Its key, with placeholders like `{filepath}`, `{filename}` and `{suffix}` for the original's,
    /// and `{row}`, `{column}` and `{seq}` for tiles. The service picks one unless set.
    pub fn save_as(self, key: &str) -> Self {
        self.with("save_as", key)
    }

    /// Cuts it into tiles of this size, those at the right and at the bottom as small as they are.
    pub fn tiles(self, width: u32, height: u32) -> Self {
        self.with("x-gmkerl-split", format!("{width}x{height}"))
    }

    /// Where the end of the task is told: the policy's notify URL unless set.
    pub fn notify_url(self, url: &str) -> Self {
        self.with("notify_url", url)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }
}

impl FormPolicy {
    /// Makes a further picture once the upload is stored, by a task of its own whose id is in the
    /// [result](crate::FormResult::task_ids). At most ten of an upload.
    ///
    /// ```
    /// use upyun_client::protocol::{FormPolicy, ThumbApp, image::ImageParams};
    ///
    /// let small = ImageParams::builder().longer_side(200).build()?;
    /// let policy = FormPolicy::new("/photos/{filemd5}{.suffix}")
    ///     .thumb(ThumbApp::new(&small).save_as("{filepath}.small.jpg"));
    /// # Ok::<(), upyun_client::protocol::image::ImageParamsError>(())
    /// ```
    #[must_use]
    pub fn thumb(self, app: ThumbApp) -> Self {
        self.app(app.members)
    }

    /// Begins another task once the upload is stored, by its members as they are written in the
    /// documentation: `name`, and what the app of this name takes.
    #[must_use]
    pub fn app(mut self, members: Map<String, Value>) -> Self {
        let apps = self
            .members
            .entry("apps")
            .or_insert_with(|| Value::Array(Vec::new()));
        match apps {
            Value::Array(apps) => apps.push(members.into()),
            // What was set is no list, which the service would refuse.
            other => *other = Value::Array(vec![members.into()]),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_are_written_as_documented() {
        let params = ImageParams::builder().width(720).build().unwrap();
        let whole = ThumbApp::new(&params).notify_url("http://a/");
        let tiles = ThumbApp::new(&params).save_as("/t-{seq}.jpg").tiles(72, 36);
        let policy = FormPolicy::new("/a").thumb(whole).thumb(tiles);
        let apps = policy.get("apps").unwrap().to_string();
        assert_eq!(
            apps,
            r#"[{"name":"thumb","x-gmkerl-thumb":"/fw/720","notify_url":"http://a/"},{"name":"thumb","x-gmkerl-thumb":"/fw/720","save_as":"/t-{seq}.jpg","x-gmkerl-split":"72x36"}]"#
        );
    }
}
