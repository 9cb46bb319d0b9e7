//! One job by the emulator and by programs that are known for it, in one run.

use std::{
    fmt, io,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{gallery::Gallery, photo};

/// The programs that are compared with, by name: how one does the job, and how it does nothing.
const PROGRAMS: [(&str, &[&str], &[&str]); 3] = [
    (
        "vipsthumbnail",
        &[
            "vipsthumbnail",
            "in.jpg",
            "--size",
            "800x",
            "-o",
            "out-vipsthumbnail.jpg[Q=75]",
        ],
        &["vipsthumbnail", "--version"],
    ),
    (
        "vips thumbnail",
        &["vips", "thumbnail", "in.jpg", "out-vips.jpg[Q=75]", "800"],
        &["vips", "--version"],
    ),
    (
        "ImageMagick",
        &[
            "{magick}",
            "in.jpg",
            "-resize",
            "800x",
            "-quality",
            "75",
            "out-magick.jpg",
        ],
        &["{magick}", "-version"],
    ),
];
/// A program that is called convert need not be ImageMagick's.
const MAGICKS: [&str; 3] = ["magick", "convert-im6.q16", "/usr/bin/convert"];

/// What was measured: the quickest of each.
#[derive(Debug)]
pub(crate) struct Report {
    bytes: usize,
    rounds: u32,
    ours: Duration,
    theirs: Vec<(&'static str, Option<Theirs>)>,
}

#[derive(Debug)]
struct Theirs {
    whole: Duration,
    /// Of which the start of the process is so much.
    start: Duration,
}

/// Makes a picture of twelve megapixels 800 pixels wide, so many times by each, by turns.
pub(crate) fn run(rounds: u32) -> io::Result<Report> {
    let rounds = rounds.max(1);
    let directory = tempfile::tempdir()?;
    let picture = photo::jpeg();
    let bytes = picture.len();
    std::fs::write(directory.path().join("in.jpg"), &picture)?;
    let gallery = Gallery::open(picture)?;
    let magick = MAGICKS.into_iter().find(|it| is_magick(it));
    let mut ours = Vec::new();
    let mut theirs = PROGRAMS.map(|_| Some((Vec::new(), Vec::new())));
    // The first round reads programs and libraries from the disk, and does not count.
    for round in 0..=rounds {
        let start = Instant::now();
        gallery.fetch("/fw/800")?;
        let elapsed = start.elapsed();
        if round > 0 {
            ours.push(elapsed);
        }
        for ((_, job, nothing), times) in PROGRAMS.iter().zip(&mut theirs) {
            let one = |words: &[&str]| timed(words, magick, directory.path());
            match (one(job), one(nothing), &mut *times) {
                (Some(whole), Some(start), Some((wholes, starts))) if round > 0 => {
                    wholes.push(whole);
                    starts.push(start);
                }
                (Some(_), Some(_), _) => {}
                _ => *times = None,
            }
        }
    }
    let theirs = theirs.map(|times| {
        times.map(|(whole, start)| Theirs {
            whole: quickest(whole),
            start: quickest(start),
        })
    });
    Ok(Report {
        bytes,
        rounds,
        ours: quickest(ours),
        theirs: PROGRAMS
            .map(|(name, ..)| name)
            .into_iter()
            .zip(theirs)
            .collect(),
    })
}

/// How long a program took; `None` if it is not here or failed.
fn timed(words: &[&str], magick: Option<&str>, directory: &Path) -> Option<Duration> {
    let (program, arguments) = words.split_first()?;
    let program = match *program {
        "{magick}" => magick?,
        program => program,
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().ok()?;
    status.success().then(|| start.elapsed())
}

fn is_magick(program: &str) -> bool {
    let told = Command::new(program).arg("-version").output();
    told.is_ok_and(|told| told.stdout.starts_with(b"Version: ImageMagick"))
}

/// What else the machine has to do only makes it longer.
fn quickest(times: Vec<Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        writeln!(
            f,
            "{} x {} JPEG of {:.1} MB to a width of 800, the quickest of {} rounds, in ms",
            photo::WIDTH,
            photo::HEIGHT,
            self.bytes as f64 / 1e6,
            self.rounds
        )?;
        writeln!(
            f,
            "{:16} {:8.1}  (by HTTP, nothing kept)",
            "upyun-mock",
            ms(self.ours)
        )?;
        for (name, theirs) in &self.theirs {
            let Some(theirs) = theirs else {
                writeln!(f, "{name:16} not installed")?;
                continue;
            };
            let work = theirs.whole.saturating_sub(theirs.start);
            writeln!(
                f,
                "{name:16} {:8.1}  upyun-mock takes {:.2} of it; without the start of its process {:.1}, \
                 {:.2} of it",
                ms(theirs.whole),
                ms(self.ours) / ms(theirs.whole),
                ms(work),
                ms(self.ours) / ms(work),
            )?;
        }
        Ok(())
    }
}
