//! Submitting tasks of any app.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::{Map, Value};

use super::MediaTask;
use crate::{
    body::Ready,
    client::{
        Client,
        call::{Call, Replay},
    },
    error::{Error, Result},
    protocol::{Md5Digest, host::Api},
};

/// More of an answer is not read.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// Tasks of one request.
const MAX_TASKS: usize = 10;

/// The setter of every request that submits tasks, by way of its [`SubmitTasksRequest`].
macro_rules! notify_setter {
    ($request:ident, $submit:tt) => {
        impl $request {
            /// Where the service reports the end of each task. Unless set, nowhere.
            pub fn notify_url(mut self, url: impl Into<String>) -> Self {
                self.$submit.notify_url = url.into();
                self
            }
        }
    };
}
pub(super) use notify_setter;

impl Client {
    /// Submits media tasks on an object: transcoding, pictures, segments, what a file is made of.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// use upyun_client::{ThumbnailTask, VideoTask};
    ///
    /// let ids = client
    ///     .process_media("/v/in.mp4")
    ///     .task(VideoTask::new().preset("480p(16:9)").save_as("/v/small.mp4"))
    ///     .task(ThumbnailTask::new().at(5.0).save_as("/v/cover.jpg"))
    ///     .send()
    ///     .await?;
    /// let results = client.wait_for_tasks(&ids).send().await?;
    /// # assert_eq!(results[0].status, 404);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("pretreat", "CommitTasks", "naga"))]
    pub fn process_media(&self, source: impl Into<String>) -> MediaRequest {
        let mut tasks = self.submit_tasks("naga");
        tasks.source = Some(source.into());
        tasks.is_json = true;
        MediaRequest(tasks)
    }

    /// Submits tasks of any app as they are written in the documentation.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// let ids = client
    ///     .submit_tasks("imgaudit")
    ///     .task([("source", "/photos/cat.jpg".into())])
    ///     .notify_url("http://127.0.0.1:8000/audited")
    ///     .send()
    ///     .await?;
    /// assert_eq!(ids.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("put_tasks", "CommitTasks"))]
    pub fn submit_tasks(&self, app: &str) -> SubmitTasksRequest {
        SubmitTasksRequest {
            client: self.clone(),
            app: app.to_owned(),
            source: None,
            tasks: Vec::new(),
            notify_url: String::new(),
            is_json: false,
        }
    }
}

/// Tasks to be submitted: see [`Client::submit_tasks`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct SubmitTasksRequest {
    client: Client,
    app: String,
    source: Option<String>,
    tasks: Vec<Value>,
    pub(super) notify_url: String,
    is_json: bool,
}

impl SubmitTasksRequest {
    /// Adds a task by its members; 1 to 10 tasks are submitted at once.
    pub fn task<'a>(mut self, members: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let members = members.into_iter();
        let members = members.map(|(name, value)| (name.to_owned(), value));
        let members: Map<String, Value> = members.collect();
        self.tasks.push(members.into());
        self
    }

    /// The object that media tasks begin with; other apps name theirs in the tasks.
    pub fn source(mut self, key: impl Into<String>) -> Self {
        self.source = Some(key.into());
        self
    }

    /// Where the service reports the end of each task. Unless set, nowhere.
    pub fn notify_url(mut self, url: impl Into<String>) -> Self {
        self.notify_url = url.into();
        self
    }

    /// Submits them; gives their ids in the same order.
    ///
    /// Whether tasks can be carried out shows later, in their results. An attempt of which no answer
    /// arrived is not repeated, as the tasks may be under way.
    ///
    /// # Errors
    /// Kind Invalid for no task or more than ten; the service's refusals of URL, app and rights.
    pub async fn send(self) -> Result<Vec<String>> {
        if self.tasks.is_empty() || self.tasks.len() > MAX_TASKS {
            let count = self.tasks.len();
            return Err(Error::invalid(format!(
                "1 to {MAX_TASKS} tasks are submitted at once, not {count}"
            )));
        }
        let client = self.client.clone();
        let mut call = Call::post(Api::Tasks, "/pretreatment/".to_owned());
        call.replay = Replay::NotTwice;
        call.form_body(self.form(client.service().as_str()));
        let mut answer = client.send(call).await?;
        let body = answer.read(MAX_ANSWER_BYTES).await?;
        serde_json::from_slice(&body)
            .map_err(|_| answer.malformed("the answer is no list of task ids"))
            .map_err(|error| error.of_request("POST", "/pretreatment/"))
    }

    // Apart from `send`: the serializer may not live across an await of a future that is `Send`.
    fn form(self, service: &str) -> String {
        let tasks = STANDARD.encode(Value::Array(self.tasks).to_string());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("service", service);
        if let Some(source) = &self.source {
            form.append_pair("source", source);
        }
        form.append_pair("notify_url", &self.notify_url);
        form.append_pair("tasks", &tasks);
        form.append_pair("app_name", &self.app);
        if self.is_json {
            form.append_pair("accept", "json");
        }
        form.finish()
    }
}

impl Call {
    pub(crate) fn post(api: Api, uri: String) -> Self {
        let mut call = Self::new(Method::POST, uri);
        call.api = api;
        call
    }

    /// A small form as the body, with its MD5.
    pub(crate) fn form_body(&mut self, form: String) {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.text_body(form, kind);
    }

    /// A small text as the body, with its MD5.
    pub(crate) fn text_body(&mut self, text: String, kind: HeaderValue) {
        self.headers.insert(CONTENT_TYPE, kind);
        self.content_md5 = Some(Md5Digest::of(&text));
        self.body = Some(Ready::bytes(text.into()));
    }
}

/// Media tasks to be submitted: see [`Client::process_media`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct MediaRequest(SubmitTasksRequest);

notify_setter!(MediaRequest, 0);

impl MediaRequest {
    /// Adds a task; 1 to 10 tasks are submitted at once.
    pub fn task(mut self, task: impl Into<MediaTask>) -> Self {
        let members = task.into().members();
        self.0.tasks.push(members.into());
        self
    }

    /// Asks for callbacks in the form of old instead of JSON.
    pub fn form_callbacks(mut self) -> Self {
        self.0.is_json = false;
        self
    }

    /// Submits them; gives their ids in the same order.
    ///
    /// # Errors
    /// As [`SubmitTasksRequest::send`].
    pub async fn send(self) -> Result<Vec<String>> {
        self.0.send().await
    }
}
