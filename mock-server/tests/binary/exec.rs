//! `exec`: a program of any kind against an emulator of its own.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use crate::kit::{program, wait_for};

/// The ways in which the service's own host names lead to the emulator, as far as they work here.
fn ways() -> Vec<&'static str> {
    let mut ways = vec!["proxy"];
    let probes: [(_, &[&str]); 2] = [
        ("namespace", &["__probe"]),
        ("seccomp", &["__probe", "--seccomp"]),
    ];
    for (way, probe) in probes {
        let probe = program().args(probe).output().unwrap();
        if probe.status.success() {
            ways.push(way);
            continue;
        }
        let why = String::from_utf8_lossy(&probe.stderr).into_owned();
        assert!(env::var("CI").as_deref() != Ok("true"), "no {way}: {why}");
        eprintln!("exec --via {way} NOT TESTED: {why}");
    }
    ways
}

pub(crate) fn exec(options: &[&str], command: &[&str]) -> Output {
    let mut exec = program();
    exec.arg("exec").args(options).arg("--").args(command);
    exec.output().unwrap()
}

/// A test as a program of its own; its name is that of its module and its own.
fn child(name: &str) -> [String; 5] {
    let own = env::current_exe().unwrap().display().to_string();
    [
        own,
        name.to_owned(),
        "--exact".into(),
        "--ignored".into(),
        "--nocapture".into(),
    ]
}

pub(crate) fn exec_child(options: &[&str], name: &str) -> Output {
    let child = child(name);
    exec(options, &child.each_ref().map(String::as_str))
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Not a test: a program that knows nothing of an emulator and uses the SDK's own hosts, by HTTPS.
#[tokio::test]
#[ignore = "a program that the tests run"]
async fn the_program_that_uploads() {
    let client = upyun_client::Client::new("demo", "operator", "password").unwrap();
    client.put("/猫 1.txt").body("hello").send().await.unwrap();
    let download = client.get("/猫 1.txt").send().await.unwrap();
    assert_eq!(download.text().await.unwrap(), "hello");
}

/// Not a test: a program that uploads in parts, by the SDK's own hosts.
#[tokio::test]
#[ignore = "a program that the tests run"]
async fn the_program_that_uploads_in_parts() {
    let client = upyun_client::Client::new("demo", "operator", "password").unwrap();
    let upload = client.begin_multipart("/parts").send().await.unwrap();
    upload.upload(0, "in one part").send().await.unwrap();
    upload.complete().send().await.unwrap();
    let download = client.get("/parts").send().await.unwrap();
    assert_eq!(download.text().await.unwrap(), "in one part");
}

/// Not a test: a program that fails after a wrong request.
#[tokio::test]
#[ignore = "a program that the tests run"]
async fn the_program_with_a_wrong_password() {
    let client = upyun_client::Client::new("demo", "operator", "wrong").unwrap();
    client.usage("/").send().await.unwrap();
}

#[test]
fn an_unmodified_program_reaches_the_hosts_that_are_compiled_in() {
    for way in ways() {
        let output = exec_child(&["--via", way], "exec::the_program_that_uploads");
        assert!(output.status.success(), "{way}: {output:?}");
        assert_eq!(
            stderr(&output).matches("upyun-mock").count(),
            0,
            "{way}: {output:?}"
        );
    }
}

#[test]
fn uploads_in_parts_are_completed_in_every_way() {
    // Parts are written to one directory, and the object is published in another.
    for way in ways() {
        let output = exec_child(&["--via", way], "exec::the_program_that_uploads_in_parts");
        assert!(output.status.success(), "{way}: {output:?}");
    }
}

#[test]
fn a_failure_is_explained() {
    for way in ways() {
        let output = exec_child(&["--via", way], "exec::the_program_with_a_wrong_password");
        assert_eq!(output.status.code(), Some(101), "{way}");
        let told = stderr(&output);
        assert!(
            told.contains("upyun-mock: 1 request, 1 refused"),
            "{way}: {told}"
        );
        assert!(
            told.contains("GET v0.api.upyun.com/demo/?usage 401"),
            "{way}: {told}"
        );
    }
}

#[test]
fn status_and_output_are_the_programs() {
    let plain = tempfile::NamedTempFile::new().unwrap();
    for via in ways().into_iter().chain(["env", "auto"]) {
        let status = |command: &[&str]| exec(&["--via", via], command).status.code();
        assert_eq!(status(&["true"]), Some(0));
        assert_eq!(status(&["sh", "-c", "exit 3"]), Some(3));
        assert_eq!(status(&["sh", "-c", "kill -TERM $$"]), Some(143));
        assert_eq!(status(&["sh", "-c", "kill -KILL $$"]), Some(137));
        assert_eq!(status(&["/nowhere/program"]), Some(127));
        assert_eq!(status(&[plain.path().to_str().unwrap()]), Some(126));
        let output = exec(&["--via", via], &["sh", "-c", "echo out; echo err >&2"]);
        assert_eq!(
            (&*output.stdout, &*output.stderr),
            (&b"out\n"[..], &b"err\n"[..])
        );
    }
    assert_eq!(exec(&[], &[]).status.code(), Some(2));
    let bad = exec(&["--config", "/nowhere"], &["true"]);
    assert_eq!(bad.status.code(), Some(125));
}

#[test]
fn the_program_keeps_its_place_and_its_user() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args([
        "exec",
        "--",
        "sh",
        "-c",
        "pwd; id -u; echo x > made; read line; echo $line",
    ]);
    command
        .current_dir(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut run = command.spawn().unwrap();
    std::io::Write::write_all(run.stdin.as_mut().unwrap(), b"typed\n").unwrap();
    let output = run.wait_with_output().unwrap();
    let own = Command::new("id").arg("-u").output().unwrap().stdout;
    let place = directory.path().canonicalize().unwrap();
    let want = format!(
        "{}\n{}typed\n",
        place.display(),
        String::from_utf8(own).unwrap()
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), want);
    assert_eq!(fs::read(directory.path().join("made")).unwrap(), b"x\n");
}

