//! `env`: lines that make the programs of a shell use a server that runs.

use std::process::{Command, Output};

use crate::kit::{Served, program};

fn env(cache: &tempfile::TempDir, arguments: &[&str]) -> Output {
    let mut command = program();
    command.env("XDG_CACHE_HOME", cache.path());
    for name in [
        "UPYUN_SERVICE",
        "JAVA_TOOL_OPTIONS",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(name);
    }
    command.arg("env").args(arguments).output().unwrap()
}

#[track_caller]
fn lines(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Not a test: a program that uses the SDK's own hosts, by HTTPS.
#[tokio::test]
#[ignore = "a program that the tests run"]
async fn the_program_with_default_hosts() {
    let client = upyun_client::Client::new("pears", "operator", "password").unwrap();
    client.put("/a.txt").body("hello").send().await.unwrap();
    let urls = ["http://pears.b0.upaiyun.com/a.txt"];
    client.purge(urls).send().await.unwrap();
}

#[test]
fn a_shell_that_reads_the_lines_reaches_the_server_by_the_services_hosts() {
    let served = Served::start(&["--service", "pears"]);
    let url = format!("http://{}", served.address);
    let cache = tempfile::tempdir().unwrap();
    let lines = lines(env(&cache, &["--url", &url]));
    for line in [
        "UPYUN_SERVICE=pears",
        "UPYUN_USERNAME=operator",
        "UPYUN_PASSWORD=password",
        &format!("UPYUN_ENDPOINT={url}"),
        &format!("https_proxy={url}"),
        &format!("HTTP_PROXY={url}"),
    ] {
        assert!(
            lines.contains(&format!("export {line}\n")),
            "{line}: {lines}"
        );
    }
    for name in [
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "JAVA_TOOL_OPTIONS",
        "no_proxy",
    ] {
        assert!(
            lines.contains(&format!("export {name}=")),
            "{name}: {lines}"
        );
    }
    let script = format!(
        "{lines} exec \"$0\" env::the_program_with_default_hosts --exact --ignored --nocapture"
    );
    let own = std::env::current_exe().unwrap();
    let output = Command::new("sh").arg("-c").arg(script).arg(own).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(served.ask("GET", "/pears/a.txt", "").ends_with("hello"));
    // The same certificate has the same files.
    assert_eq!(lines, self::lines(env(&cache, &["--url", &url])));
}

#[test]
fn an_unknown_password_is_not_printed() {
    let served = Served::start(&["--operator", "ann:secret"]);
    let url = format!("http://{}", served.address);
    let cache = tempfile::tempdir().unwrap();
    let printed = lines(env(&cache, &["--url", &url]));
    assert!(printed.contains("export UPYUN_USERNAME=ann\n"), "{printed}");
    assert!(!printed.contains("UPYUN_PASSWORD"), "{printed}");
    let printed = lines(env(&cache, &["--url", &url, "--password", "se'cret"]));
    let line = r"export UPYUN_PASSWORD='se'\''cret'";
    assert!(printed.contains(line), "{printed}");
}

#[test]
fn a_guarded_control_plane_wants_its_token_and_none_the_directory_of_the_ca() {
    let cache = tempfile::tempdir().unwrap();
    let served = Served::start(&["--control-token", "t0ken"]);
    let url = format!("http://{}", served.address);
    let refused = env(&cache, &["--url", &url]);
    assert_eq!(refused.status.code(), Some(1));
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(why.contains("--control-token"), "{why}");
    lines(env(&cache, &["--url", &url, "--control-token", "t0ken"]));

    let ca = tempfile::tempdir().unwrap();
    let directory = ca.path().to_str().unwrap();
    let served = Served::start(&["--ca-dir", directory, "--no-control"]);
    let url = format!("http://{}", served.address);
    let fish = ["--url", &url, "--ca-dir", directory, "--shell", "fish"];
    let printed = lines(env(&cache, &fish));
    let line = format!("set -gx https_proxy '{url}'\n");
    assert!(printed.contains(&line), "{printed}");
}

#[test]
fn a_server_that_does_not_run_is_an_error_with_a_remedy() {
    let cache = tempfile::tempdir().unwrap();
    let output = env(&cache, &["--url", "http://127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty(), "{output:?}");
    let why = String::from_utf8(output.stderr).unwrap();
    assert!(why.contains("--url"), "{why}");
    let output = env(&cache, &["--url", "https://127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(2));
}
