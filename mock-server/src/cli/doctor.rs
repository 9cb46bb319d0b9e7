//! `upyun-mock doctor`: what works here.

use std::{
    env,
    io::{self, Write as _},
};

use super::{EXIT_OK, exec};

/// Programs, and what `exec` does for them.
const RUNTIMES: [(&str, &str); 8] = [
    (
        "python3",
        "REQUESTS_CA_BUNDLE for certifi; requests reads the proxy variables",
    ),
    (
        "node",
        "NODE_EXTRA_CA_CERTS; the official SDK's HTTP library reads the proxy variables",
    ),
    (
        "go",
        "the system's CA bundle; the official SDK ignores proxy variables: use namespace or seccomp",
    ),
    (
        "java",
        "a truststore by JAVA_TOOL_OPTIONS, which the JVM mentions on stderr",
    ),
    (
        "php",
        "the system's CA bundle; curl reads the proxy variables",
    ),
    ("ruby", "the system's CA bundle; Net::HTTP reads http_proxy"),
    ("curl", "CURL_CA_BUNDLE; reads the proxy variables"),
    ("upx", "written in Go: use namespace or seccomp"),
];

/// Prints what this machine allows.
pub(super) fn run() -> u8 {
    let mut text = String::from("ways of exec --via, the strongest first\n");
    let mut line = |name: &str, what: &str| text.push_str(&format!("  {name:<10} {what}\n"));
    match exec::namespace_works() {
        Ok(()) => line("namespace", "works"),
        Err(why) => line("namespace", &format!("does not work: {why}")),
    }
    match exec::seccomp_works() {
        Ok(()) => line("seccomp", "works"),
        Err(why) => line("seccomp", &format!("does not work: {why}")),
    }
    line("proxy", "works");
    line("env", "works");
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &str| env::split_paths(&path).any(|it| it.join(name).is_file());
    let found: Vec<_> = RUNTIMES.iter().filter(|(name, _)| is_there(name)).collect();
    if !found.is_empty() {
        text.push_str("runtimes on PATH\n");
        for (name, what) in found {
            text.push_str(&format!("  {name:<10} {what}\n"));
        }
    }
    text.push_str("tools of the emulator\n");
    let mut line = |name: &str, what: &str| text.push_str(&format!("  {name:<10} {what}\n"));
    for program in ["ffmpeg", "ffprobe"] {
        line(
            program,
            match is_there(program) {
                true => "found",
                false => {
                    "not on PATH: media tasks fail; install it, for instance Debian's package ffmpeg"
                }
            },
        );
    }
    let mut fonts = fontdb::Database::new();
    fonts.load_system_fonts();
    line(
        "fonts",
        &match fonts.len() {
            0 => "none: text in pictures is drawn with a built-in font, without Chinese; install some, for \
                  instance Debian's package fonts-noto-cjk"
                .to_owned(),
            count => format!("{count} found"),
        },
    );
    // If nobody reads there is nobody to tell.
    let _ = io::stdout().write_all(text.as_bytes());
    EXIT_OK
}