#[test]
fn programs_are_told_where_and_whom_to_trust() {
    let print = "echo $UPYUN_SERVICE $UPYUN_USERNAME $UPYUN_PASSWORD; \
                 cat $NODE_EXTRA_CA_CERTS | head -1; grep -c BEGIN $SSL_CERT_FILE; \
                 echo $HTTPS_PROXY; test -s $(echo $JAVA_TOOL_OPTIONS | cut -d'\"' -f2) && echo java";
    for way in ways() {
        let mut command = program();
        command
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .args(["exec", "--via", way]);
        command.args([
            "--service",
            "s",
            "--operator",
            "o:p",
            "--",
            "sh",
            "-c",
            print,
        ]);
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "s o p");
        assert_eq!(lines[1], "-----BEGIN CERTIFICATE-----");
        assert!(lines[2].parse::<u32>().unwrap() >= 1);
        assert_eq!(lines[3].is_empty(), way != "proxy", "{text}");
        assert_ne!(lines[3], "http://127.0.0.1:9");
        assert_eq!(lines[4], "java");
    }
}

/// Not a test: a program that tries to reach others.
#[test]
#[ignore = "a program that the tests run"]
fn the_program_that_strays() {
    use std::net::{TcpStream, ToSocketAddrs as _};
    let begin = Instant::now();
    assert!(("example.com", 80).to_socket_addrs().is_err());
    // Whatever the way, nothing is heard of it.
    if let Ok(mut stray) = TcpStream::connect("192.0.2.7:80") {
        assert_eq!(std::io::Read::read(&mut stray, &mut [0]).unwrap_or(0), 0);
    }
    assert!(TcpStream::connect("192.0.2.7:5432").is_err());
    assert!(TcpStream::connect("[2001:db8::1]:443").is_err());
    assert!(
        begin.elapsed() < Duration::from_secs(2),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn a_program_that_strays_fails_at_once_and_is_named() {
    let strays = |options: &[&str]| exec_child(options, "exec::the_program_that_strays");
    let ways = ways();
    let is_seen_by_a_filter = ways.contains(&"seccomp");
    for way in ways.into_iter().filter(|way| *way != "proxy") {
        let output = strays(&["--via", way]);
        assert!(output.status.success(), "{way}: {output:?}");
        let told = stderr(&output);
        let blocked = match is_seen_by_a_filter {
            true => "blocked 4 attempts",
            false => "blocked 2 attempts",
        };
        for part in [
            blocked,
            "example.com (its name was asked for by process",
            "192.0.2.7:80 (a connection was tried by process",
            "exec::the_program_that_strays",
        ] {
            assert!(told.contains(part), "{way}: {told}");
        }
        if is_seen_by_a_filter {
            assert!(told.contains("192.0.2.7:5432 (a connection"), "{told}");
            assert!(told.contains("[2001:db8::1]:443 (a connection"), "{told}");
        }
        let output = strays(&["--via", way, "--fail-on-leak"]);
        assert_eq!(output.status.code(), Some(1), "{way}");
    }
}

/// Not a test: a program that uses services of this machine, and tries other kinds of sockets.
#[test]
#[ignore = "a program that the tests run"]
fn the_program_that_uses_local_services() {
    use std::{
        io::{Read as _, Write as _},
        net::{TcpListener, TcpStream},
        os::unix::net::{UnixListener, UnixStream},
    };
    let is_isolated = env::var_os("ISOLATED").is_some();
    let port: u16 = env::var("SERVICE_PORT").unwrap().parse().unwrap();
    for host in ["127.0.0.1", "0.0.0.0"] {
        match TcpStream::connect((host, port)) {
            Ok(mut stream) => {
                assert!(!is_isolated, "{host}");
                assert_eq!(stream.peer_addr().unwrap().port(), port);
                stream.write_all(b"ping").unwrap();
                stream.shutdown(std::net::Shutdown::Write).unwrap();
                let mut heard = String::new();
                stream.read_to_string(&mut heard).unwrap();
                assert_eq!(heard, "ping");
            }
            Err(error) => {
                assert_eq!(
                    error.kind(),
                    std::io::ErrorKind::ConnectionRefused,
                    "{host}"
                );
                assert!(is_isolated, "{host}");
            }
        }
    }
    let file = UnixStream::connect(env::var("SERVICE_FILE").unwrap());
    assert_eq!(file.is_err(), is_isolated, "{file:?}");
    // What it serves itself is its own.
    for host in ["0.0.0.0:0", "[::]:0", "127.0.0.1:0"] {
        let own = TcpListener::bind(host).unwrap();
        TcpStream::connect(own.local_addr().unwrap()).unwrap();
        own.accept().unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("own");
    let own = UnixListener::bind(&path).unwrap();
    UnixStream::connect(&path).unwrap();
    own.accept().unwrap();
    use socket2::{Domain, Protocol, Socket, Type};
    for (family, kind) in [
        (Domain::VSOCK, Type::STREAM),
        (Domain::PACKET, Type::RAW),
        (Domain::IPV4, Type::RAW),
        (Domain::IPV6, Type::RAW),
    ] {
        let refused = Socket::new(family, kind, Some(Protocol::ICMPV4)).unwrap_err();
        let refused = refused.raw_os_error();
        assert!(matches!(refused, Some(1 | 97)), "{family:?}: {refused:?}");
    }
}

#[test]
fn services_of_this_machine_are_used_unless_they_are_cut_off() {
    use std::{net::TcpListener, os::unix::net::UnixListener};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("service");
    let file = UnixListener::bind(&path).unwrap();
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = service.local_addr().unwrap().port().to_string();
    std::thread::spawn(move || {
        for mut stream in service.incoming().flatten() {
            let mut answer = stream.try_clone().unwrap();
            let _ = std::io::copy(&mut stream, &mut answer);
        }
    });
    let run = |way: &str, options: &[&str]| {
        let mut exec = program();
        exec.args(["exec", "--via", way]).args(options).arg("--");
        exec.args(child("exec::the_program_that_uses_local_services"));
        exec.env("SERVICE_PORT", &port).env("SERVICE_FILE", &path);
        if !options.is_empty() {
            exec.env("ISOLATED", "1");
        }
        exec.output().unwrap()
    };
    let services = format!(" local services: {}, 127.0.0.1:{port}\n", path.display());
    for way in ways().into_iter().filter(|way| *way != "proxy") {
        for (options, what) in [(&[][..], "used"), (&["--isolate-local"][..], "blocked")] {
            let output = run(way, options);
            assert!(output.status.success(), "{way} {options:?}: {output:?}");
            let told = stderr(&output);
            let want = format!("upyun-mock: {what}{services}");
            assert!(told.ends_with(&want), "{way} {options:?}: {told}");
        }
    }
    drop(file);
    for way in ["proxy", "env"] {
        let output = exec(&["--via", way, "--isolate-local"], &["true"]);
        assert_eq!(output.status.code(), Some(125), "{way}");
        assert!(
            stderr(&output).contains("--isolate-local needs"),
            "{output:?}"
        );
    }
}

/// Not a test: a program that looks for ways to other hosts, and uses none of them.
#[test]
#[ignore = "a program that the tests run"]
fn the_program_that_only_looks_for_ways() {
    use std::net::UdpSocket;
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    for target in ["0.0.0.0:80", "192.0.2.7:443"] {
        let _ = socket.connect(target);
        assert!(socket.local_addr().is_ok());
    }
}

/// Not a test: a program that sends a packet along a connection, and waits for an answer.
#[test]
#[ignore = "a program that the tests run"]
fn the_program_that_sends_packets() {
    use std::net::UdpSocket;
    let begin = Instant::now();
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    socket.connect("192.0.2.7:123").unwrap();
    let _ = socket.send(b"x");
    assert!(socket.recv(&mut [0]).is_err());
    assert!(begin.elapsed() < Duration::from_secs(4));
}

#[test]
fn only_packets_that_are_sent_are_leaks() {
    for way in ways().into_iter().filter(|way| *way != "proxy") {
        if !ways().contains(&"seccomp") {
            return;
        }
        let options = ["--via", way, "--fail-on-leak"];
        let output = exec_child(&options, "exec::the_program_that_only_looks_for_ways");
        assert!(output.status.success(), "{way}: {output:?}");
        let output = exec_child(&options, "exec::the_program_that_sends_packets");
        assert_eq!(output.status.code(), Some(1), "{way}: {output:?}");
        let told = stderr(&output);
        assert!(
            told.contains("192.0.2.7:123 (a connection"),
            "{way}: {told}"
        );
    }
}

/// Not a test: a program that opens files, and connects without waiting.
#[tokio::test]
#[ignore = "a program that the tests run"]
async fn the_program_that_looks_around() {
    use std::{io::Write as _, net::TcpListener};
    let hosts = fs::read_to_string("/etc/hosts").unwrap();
    assert!(hosts.contains(" p0.api.upyun.com\n"), "{hosts}");
    let directory = tempfile::tempdir().unwrap();
    let own = directory.path().join("hosts");
    fs::write(&own, "mine").unwrap();
    assert_eq!(fs::read_to_string(&own).unwrap(), "mine");
    assert!(fs::read("/nowhere/hosts").is_err());
    // A server of its own, reached from a thread, which is what most runtimes do.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let talking = std::thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(b"hello").unwrap();
    });
    let (mut stream, _) = listener.accept().unwrap();
    let mut heard = String::new();
    std::io::Read::read_to_string(&mut stream, &mut heard).unwrap();
    assert_eq!(heard, "hello");
    talking.join().unwrap();
    for _ in 0..100 {
        tokio::net::TcpStream::connect("v1.api.upyun.com:443")
            .await
            .unwrap();
    }
    assert!(tokio::net::TcpStream::connect("127.0.0.1:1").await.is_err());
}

#[test]
fn files_and_connections_of_its_own_are_left_alone() {
    for way in ways().into_iter().filter(|way| *way != "proxy") {
        let output = exec_child(&["--via", way], "exec::the_program_that_looks_around");
        assert!(output.status.success(), "{way}: {output:?}");
    }
}

#[test]
fn callbacks_reach_a_server_of_the_programs_own() {
    let script = r#"
import base64, hashlib, hmac, http.server, json, os, sys, threading, time, urllib.request
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)
got = threading.Event()
def do_POST(self):
    self.rfile.read(int(self.headers['content-length']))
    self.send_response(200); self.end_headers(); got.set()
server.RequestHandlerClass.do_POST = do_POST
server.RequestHandlerClass.log_message = lambda *_: None
threading.Thread(target=server.serve_forever, daemon=True).start()
policy = {'bucket': 'demo', 'save-key': '/a', 'expiration': int(time.time()) + 60,
    'notify-url': sys.argv[1] if sys.argv[1:] else 'http://127.0.0.1:%d/' % server.server_port}
policy = base64.b64encode(json.dumps(policy).encode()).decode()
key = hashlib.md5(b'password').hexdigest().encode()
sign = base64.b64encode(hmac.new(key, ('POST&/demo&' + policy).encode(), 'sha1').digest()).decode()
part = '--B\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
body = part % ('policy', '', policy) + part % ('authorization', '', 'UPYUN operator:' + sign)
body += part % ('file', '; filename="a"', 'x') + '--B--\r\n'
request = urllib.request.Request('http://v0.api.upyun.com/demo', body.encode(),
    {'Content-Type': 'multipart/form-data; boundary=B'})
urllib.request.urlopen(request).read()
while sys.argv[1:]:
    callbacks = json.load(urllib.request.urlopen(os.environ['UPYUN_ENDPOINT'] + '/_mock/callbacks'))['callbacks']
    if callbacks and any(callback['attempts'] for callback in callbacks): sys.exit(0)
    time.sleep(0.01)
sys.exit(0 if got.wait(5) else 9)
"#;
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(
            env::var("CI").as_deref() != Ok("true"),
            "python3 is not installed"
        );
        return eprintln!("exec with callbacks NOT TESTED: python3 is not installed");
    }
    for way in ways() {
        let output = exec(&["--via", way], &["python3", "-c", script]);
        assert!(output.status.success(), "{way}: {output:?}");
        if way == "namespace" {
            // That the emulator asks for such a host is not the program's doing.
            let outside = ["python3", "-c", script, "http://callbacks.example.com/"];
            let output = exec(&["--via", way, "--fail-on-leak"], &outside);
            assert!(output.status.success(), "{way}: {output:?}");
        }
    }
}

