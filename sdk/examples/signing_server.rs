//! A signing server: it knows the password, so that its clients need not.
//!
//! ```text
//! UPYUN_USERNAME=operator UPYUN_PASSWORD=password cargo run --example signing_server
//! ```
//!
//! Then, in Rust: `Client::builder("demo", "operator", RemoteSigner::new("http://127.0.0.1:8399/")?)`;
//! or with the Python SDK: `upyun.UpYun("demo", "operator", auth_server="http://127.0.0.1:8399/")`.
//!
//! Whoever reaches it can act as the operator. A real one stands behind a login, and decides by
//! method and path what it signs: see `is_allowed`.

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use upyun_client::{SignRequest, protocol::PasswordMd5};

/// What a client asks. It sends `password: null` too, which is none of its business.
#[derive(Debug, Deserialize)]
struct Question {
    username: String,
    method: String,
    uri: String,
    date: String,
    #[serde(default)]
    content_md5: Option<String>,
    #[serde(default)]
    policy: Option<String>,
}

struct Operator {
    name: String,
    key: PasswordMd5,
}

async fn sign(
    State(operator): State<Arc<Operator>>,
    Json(question): Json<Question>,
) -> Result<String, StatusCode> {
    if question.username != operator.name || !is_allowed(&question) {
        return Err(StatusCode::FORBIDDEN);
    }
    let mut request = SignRequest::new(
        &question.username,
        &question.method,
        &question.uri,
        &question.date,
    );
    request.content_md5 = question.content_md5.as_deref();
    request.policy = question.policy.as_deref();
    eprintln!("signed {} {}", question.method, question.uri);
    Ok(request.authorization(&operator.key))
}

/// The place for rules, like "each user below a folder of its own".
fn is_allowed(question: &Question) -> bool {
    matches!(
        &*question.method,
        "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE"
    )
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let var = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let operator = Operator {
        name: var("UPYUN_USERNAME")?,
        key: PasswordMd5::of(&var("UPYUN_PASSWORD")?),
    };
    let address = var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8399".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    eprintln!("signing on http://{}/", listener.local_addr()?);
    let app = Router::new()
        .route("/", post(sign))
        .with_state(Arc::new(operator));
    axum::serve(listener, app).await?;
    Ok(())
}
