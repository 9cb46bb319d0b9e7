//! A kept data directory: who owns it, and what a kill leaves in it.

use std::{fs, io::Write as _, path::Path, time::Duration};

use crate::kit::{Served, program, run, signed};

fn serve(data: &Path) -> Served {
    Served::start(&["--data", data.to_str().unwrap()])
}

/// Ends the process at once.
fn kill(served: Served) {
    served.signal("KILL");
    served.end();
}

/// A request to the control plane.
fn control(served: &Served, method: &str, path: &str, body: &str) -> String {
    let request = format!(
        "{method} /_mock/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = served.connect();
    stream.write_all(request.as_bytes()).unwrap();
    std::io::read_to_string(stream).unwrap()
}

#[test]
fn a_second_server_disturbs_nothing_and_says_who_has_the_directory() {
    let data = tempfile::tempdir().unwrap();
    let served = serve(data.path());
    let mut upload = served.connect();
    let request = signed("PUT", "/demo/a", &"x".repeat(1_000_000));
    upload.write_all(&request[..900_000]).unwrap();
    let data_path = data.path().to_str().unwrap();
    let taken = served.address.to_string();
    for (listen, says) in [
        ("127.0.0.1:0", format!("process {}", served.pid())),
        (&*taken, "is taken by another program".to_owned()),
    ] {
        let second = run(&["--data", data_path, "--listen", listen]);
        assert_eq!(second.status.code(), Some(2), "{second:?}");
        let log = String::from_utf8_lossy(&second.stderr);
        assert!(log.contains(&says), "{log}");
    }
    upload.write_all(&request[900_000..]).unwrap();
    let answer = std::io::read_to_string(upload).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        served
            .ask("PUT", "/demo/b", "x")
            .starts_with("HTTP/1.1 200")
    );
}

#[test]
fn a_restore_that_is_killed_leaves_each_object_old_or_new() {
    let data = tempfile::tempdir().unwrap();
    let objects: Vec<String> = (0..40).map(|n| format!("/demo/d{}/{n}", n % 4)).collect();
    for round in 0..10_u64 {
        let served = serve(data.path());
        for object in &objects {
            served.ask("PUT", object, "then");
        }
        let snapshot = control(&served, "POST", "snapshot", "");
        assert!(snapshot.contains("\"s1\""), "{snapshot}");
        for object in &objects {
            served.ask("PUT", object, "now!");
        }
        let mut restore = served.connect();
        restore
            .write_all(
                b"POST /_mock/restore HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                  Content-Length: 11\r\n\r\n{\"id\":\"s1\"}",
            )
            .unwrap();
        std::thread::sleep(Duration::from_micros(400 * round));
        kill(served);
        let served = serve(data.path());
        for object in &objects {
            let answer = served.ask("GET", object, "");
            let is_whole = answer.ends_with("then") || answer.ends_with("now!");
            assert!(is_whole, "round {round}, {object}: {answer}");
        }
    }
}

#[test]
fn a_promised_deletion_outlives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let served = serve(data.path());
    served.ask("PUT", "/demo/a", "x");
    control(&served, "POST", "clock/freeze", "");
    let request = signed("DELETE", "/demo/a", "");
    let request = String::from_utf8(request).unwrap();
    let request = request.replace("\r\n\r\n", "\r\nx-upyun-async: true\r\n\r\n");
    let mut stream = served.connect();
    stream.write_all(request.as_bytes()).unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(data.path().join("demo/a").exists());
    kill(served);
    let served = serve(data.path());
    control(&served, "POST", "clock/advance", "{\"seconds\":2}");
    assert!(!data.path().join("demo/a").exists());
}

#[test]
fn a_directory_that_is_removed_is_made_again() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("data");
    let mut command = program();
    command
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(&data);
    let served = Served::spawn(&mut command);
    let large = "x".repeat(200_000);
    for path in [data.clone(), data.join(".upyun-mock"), data.clone()] {
        served.ask("PUT", "/demo/dir/a", "x");
        fs::remove_dir_all(&path).unwrap();
        let answer = served.ask("PUT", "/demo/dir/b", &large);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let answer = served.ask("GET", "/demo/dir/b", "");
        assert!(answer.ends_with(&large));
    }
    fs::remove_dir_all(&data).unwrap();
    let reset = control(&served, "POST", "reset", "{}");
    assert!(reset.starts_with("HTTP/1.1 204"), "{reset}");
    assert!(data.join("demo").exists() || served.ask("PUT", "/demo/a", "x").contains(" 200 "));
    let second = run(&["--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(2), "{second:?}");
    served.signal("TERM");
    let (code, log) = served.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("was removed while the server runs"), "{log}");
}
