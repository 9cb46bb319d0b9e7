//! Every golden vector, by name: made and verified.

use serde_json::Value;
use upyun_client::protocol::{
    Md5Digest, PasswordMd5,
    sign::{self, *},
};

/// Vectors whose printed output does not follow from their input, or whose secret is not printed.
const INCONSISTENT: [&str; 3] = [
    "doc-form-large-file",
    "doc-av-legacy",
    "doc-content-recognition",
];

struct Vector<'a>(&'a Value);

impl<'a> Vector<'a> {
    fn id(&self) -> &'a str {
        self.0["id"].as_str().expect("id")
    }

    fn optional(&self, name: &str) -> Option<&'a str> {
        self.0["input"][name].as_str()
    }

    fn input(&self, name: &str) -> &'a str {
        self.optional(name)
            .unwrap_or_else(|| panic!("{}: no input {name}", self.id()))
    }

    fn number(&self, name: &str) -> u64 {
        self.0["input"][name]
            .as_u64()
            .unwrap_or_else(|| panic!("{}: no {name}", self.id()))
    }

    fn output(&self, name: &str) -> &'a str {
        self.0["output"][name]
            .as_str()
            .unwrap_or_else(|| panic!("{}: no {name}", self.id()))
    }

    fn key(&self) -> PasswordMd5 {
        let key = PasswordMd5::from_hex(self.input("password_md5")).expect("32 digits");
        if let Some(password) = self.optional("password") {
            assert_eq!(key, PasswordMd5::of(password), "{}: password", self.id());
        }
        key
    }

    fn params(&self) -> Vec<(&'a str, &'a str)> {
        let params = self.0["input"]["params"].as_object().expect("params");
        params
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str().expect("a string")))
            .collect()
    }

    #[track_caller]
    fn expect(&self, name: &str, got: &str) {
        assert_eq!(got, self.output(name), "{}", self.id());
    }

    #[track_caller]
    fn expect_string_to_sign(&self, got: &str) {
        let mut want = self.0["string_to_sign"]
            .as_str()
            .expect("string_to_sign")
            .to_owned();
        if got.contains(sign::MASK) {
            want = want.replace(self.input("password_md5"), sign::MASK);
        }
        assert_eq!(got, want, "{}", self.id());
    }

    fn expect_authorization(&self, signature: &str) {
        if self.0["output"]["authorization"].is_string() {
            // The two schemes differ in the case of a word that is compared without regard to it.
            let want = self.output("authorization");
            let got = sign::upyun(self.input("operator"), signature);
            assert!(got.eq_ignore_ascii_case(want), "{}: {got}", self.id());
        }
    }

    fn check(&self) {
        match self.0["algorithm"].as_str().expect("algorithm") {
            "md5-hex" => self.expect("hex", &Md5Digest::of(self.input("text")).to_string()),
            "basic" => {
                let value = sign::basic(self.input("operator"), self.input("password"));
                self.expect("authorization", &value);
            }
            "policy-base64" => {
                self.expect("policy", &sign::encode_policy(self.input("policy_json")));
            }
            "header-hmac-sha1" => {
                let request = HeaderSignature {
                    method: self.input("method"),
                    uri: self.input("uri"),
                    date: self.input("date"),
                    content_md5: self.optional("content_md5"),
                };
                self.expect_string_to_sign(&request.string_to_sign());
                let signature = request.sign(&self.key());
                self.expect("signature", &signature);
                self.expect_authorization(&signature);
                assert!(request.verify(&self.key(), self.output("signature")));
                assert!(!request.verify(&PasswordMd5::of("wrong"), self.output("signature")));
            }
            "body-hmac-sha1" => {
                let policy = self.input("policy");
                if self.id() != "doc-form-body"
                    && let Some(json) = self.optional("policy_json")
                {
                    assert_eq!(sign::encode_policy(json), policy, "{}", self.id());
                }
                let form = FormSignature {
                    uri: self.input("uri"),
                    date: self.optional("date"),
                    policy,
                    content_md5: self.optional("content_md5"),
                };
                self.expect_string_to_sign(&form.string_to_sign());
                let signature = form.sign(&self.key());
                self.expect("signature", &signature);
                self.expect_authorization(&signature);
                assert!(form.verify(&self.key(), &signature));
            }
            "token-hmac-sha1" => {
                let token = TokenSignature {
                    method: self.input("method"),
                    prefix: self.optional("uri_prefix"),
                    postfix: self.optional("uri_postfix"),
                    expire: self.input("expire"),
                };
                self.expect_string_to_sign(&token.string_to_sign());
                self.expect("token", &token.sign(&self.key()));
                assert!(token.verify(&self.key(), self.output("token")));
            }
            "rest-md5-legacy" => {
                let request = LegacySignature {
                    method: self.input("method"),
                    uri: self.input("uri"),
                    date: self.input("date"),
                    content_length: self.number("content_length"),
                };
                self.expect_string_to_sign(&request.masked_string_to_sign());
                let signature = request.sign(&self.key());
                self.expect("signature", &signature);
                self.expect_authorization(&signature);
                assert!(request.verify(&self.key(), &signature.to_ascii_uppercase()));
            }
            "form-md5-legacy" => {
                let signature = sign::form_legacy(self.input("policy"), self.input("form_secret"));
                self.expect("signature", &signature);
            }
            "sorted-kv-md5-legacy" => {
                self.expect(
                    "signature",
                    &sign::block_legacy(self.params(), self.input("secret")),
                );
            }
            "av-md5-legacy" => {
                let operator = self.input("operator");
                let signature = sign::media_legacy(operator, self.params(), &self.key());
                self.expect("signature", &signature);
            }
            "av-callback-md5-legacy" => {
                let (task, time) = (self.input("task_id"), self.input("timestamp"));
                let got =
                    sign::media_callback_legacy(self.input("operator"), task, time, &self.key());
                self.expect("signature", &got);
            }
            "form-callback-md5-legacy" => {
                let callback = FormCallback {
                    code: self.input("code"),
                    message: self.input("message"),
                    url: self.input("url"),
                    time: self.input("time"),
                    ext_param: self.optional("ext_param"),
                };
                match self
                    .optional("form_secret")
                    .filter(|secret| !secret.is_empty())
                {
                    Some(secret) => {
                        self.expect("sign", &callback.sign(secret));
                        assert!(callback.verify(secret, self.output("sign")));
                    }
                    None => self.expect("no_sign", &callback.no_sign()),
                }
            }
            "purge-md5" => {
                let request = PurgeSignature {
                    purge: self.input("purge"),
                    service: self.input("service"),
                    date: self.input("date"),
                };
                self.expect_string_to_sign(&request.masked_string_to_sign());
                self.expect("signature", &request.sign(&self.key()));
                let value = request.authorization(self.input("operator"), &self.key());
                self.expect("authorization", &value);
                assert!(request.verify(&self.key(), self.output("signature")));
            }
            "cdn-token-md5" => {
                let (secret, uri) = (self.input("secret"), self.input("uri"));
                let etime = self.number("etime");
                self.expect("_upt", &CdnToken { secret, etime, uri }.upt());
                assert!(CdnToken::verify(
                    secret,
                    uri,
                    self.output("_upt"),
                    etime - 1
                ));
            }
            "raw-hmac-sha1" => {
                self.expect("signature", &sign::hmac(&self.key(), self.input("data")));
            }
            other => panic!("{}: unknown algorithm {other}", self.id()),
        }
    }
}

#[test]
fn every_vector() {
    let file: Value = serde_json::from_str(include_str!("data/signature-vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 68);
    for vector in vectors.iter().map(Vector) {
        let consistent = !INCONSISTENT.contains(&vector.id());
        if consistent {
            vector.check();
        } else {
            assert_eq!(vector.0["verified"], false, "{}", vector.id());
        }
    }
}
