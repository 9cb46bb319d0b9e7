//! `upyun-mock sign`.

use crate::kit::run;

const DATE: &str = "Tue, 24 Nov 2026 00:00:00 GMT";

fn sign(arguments: &[&str]) -> String {
    let output = run(&[&["sign"], arguments].concat());
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_form_is_shown() {
    insta::assert_snapshot!("sign_header", sign(&["--date", DATE, "/demo/a.txt"]));
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    insta::assert_snapshot!(
        "sign_put",
        sign(&[
            "-X",
            "PUT",
            "--date",
            DATE,
            "--content-md5",
            md5,
            "/demo/a.txt"
        ])
    );
    insta::assert_snapshot!(
        "sign_legacy",
        sign(&["--date", DATE, "--legacy", "0", "/demo/a.txt"])
    );
    insta::assert_snapshot!(
        "sign_token",
        sign(&[
            "--uri-prefix",
            "/demo/",
            "--expire",
            "1795478400",
            "/demo/a.txt"
        ])
    );
}

#[test]
fn a_given_signature_is_explained() {
    let wrong = "UPYUN operator:AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let output = run(&[
        "sign",
        "--date",
        DATE,
        "--authorization",
        wrong,
        "/demo/a.txt",
    ]);
    insta::assert_snapshot!("sign_explained", String::from_utf8(output.stdout).unwrap());
}

#[test]
fn a_missing_slash_is_said() {
    let output = run(&["sign", "demo/a.txt"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("does not begin with a slash"), "{stderr}");
    assert!(stderr.contains("/demo/a.txt"), "{stderr}");
}
