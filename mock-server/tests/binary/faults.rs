//! `exec` with faults: what meets a program, what it survives, and what it never did.

use crate::{
    exec::{exec, exec_child, stderr},
    kit::program,
};

/// Not a test: a program that looks at no answer.
#[tokio::test]
#[ignore = "a program that the tests run"]
async fn the_program_that_hopes() {
    let client = upyun_client::Client::builder("demo", "operator", "password")
        .retry(upyun_client::RetryPolicy::none())
        .build()
        .unwrap();
    let _ = client.put("/hoped.txt").body("for").send().await;
}

#[test]
fn exploring_faults_finds_what_a_program_survives() {
    let options = ["--via", "proxy", "--explore-faults"];
    let output = exec_child(&options, "exec::the_program_that_uploads");
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", stderr(&output));
    assert!(
        told.starts_with("2 requests, 3 faults at each of 2: 6 runs\n"),
        "{told}"
    );
    assert_eq!(told.matches("survives").count(), 6, "{told}");
    assert!(
        told.ends_with("no data was lost, and nothing hung\n"),
        "{told}"
    );
}

#[test]
fn exploring_faults_finds_lost_data_and_hangs() {
    let options = [
        "--via",
        "proxy",
        "--explore-faults=status=503",
        "--explore-faults=lose_answer",
        "--explore-faults=stall",
    ];
    let output = exec_child(&options, "faults::the_program_that_hopes");
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}{}", stderr(&output));
    for line in [
        "#1 PUT v0.api.upyun.com/demo/hoped.txt",
        "status=503           LOSES DATA: exit status 0, but /demo/hoped.txt is missing",
        "again: upyun-mock exec --fault 'nth=1 => status=503' --",
        "lose_answer          survives",
        "stall                HANGS",
        "2 runs lost data or hung",
    ] {
        assert!(told.contains(line), "{line:?} is not in {told}");
    }
}

#[test]
fn exploring_needs_a_program_that_works_and_rules_that_mean_something() {
    let output = exec_child(
        &["--via", "proxy", "--explore-faults"],
        "exec::the_program_with_a_wrong_password",
    );
    assert_eq!(output.status.code(), Some(101));
    assert!(
        stderr(&output).contains("even without a fault"),
        "{}",
        stderr(&output)
    );
    let output = exec(&["--explore-faults=stauts=503"], &["true"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("stauts"), "{}", stderr(&output));
}

#[test]
fn faults_meet_the_program_and_the_report_tells_what_it_never_did() {
    let options = [
        "--via",
        "proxy",
        "--report",
        "--fault",
        "PUT => status=503 times=1",
    ];
    let output = exec_child(&options, "exec::the_program_that_uploads");
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    for line in [
        "3 requests",
        "Upload an object",
        "Uploads without Content-MD5",
    ] {
        assert!(told.contains(line), "{line:?} is not in {told}");
    }
    let never = told.split("never used\n").nth(1).unwrap();
    assert!(!never.contains("Tried again"), "{told}");
    assert!(never.contains("Downloaded a part"), "{told}");
}

#[test]
fn a_failing_run_tells_how_to_have_its_faults_again() {
    let options = [
        "--via",
        "proxy",
        "--fault",
        "probability=1 => code=40300011",
    ];
    let output = exec_child(&options, "exec::the_program_that_uploads");
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(101), "{told}");
    assert!(told.contains("fault f1 acted 1 of 1 times"), "{told}");
    assert!(told.contains("\"seed\":"), "{told}");
}

#[test]
fn a_program_that_sends_nothing_is_not_explored() {
    let output = exec(&["--via", "env", "--explore-faults"], &["true"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("nothing was explored"), "{said}");
}

#[test]
fn known_credentials_of_the_caller_reach_the_program() {
    let check = |password: &str, want: &str| {
        let output = program()
            .args([
                "exec",
                "--via",
                "env",
                "--operator",
                "zoe:pw",
                "--operator",
                "amy:pw",
            ])
            .args(["--", "sh", "-c", "echo $UPYUN_USERNAME"])
            .env("UPYUN_USERNAME", "amy")
            .env("UPYUN_PASSWORD", password)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), want);
    };
    check("pw", "amy");
    check("other", "zoe");
}
