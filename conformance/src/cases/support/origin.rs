//! A server on this machine from which tasks fetch.

use std::sync::{Arc, Mutex};

use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{context::read_request, failure::Failure};

/// What is at a path: status, further header lines with their ends, body.
pub(crate) type Page = (u16, String, Vec<u8>);

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Origin {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Origin {
    /// A server of these pages, by path and query.
    ///
    /// # Errors
    /// When no port can be had.
    pub(crate) async fn start(
        pages: impl Fn(&str) -> Page + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let failed = |error| Failure::harness("a port on loopback", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let asked = Arc::default();
        let log = Arc::clone(&asked);
        let pages = Arc::new(pages);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, pages) = (Arc::clone(&log), Arc::clone(&pages));
                tokio::spawn(async move { serve(stream, &log, &*pages).await });
            }
        });
        Ok(Self { url, asked, task })
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Every path and query that was asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock();
        asked.unwrap_or_else(|it| it.into_inner()).clone()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    log: &Mutex<Vec<String>>,
    pages: &(impl Fn(&str) -> Page + Send + Sync),
) -> Option<()> {
    let target = read_request(&mut stream).await?.target;
    let (status, headers, body) = pages(&target);
    log.lock().unwrap_or_else(|it| it.into_inner()).push(target);
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} x\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(&body).await.ok()
}
