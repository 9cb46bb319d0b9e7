//! Callbacks in axum, from a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use axum::{Router, extract::State, routing::post};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use upyun_client::{
    CallbackVerifier, FormResult, MediaTask, TaskResult, Verified,
    protocol::{FormPolicy, PasswordMd5},
};
use upyun_mock::{CallbackState, MockServer};

#[derive(Clone)]
struct Receiver {
    verifier: CallbackVerifier,
    tasks: UnboundedSender<TaskResult>,
    forms: UnboundedSender<FormResult>,
}

impl axum::extract::FromRef<Receiver> for CallbackVerifier {
    fn from_ref(receiver: &Receiver) -> Self {
        receiver.verifier.clone()
    }
}

async fn task(State(receiver): State<Receiver>, Verified(result): Verified<TaskResult>) {
    receiver.tasks.send(result).unwrap();
}

async fn form(State(receiver): State<Receiver>, Verified(result): Verified<FormResult>) {
    receiver.forms.send(result).unwrap();
}

/// Listens for callbacks of the operator with this password; gives its URL.
async fn listen(
    password: &str,
) -> (
    String,
    UnboundedReceiver<TaskResult>,
    UnboundedReceiver<FormResult>,
) {
    let (tasks, told_tasks) = unbounded_channel();
    let (forms, told_forms) = unbounded_channel();
    let receiver = Receiver {
        verifier: CallbackVerifier::new("operator", PasswordMd5::of(password)),
        tasks,
        forms,
    };
    let inner = Router::new()
        .route("/task", post(task))
        .route("/form", post(form));
    let app = Router::new().nest("/hooks", inner).with_state(receiver);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, told_tasks, told_forms)
}

#[tokio::test]
async fn genuine_callbacks_reach_the_handler() {
    let server = MockServer::start().await;
    let client = server.client();
    let (url, mut tasks, mut forms) = listen("password").await;
    server.put_object("/a.txt", "a").unwrap();
    let task_url = format!("{url}/task?from=test");
    let id = client
        .compress(["/a.txt"], "/a.zip")
        .notify_url(&task_url)
        .send()
        .await
        .unwrap();
    let told = tasks.recv().await.unwrap();
    assert_eq!((told.task_id, told.paths), (id, vec!["/a.zip".to_owned()]));
    let media = client
        .process_media("/a.txt")
        .task(MediaTask::raw([("type", "x".into())]));
    let ids = media
        .notify_url(&task_url)
        .form_callbacks()
        .send()
        .await
        .unwrap();
    let told = tasks.recv().await.unwrap();
    assert_eq!((&told.task_id, told.status), (&ids[0], 400));
    assert!(told.verify_legacy("operator", &PasswordMd5::of("password")));
    let policy = FormPolicy::new("/f.txt").notify_url(&format!("{url}/form"));
    client
        .form(&policy)
        .file("f.txt", "hello")
        .send()
        .await
        .unwrap();
    assert_eq!(forms.recv().await.unwrap().url, "/f.txt");
}

#[tokio::test]
async fn others_do_not() {
    let server = MockServer::start().await;
    let client = server.client();
    let (url, mut tasks, _forms) = listen("another password").await;
    let url = format!("{url}/task");
    client
        .compress(["/a"], "/a.zip")
        .notify_url(&url)
        .send()
        .await
        .unwrap();
    let refused = async || loop {
        let callbacks = server.callbacks();
        if let Some(attempt) = callbacks.first().and_then(|it| it.attempts.first()) {
            assert_eq!(callbacks[0].state, CallbackState::Waiting);
            return attempt.status;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert_eq!(refused().await, Some(403));
    assert!(tasks.try_recv().is_err());
}
