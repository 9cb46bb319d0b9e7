//! Bodies of forms.

use super::Request;

/// A `multipart/form-data` body whose fields come in the order in which they are added.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Form {
    body: Vec<u8>,
}

impl Form {
    /// What stands between the fields.
    pub const BOUNDARY: &str = "----upyun-conformance-7MA4YWxkTrZu0gW";

    /// A form without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more field of text.
    pub fn field(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.part(&format!("form-data; name=\"{name}\""), value.as_ref())
    }

    /// One more field with a file name.
    pub fn file(self, name: &str, file_name: &str, content: impl AsRef<[u8]>) -> Self {
        let disposition = format!("form-data; name=\"{name}\"; filename=\"{file_name}\"");
        self.part(&disposition, content.as_ref())
    }

    /// One more part with a `Content-Disposition` of its own.
    pub fn part(mut self, disposition: &str, content: &[u8]) -> Self {
        let head = format!(
            "--{}\r\nContent-Disposition: {disposition}\r\n\r\n",
            Self::BOUNDARY
        );
        self.body.extend(head.as_bytes());
        self.body.extend(content);
        self.body.extend(b"\r\n");
        self
    }

    /// The whole body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = self.body.clone();
        body.extend(format!("--{}--\r\n", Self::BOUNDARY).as_bytes());
        body
    }
}

impl Request {
    /// With a form as its body.
    pub fn form(self, form: &Form) -> Self {
        let kind = format!("multipart/form-data; boundary={}", Form::BOUNDARY);
        self.header("Content-Type", kind).body(form.to_bytes())
    }

    /// With these fields as its body, URL-encoded: blanks as `+`.
    pub fn urlencoded(self, fields: &[(&str, &str)]) -> Self {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(body.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_between_boundaries() {
        let form = Form::new().field("policy", "p").file("file", "a.txt", "x");
        let body = String::from_utf8(form.to_bytes()).unwrap();
        let body = body.replace(Form::BOUNDARY, "B").replace("\r\n", "|");
        assert_eq!(
            body,
            "--B|Content-Disposition: form-data; name=\"policy\"||p|\
             --B|Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"||x|--B--|"
        );
    }
}
