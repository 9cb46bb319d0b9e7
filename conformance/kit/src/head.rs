//! Heads and chunked bodies as bytes, for requests and responses.

/// The first line and the headers of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The request line or the status line.
    pub first_line: String,
    /// Names in lower case, and values without the white space around them.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// The head at the start of these bytes and its length; `None` while its end is missing.
    pub fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let mut lines = bytes[..end]
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii_end);
        let first_line = String::from_utf8_lossy(lines.next()?).into_owned();
        let headers = lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
            Some((name, line[colon + 1..].trim_ascii().to_vec()))
        });
        let headers = headers.collect();
        let head = Self {
            first_line,
            headers,
        };
        Some((head, end + 4))
    }

    /// A word of the first line.
    pub fn word(&self, number: usize) -> Option<&str> {
        self.first_line.split(' ').nth(number)
    }

    /// The first header of this name, if it is UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The value of `Content-Length`.
    pub fn content_length(&self) -> Option<usize> {
        self.header("content-length")?.parse().ok()
    }

    /// Whether the body comes in chunks.
    pub fn is_chunked(&self) -> bool {
        self.header("transfer-encoding") == Some("chunked")
    }
}

/// The content of a chunked body, and how many bytes it takes; `None` in its place while the end is
/// missing or a chunk's size is no number.
pub fn dechunk(bytes: &[u8]) -> (Vec<u8>, Option<usize>) {
    let mut content = Vec::new();
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let Some((line, size)) = chunk_size(rest) else {
            return (content, None);
        };
        let whole = line + size + 2;
        if rest.len() < whole {
            content.extend(&rest[line..rest.len().min(line + size)]);
            return (content, None);
        }
        content.extend(&rest[line..line + size]);
        at += whole;
        if size == 0 {
            return (content, Some(at));
        }
    }
}

/// The length of the line that begins a chunk, and the chunk's size.
fn chunk_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(2).position(|window| window == b"\r\n")?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let size = line.split(';').next()?.trim();
    Some((end + 2, usize::from_str_radix(size, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_an_empty_line() {
        let bytes = b"GET /a HTTP/1.1\r\nX-Any:  b \r\nContent-Length: 5\r\n\r\nhello";
        let (head, length) = Head::parse(bytes).unwrap();
        assert_eq!(&bytes[length..], b"hello");
        assert_eq!(head.word(1), Some("/a"));
        assert_eq!(head.header("X-ANY"), Some("b"));
        assert_eq!(head.content_length(), Some(5));
        assert_eq!(Head::parse(&bytes[..length - 1]), None);
    }

    #[test]
    fn chunks_are_joined() {
        let bytes = b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\nnext";
        assert_eq!(dechunk(bytes), (b"hello".to_vec(), Some(24)));
        assert_eq!(dechunk(&bytes[..10]), (b"hel".to_vec(), None));
        assert_eq!(dechunk(&bytes[..5]), (b"he".to_vec(), None));
        assert_eq!(dechunk(b"z\r\n"), (Vec::new(), None));
    }
}
