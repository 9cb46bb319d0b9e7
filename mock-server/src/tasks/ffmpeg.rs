//! ffmpeg and ffprobe as subprocesses: no shell, no network, bounded in time and bytes.

use std::{
    env,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, Command},
};

use super::{job::Job, outcome::Failure};

/// The only protocol that inputs are read through.
const PROTOCOLS: &str = "file";
/// Demuxers of files that users uploaded: none of them opens another file.
const MEDIA: &str = "3g2,3gp,aac,ac3,amr,asf,avi,flac,flv,gif,h264,hevc,image2,ivf,jpeg_pipe,m4a,\
    m4v,matroska,mj2,mov,mp3,mp4,mpeg,mpegts,mpegvideo,ogg,png_pipe,rm,wav,webm,webp_pipe";
/// Suffix of the playlists in a work directory. No uploaded file has it there.
pub(super) const PLAYLIST: &str = "m3u8";
/// Name of a concat list in a work directory. No uploaded file has its suffix there.
pub(super) const CONCAT_LIST: &str = "list.ffconcat";
/// How often the written bytes are counted.
const WATCH: Duration = Duration::from_millis(250);
/// What is kept of a program's complaints.
const MAX_COMPLAINT: usize = 4096;
/// So that requests come first.
const NICENESS: i32 = 10;

/// One run of ffmpeg.
#[derive(Debug)]
pub(super) struct Run {
    /// Inputs, filters, encoders and the output, in ffmpeg's words.
    pub(super) arguments: Vec<String>,
    /// How much is to come out, for the progress.
    pub(super) seconds: f64,
}

/// The progress of several runs together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from_percent: f64,
    pub(super) to_percent: f64,
}

impl Span {
    pub(super) const WHOLE: Self = Self {
        from_percent: 0.0,
        to_percent: 100.0,
    };

    /// The part with this number of so many equal ones.
    pub(super) fn part(self, number: usize, of: usize) -> Self {
        let width = (self.to_percent - self.from_percent) / of.max(1) as f64;
        let from_percent = self.from_percent + width * number as f64;
        Self {
            from_percent,
            to_percent: from_percent + width,
        }
    }

    fn at(self, fraction: f64) -> u8 {
        let width = self.to_percent - self.from_percent;
        (self.from_percent + width * fraction.clamp(0.0, 1.0)) as u8
    }
}

/// Runs ffmpeg in a directory, where relative names are.
pub(super) async fn run(job: &Job, directory: &Path, run: Run, span: Span) -> Result<(), Failure> {
    let mut command = command(job, "ffmpeg")?;
    command
        .args(["-hide_banner", "-nostdin", "-y", "-loglevel", "error"])
        .args(["-progress", "pipe:1", "-nostats"])
        .args(&run.arguments)
        .current_dir(directory);
    let mut child = start(command)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let progress = async {
        let Some(stdout) = stdout else { return };
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let time = line.strip_prefix("out_time_us=");
            if let Some(time) = time.and_then(|time| time.parse::<f64>().ok()) {
                let fraction = time / 1e6 / run.seconds.max(0.001);
                job.task.advance(span.at(fraction));
            }
        }
    };
    let complaint = async {
        let mut text = Vec::new();
        if let Some(mut stderr) = stderr {
            // What is too much is read on, so that the program does not wait for us.
            let _ = (&mut stderr)
                .take(MAX_COMPLAINT as u64)
                .read_to_end(&mut text)
                .await;
            let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        }
        String::from_utf8_lossy(&text).trim().to_owned()
    };
    let most = job.world.limits.task_output_bytes;
    let is_too_much = || written(directory).is_ok_and(|bytes| bytes > most);
    let too_much = || Failure::storing(format!("the output has more than {most} bytes"));
    let watch = async {
        while !is_too_much() {
            tokio::time::sleep(WATCH).await;
        }
    };
    let end = async { tokio::join!(child.wait(), progress, complaint) };
    let (status, (), complaint) = tokio::select! {
        end = end => end,
        // Dropping the child kills it.
        () = watch => {
            return Err(too_much());
        }
    };
    let status = status.map_err(|error| Failure::internal(error.to_string()))?;
    if is_too_much() {
        return Err(too_much());
    }
    if status.success() {
        return Ok(());
    }
    let last = complaint.lines().last().unwrap_or("it said nothing");
    Err(Failure::tool(format!("ffmpeg failed ({status}): {last}")))
}

/// What ffprobe tells of a file; `None` if it is not media.
pub(super) async fn probe(
    job: &Job,
    directory: &Path,
    name: &str,
) -> Result<Option<Value>, Failure> {
    let mut command = command(job, "ffprobe")?;
    command
        .args(["-v", "error", "-print_format", "json"])
        .args(["-show_format", "-show_streams"])
        .args(input(name))
        .current_dir(directory);
    let child = start(command)?;
    let output = child
        .wait_with_output()
        .await
        .map_err(|error| Failure::internal(error.to_string()))?;
    let told = output.status.success();
    Ok(told
        .then(|| serde_json::from_slice(&output.stdout).ok())
        .flatten())
}

/// Arguments that open a file in a work directory as an input.
///
/// Demuxers that open other files are allowed only for lists that the server or ffmpeg wrote there;
/// what such a list names is read as uploaded media.
pub(super) fn input(name: &str) -> Vec<String> {
    let suffix = Path::new(name).extension().and_then(OsStr::to_str);
    let (formats, options): (_, &[&str]) = match suffix {
        // The segments of a playlist are MPEG-TS.
        Some(PLAYLIST) => (
            "hls,mpegts".to_owned(),
            &["-f", "hls", "-allowed_extensions", "ts"],
        ),
        _ if name == CONCAT_LIST => (format!("concat,{MEDIA}"), &["-f", "concat", "-safe", "1"]),
        _ => (MEDIA.to_owned(), &[]),
    };
    let mut arguments: Vec<String> = ["-protocol_whitelist", PROTOCOLS, "-format_whitelist"]
        .map(str::to_owned)
        .into();
    arguments.push(formats);
    arguments.extend(options.iter().map(ToString::to_string));
    arguments.extend(["-i".to_owned(), format!("file:{name}")]);
    arguments
}

/// A program in the configured directory, or on PATH.
fn command(job: &Job, program: &str) -> Result<Command, Failure> {
    let directory = job.world.ffmpeg_directory.as_deref();
    let found = match directory {
        Some(directory) => Some(directory.join(program)).filter(|path| path.is_file()),
        None => on_path(program),
    };
    let found = found.ok_or_else(|| {
        let place = directory.map_or("on PATH".to_owned(), |it| format!("in {}", it.display()));
        Failure::not_installed(format!(
            "{program} is not {place}; media tasks need ffmpeg, for instance Debian's package"
        ))
    })?;
    // A server that is killed cannot kill what it started, so the kernel is asked to.
    let setpriv = cfg!(target_os = "linux")
        .then(|| on_path("setpriv"))
        .flatten();
    Ok(match setpriv {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL", "--"]).arg(found);
            command
        }
        None => Command::new(found),
    })
}

fn start(mut command: Command) -> Result<Child, Failure> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::internal(format!("ffmpeg cannot be started: {error}")))?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
        // If it may not be, it competes.
        let _ = rustix::process::setpriority_process(Some(pid), NICENESS);
    }
    Ok(child)
}

fn on_path(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut candidates = env::split_paths(&path).map(|it| it.join(program.as_ref()));
    candidates.find(|it| it.is_file())
}

/// The bytes of a directory's files, but for those that are lent.
fn written(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with("in") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}
