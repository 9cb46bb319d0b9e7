//! A process that is killed in the middle of an upload, and another that goes on with it.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use upyun_client::{Client, FileCheckpoints, UploadMode};
use upyun_mock::MockServer;

use super::support::{MIB, content, file_of, parts_taken};

const PARTS: usize = 8;
const CHILD: &str = "killed::the_process_that_dies";
const SAYS: &str = "three parts are there";

/// Not a test: the program that the others start, which uploads three parts and then waits.
#[tokio::test]
#[ignore = "started by the tests beside it"]
async fn the_process_that_dies() {
    let client = Client::from_env().unwrap();
    let mode = match env::var("MODE").unwrap().as_str() {
        "Ordered" => UploadMode::Ordered,
        _ => UploadMode::Parallel,
    };
    let upload = client.upload_file(env::var_os("FILE").unwrap(), "/killed");
    upload
        .mode(mode)
        .concurrency(2)
        .checkpoints(Arc::new(FileCheckpoints::new(
            env::var_os("STORE").unwrap(),
        )))
        .on_progress(|progress| {
            if progress.done >= 4 * MIB as u64 {
                eprintln!("{SAYS}");
                std::thread::sleep(std::time::Duration::from_secs(60));
            }
        })
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn another_process_goes_on_with_the_upload() {
    for mode in [UploadMode::Ordered, UploadMode::Parallel] {
        let server = MockServer::start().await;
        let client = server.client();
        let content = content(PARTS * MIB);
        let file = file_of(&content);
        let store = tempfile::tempdir().unwrap();
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", CHILD, "--ignored", "--nocapture"])
            .env("UPYUN_SERVICE", server.service_name().as_str())
            .env("UPYUN_USERNAME", &*server.operator().name)
            .env(
                "UPYUN_PASSWORD",
                server.operator().password.as_ref().unwrap().reveal(),
            )
            .env("UPYUN_ENDPOINT", server.url())
            .env("FILE", file.path())
            .env("STORE", store.path())
            .env("MODE", format!("{mode:?}"))
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let heard = lines.map_while(Result::ok).any(|line| line.contains(SAYS));
        assert!(heard, "the child ended early");
        child.kill().unwrap();
        child.wait().unwrap();
        let before = parts_taken(&server);
        assert!(before >= 4, "{before}");
        assert!(!client.exists("/killed").send().await.unwrap());
        let again = client.upload_file(file.path(), "/killed").mode(mode);
        let store = Arc::new(FileCheckpoints::new(store.path()));
        again.checkpoints(store).send().await.unwrap();
        assert!(server.get_object("/killed").unwrap() == content);
        let after = parts_taken(&server) - before;
        assert!(
            after <= PARTS - 3,
            "{mode:?}: {after} parts were sent again"
        );
    }
}