fn is_alive(pid: &str) -> bool {
    // A zombie whom nobody has asked about is gone, too.
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn nothing_is_left_behind() {
    let mut ways = ways();
    ways.push("env");
    for way in ways {
        for end in ["exits", "TERM", "KILL"] {
            let place = tempfile::tempdir().unwrap();
            let pids = place.path().join("pids");
            // A child in the background in a session of its own, and the program itself.
            let script = "setsid sleep 300 & echo $! $$ > pids.new; mv pids.new pids; \
                          test \"$END\" = exits || exec sleep 300";
            let mut run = program()
                .args(["exec", "--via", way, "--", "sh", "-c", script])
                .env("END", end)
                .env("TMPDIR", place.path())
                .current_dir(place.path())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            wait_for("the program did not start", || pids.exists());
            if end != "exits" {
                let id = run.id().to_string();
                Command::new("kill")
                    .args(["-s", end, &id])
                    .status()
                    .unwrap();
            }
            let status = run.wait().unwrap();
            match end {
                "exits" => assert!(status.success(), "{way}"),
                "TERM" => assert_eq!(status.code(), Some(143), "{way}"),
                _ => {}
            }
            let pids = fs::read_to_string(pids).unwrap();
            wait_for(&format!("{way} {end}: processes are left"), || {
                !pids.split_whitespace().any(is_alive)
            });
            let files = || {
                let entries = fs::read_dir(place.path()).unwrap();
                let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
                names.filter(|name| name != "pids").collect::<Vec<_>>()
            };
            wait_for(&format!("{way} {end}: no files are left"), || {
                files().is_empty()
            });
        }
    }
}

#[test]
fn many_runs_do_not_disturb_each_other() {
    let runs: Vec<_> = (0..16)
        .map(|_| {
            let child = child("exec::the_program_that_uploads");
            let mut exec = program();
            exec.arg("exec").arg("--").args(child);
            exec.stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
}

#[test]
fn the_journal_is_kept_on_request() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("journal");
    let log = directory.path().join("log");
    let options = [
        "--journal",
        file.to_str().unwrap(),
        "--log",
        log.to_str().unwrap(),
    ];
    let output = exec_child(&options, "exec::the_program_that_uploads");
    assert!(output.status.success(), "{output:?}");
    let journal = fs::read_to_string(file).unwrap();
    assert_eq!(journal.lines().count(), 2);
    assert!(journal.contains("v0.api.upyun.com"), "{journal}");
    assert!(fs::read_to_string(log).unwrap().contains("/demo/"));
}

#[test]
fn the_journal_can_be_an_http_archive() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("session.har");
    let options = ["--journal", file.to_str().unwrap()];
    let output = exec_child(&options, "exec::the_program_that_uploads");
    assert!(output.status.success(), "{output:?}");
    let archive = fs::read_to_string(file).unwrap();
    let archive: serde_json::Value = serde_json::from_str(&archive).unwrap();
    let entries = archive["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    let url = entries[0]["request"]["url"].as_str().unwrap();
    assert!(url.starts_with("http://v0.api.upyun.com/demo/"), "{url}");
}

#[test]
fn who_wants_others_gets_no_network_of_its_own() {
    let output = exec(
        &["--via", "namespace", "--allow-host", "example.com"],
        &["true"],
    );
    assert_eq!(output.status.code(), Some(125));
    assert!(
        stderr(&output).contains("--allow-host needs `--via proxy`"),
        "{output:?}"
    );
    let output = exec(&["--egress"], &["sh", "-c", "test -n \"$HTTP_PROXY\""]);
    assert!(output.status.success(), "{output:?}");
    assert!(
        stderr(&output).starts_with("upyun-mock: --via proxy, for "),
        "{output:?}"
    );
}

/// Checks that Java finds the CA in a truststore.
fn java_reads(truststore: &Path) {
    let mut keytool = Command::new("keytool");
    keytool.args([
        "-J-Duser.language=en",
        "-list",
        "-storepass",
        "changeit",
        "-keystore",
    ]);
    let Ok(output) = keytool.arg(truststore).output() else {
        assert!(
            env::var("CI").as_deref() != Ok("true"),
            "keytool is not installed"
        );
        return eprintln!("the truststore NOT TESTED with Java: keytool is not installed");
    };
    let list = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(list.contains("Keystore type: JKS"), "{list}");
    assert!(
        list.contains("upyun-mock, ") && list.contains("trustedCertEntry"),
        "{list}"
    );
}

#[test]
fn lines_for_a_hosts_file_and_a_ca_to_trust() {
    let lines = String::from_utf8(
        program()
            .args(["hosts", "--service", "photos"])
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    assert!(
        lines
            .lines()
            .any(|line| line == "127.0.0.1 v0.api.upyun.com"),
        "{lines}"
    );
    assert!(
        lines
            .lines()
            .any(|line| line == "127.0.0.1 photos.b0.upaiyun.com"),
        "{lines}"
    );
    let directory = tempfile::tempdir().unwrap();
    let ca = directory.path().join("ca");
    let store = directory.path().join("store.jks");
    let print = || {
        program()
            .arg("ca")
            .arg("--ca-dir")
            .arg(&ca)
            .output()
            .unwrap()
    };
    let first = print();
    assert!(
        first.stdout.starts_with(b"-----BEGIN CERTIFICATE-----"),
        "{first:?}"
    );
    assert_eq!(print().stdout, first.stdout);
    let mut written = program();
    written
        .arg("ca")
        .arg("--ca-dir")
        .arg(&ca)
        .arg("--truststore")
        .arg(&store);
    assert!(written.status().unwrap().success());
    assert!(fs::metadata(&store).unwrap().len() > 500);
    java_reads(&store);
    let doctor = String::from_utf8(program().arg("doctor").output().unwrap().stdout).unwrap();
    assert!(doctor.contains("proxy      works"), "{doctor}");
}
