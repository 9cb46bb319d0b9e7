//! Uploads from a browser: this program signs the policy, the browser sends the file to the service.
//!
//! ```sh
//! cargo run --example browser_upload     # with UPYUN_SERVICE, _USERNAME, _PASSWORD and _ENDPOINT
//! ```
//!
//! Then open the address that it prints. The page shows both ways: an HTML form, after which the
//! service sends the browser back here with the result, and a script with `fetch` and `FormData`.
//! Each visitor may upload pictures and texts up to 10 MB below /uploads.
#![allow(clippy::print_stdout, reason = "the address is what it is for")]

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::Html,
    routing::get,
};
use upyun_client::{Client, FormResult, SignedForm, protocol::FormPolicy};

const PAGE: &str = include_str!("page.html");

fn policy() -> FormPolicy {
    FormPolicy::new("/uploads/{year}{mon}{day}/{random32}{.suffix}")
        .content_length_range(1..=10_000_000)
        .allow_file_types(["gif", "jpg", "png", "txt", "webp"])
}

type Failure = (StatusCode, String);

fn failed(error: upyun_client::Error) -> Failure {
    (StatusCode::BAD_GATEWAY, error.to_string())
}

/// The page, with a form in it that sends the browser back.
async fn page(
    State(client): State<Arc<Client>>,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let back = format!("http://{}/done", host.unwrap_or("localhost"));
    let form = client.sign_form(&policy().return_url(&back)).await;
    let form = form.map_err(failed)?;
    // All three are of letters that mean nothing in HTML.
    let fields = form
        .fields()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"));
    let page = PAGE
        .replace("{{url}}", &form.url)
        .replace("{{fields}}", &fields.collect::<String>());
    Ok(Html(page))
}

/// What a script needs. A real program asks first who is there.
async fn form(State(client): State<Arc<Client>>) -> Result<Json<SignedForm>, Failure> {
    client.sign_form(&policy()).await.map(Json).map_err(failed)
}

/// Where the service sends the browser. Anybody could have written this query, so the object itself
/// is asked for.
async fn done(
    State(client): State<Arc<Client>>,
    RawQuery(query): RawQuery,
) -> (StatusCode, String) {
    let result = match FormResult::from_query(query.as_deref().unwrap_or_default()) {
        Ok(result) => result,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()),
    };
    if !result.is_success() {
        return (StatusCode::OK, format!("refused: {}", result.message));
    }
    match client.info(&result.url).send().await {
        Ok(info) => (
            StatusCode::OK,
            format!("stored {} ({} bytes)", result.url, info.size),
        ),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Arc::new(Client::from_env()?);
    let app = Router::new()
        .route("/", get(page))
        .route("/form", get(form))
        .route("/done", get(done))
        .with_state(client);
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8391".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
