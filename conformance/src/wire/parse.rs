//! Reading answers from a stream.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};

use super::answer::Answer;

/// The next answer, interim ones too.
pub(crate) async fn answer<S: AsyncRead + Unpin>(
    stream: &mut BufReader<S>,
    method: &str,
) -> io::Result<Answer> {
    let status_line = line(stream).await?;
    let status = status_line
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .ok_or_else(|| invalid(format!("no status line: {status_line:?}")))?;
    let mut headers = Vec::new();
    loop {
        let line = line(stream).await?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| invalid(format!("no header: {line:?}")))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut answer = Answer::new(status_line, status, headers);
    let has_none = method == "HEAD" || status < 200 || matches!(status, 204 | 304);
    if !has_none {
        answer.body = body(stream, &answer).await?;
    }
    Ok(answer)
}

async fn body<S: AsyncRead + Unpin>(
    stream: &mut BufReader<S>,
    answer: &Answer,
) -> io::Result<Vec<u8>> {
    if let Some(length) = answer.header("content-length") {
        let length: u64 = length
            .parse()
            .map_err(|_| invalid(format!("Content-Length: {length}")))?;
        let mut body = Vec::new();
        stream.take(length).read_to_end(&mut body).await?;
        if body.len() as u64 != length {
            return Err(invalid(format!(
                "the body ends after {} of {length} bytes",
                body.len()
            )));
        }
        return Ok(body);
    }
    let mut body = Vec::new();
    if answer.header("transfer-encoding") == Some("chunked") {
        loop {
            let size = line(stream).await?;
            let size = size.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16)
                .map_err(|_| invalid(format!("no chunk size: {size:?}")))?;
            if size == 0 {
                while !line(stream).await?.is_empty() {}
                return Ok(body);
            }
            if stream.take(size).read_to_end(&mut body).await? as u64 != size {
                return Err(invalid("the body ends inside a chunk".to_owned()));
            }
            line(stream).await?;
        }
    }
    stream.read_to_end(&mut body).await?;
    Ok(body)
}

async fn line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> io::Result<String> {
    let mut line = Vec::new();
    stream.take(1 << 16).read_until(b'\n', &mut line).await?;
    let Some(line) = line.strip_suffix(b"\n") else {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the connection was closed before the answer was whole",
        ));
    };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(String::from_utf8_lossy(line).into_owned())
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
