//! Joining pictures.

use serde_json::{Map, Value, json};

use super::{
    archive::one,
    submit::{SubmitTasksRequest, notify_setter},
};
use crate::{
    client::Client,
    error::Result,
    protocol::{header, image::ImageParams},
};

impl Client {
    /// Joins up to ten pictures into one: rows from top to bottom, each with its keys from left to
    /// right.
    ///
    /// ```no_run
    /// # async fn example(client: upyun_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use upyun_client::{ImageParams, protocol::image::ImageFormat};
    ///
    /// let params = ImageParams::builder().format(ImageFormat::Jpeg).build()?;
    /// let id = client
    ///     .join_pictures([vec!["/top.jpg"], vec!["/left.jpg", "/right.jpg"]], "/all.jpg")
    ///     .image(&params)
    ///     .send()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("jigsaw"))]
    pub fn join_pictures<R, K>(
        &self,
        rows: impl IntoIterator<Item = R>,
        save_as: impl Into<String>,
    ) -> JigsawRequest
    where
        R: IntoIterator<Item = K>,
        K: Into<String>,
    {
        let rows = rows.into_iter();
        let rows: Vec<Vec<String>> = rows
            .map(|row| row.into_iter().map(Into::into).collect())
            .collect();
        let mut task = Map::new();
        task.insert("image_matrix".into(), json!(rows));
        task.insert("save_as".into(), save_as.into().into());
        JigsawRequest {
            submit: self.submit_tasks("jigsaw"),
            task,
        }
    }
}

/// Pictures to be joined: see [`Client::join_pictures`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct JigsawRequest {
    submit: SubmitTasksRequest,
    task: Map<String, Value>,
}

notify_setter!(JigsawRequest, submit);

impl JigsawRequest {
    /// How the joined picture is processed before it is stored; it is a PNG unless another format is
    /// set here, whatever its key says.
    pub fn image(mut self, params: &ImageParams) -> Self {
        let params = Value::from(params.clone());
        self.task.insert(header::X_GMKERL_THUMB.to_owned(), params);
        self
    }

    /// Submits the task; gives its id.
    ///
    /// # Errors
    /// As [`SubmitTasksRequest::send`].
    pub async fn send(self) -> Result<String> {
        let task = self.task.iter();
        let task = task.map(|(name, value)| (&**name, value.clone()));
        one(self.submit.task(task)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_is_written_as_documented() {
        let client = Client::new("demo", "operator", "password").unwrap();
        let params = ImageParams::builder().width(300).build().unwrap();
        let request = client
            .join_pictures([vec!["/l.jpg", "/r.jpg"], vec!["/b.jpg"]], "/all.png")
            .image(&params);
        assert_eq!(
            Value::Object(request.task).to_string(),
            r#"{"image_matrix":[["/l.jpg","/r.jpg"],["/b.jpg"]],"save_as":"/all.png","x-gmkerl-thumb":"/fw/300"}"#
        );
    }
}
