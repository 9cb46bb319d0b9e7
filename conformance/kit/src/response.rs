//! Responses, and what can be asserted of them.

use serde_json::Value;

use crate::Refusal;

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// The method of the request.
    pub method: String,
    /// The status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Response {
    /// The header of this name.
    ///
    /// # Panics
    /// If there are several.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| &**value);
        assert!(found.next().is_none(), "two headers {name}: {self:?}");
        value
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// All headers whose names start with the prefix, sorted.
    pub fn all(&self, prefix: &str) -> Vec<(&str, &str)> {
        let headers = self.headers.iter();
        let mut all: Vec<_> = headers
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (&**name, &**value))
            .collect();
        all.sort_unstable();
        all
    }

    /// Expects the status and the code in `X-Error-Code`.
    #[track_caller]
    pub fn assert_code(&self, (status, code, _): Refusal) {
        assert_eq!(
            (self.status, self.header("x-error-code")),
            (status, Some(&*code.to_string())),
            "{self:?}"
        );
    }

    /// Expects this refusal: status, code, text, and one id in header and body; for HEAD no body.
    #[track_caller]
    pub fn assert_refused(&self, refusal: Refusal) {
        self.assert_code(refusal);
        let id = self.header("x-request-id").expect("an id");
        if self.method == "HEAD" {
            assert_eq!(self.body, b"");
            return;
        }
        assert_eq!(self.header("content-type"), Some("application/json"));
        let body = self.json();
        let (_, code, text) = refusal;
        assert_eq!(body["code"], code);
        assert_eq!(body["msg"], text);
        assert_eq!(body["id"], id);
    }

    /// Expects this refusal in the shape of a form's result.
    #[track_caller]
    pub fn assert_form_refused(&self, refusal: Refusal) {
        self.assert_code(refusal);
        let body = self.json();
        let (status, _, text) = refusal;
        assert_eq!(body["code"], status);
        assert_eq!(body["message"], text);
    }
}
