//! Tasks and signals: a server that is killed takes its ffmpeg along, and the next one goes on.

use std::{fs, path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::kit::{Served, wait_for};

/// Processes that work below a directory.
#[cfg(target_os = "linux")]
fn at_work(within: &Path) -> usize {
    let within = within.canonicalize().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| fs::read_link(process.path().join("cwd")).ok())
        .filter(|directory| directory.starts_with(&within))
        .count()
}

#[cfg(target_os = "linux")]
#[test]
fn a_kill_in_mid_task_leaves_neither_output_nor_process() {
    let data = tempfile::tempdir().unwrap();
    let video = data.path().join("demo/in.mp4");
    fs::create_dir(data.path().join("demo")).unwrap();
    let made = Command::new("ffmpeg")
        .args("-v error -f lavfi -i testsrc2=size=640x360:rate=25:duration=20 -c:v libx264 -preset ultrafast".split(' '))
        .arg(&video)
        .output();
    let Ok(made) = made else {
        eprintln!("SKIPPED: ffmpeg is not installed, so this was not tested");
        let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "ffmpeg is needed under CI=true");
        return;
    };
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let arguments = ["--data", data.path().to_str().unwrap()];
    let served = Served::start(&arguments);
    let tasks = r#"[{"type":"nbhd","avopts":"/s/1080p(16:9)","save_as":"/slow.mp4"},
        {"type":"hls","avopts":"/s/1080p(16:9)","save_as":"/slow.m3u8"}]"#;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("service", "demo")
        .append_pair("source", "/in.mp4")
        .append_pair("notify_url", "")
        .append_pair("tasks", &STANDARD.encode(tasks))
        .finish();
    let answer = served.ask("POST", "/pretreatment/", &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    wait_for("ffmpeg to begin", || at_work(data.path()) > 0);
    served.signal("KILL");
    assert_eq!(served.end().0, None);
    wait_for("ffmpeg to end", || at_work(data.path()) == 0);
    let mut names: Vec<_> = fs::read_dir(data.path().join("demo"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["in.mp4"]);

    let served = Served::start(&arguments);
    wait_for("ffmpeg to begin again", || at_work(data.path()) > 0);
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
    wait_for("ffmpeg to end", || at_work(data.path()) == 0);
    let work = data.path().join(".upyun-mock/work");
    assert!(fs::read_dir(work).is_ok_and(|mut left| left.next().is_none()));
}
