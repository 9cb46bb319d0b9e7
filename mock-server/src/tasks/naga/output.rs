//! Names of what is made: in the directory of the task, and in the service.

use upyun_client::protocol::Key;

use super::{Kind, Step, container::Container};
use crate::tasks::outcome::Failure;

/// A playlist as ffmpeg wrote it, which fits the files in the directory.
pub(super) const LOCAL_PLAYLIST: &str = "out_local.m3u8";

/// A file that a step made.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// Its name in the directory.
    pub(super) file: String,
    /// The key that it gets; `None` between two steps.
    pub(super) key: Option<String>,
}

impl Made {
    /// What ffprobe can read of it.
    pub(super) fn to_probe(&self) -> &str {
        match self.file.ends_with(".m3u8") {
            true => LOCAL_PLAYLIST,
            false => &self.file,
        }
    }

    /// Segments are not told, only their playlist.
    pub(super) fn is_told(&self) -> bool {
        !self.file.starts_with("seg_")
    }
}

/// The one file between two steps.
pub(super) fn only(made: &[Made]) -> Result<String, Failure> {
    match made {
        [one] => Ok(one.file.clone()),
        _ => Err(Failure::internal("a step made more than one file")),
    }
}

/// Where a step's result goes.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The name in the directory, with the suffix of the format.
    pub(super) file: String,
    /// The key; `None` between two steps.
    pub(super) key: Option<String>,
    /// The format; for pictures `png` or `jpg`.
    pub(super) format: &'static str,
}

impl Target {
    /// Of the last step: the result gets a key.
    pub(super) fn last(
        step: &Step,
        source: &Key,
        save_as: Option<&str>,
        id: &str,
    ) -> Result<Self, Failure> {
        let wanted = step.options.format.as_deref();
        let suffix = save_as.and_then(suffix_of);
        let of_source = suffix_of(source.name());
        let format = match step.kind {
            // A thumbnail's parameter wins over the suffix, and the name stays.
            Kind::Thumbnail => picture(wanted.or(suffix).unwrap_or("jpg"))
                .or_else(|| wanted.is_none().then_some("jpg")),
            Kind::Hls => Some("m3u8"),
            _ => format(
                suffix,
                wanted,
                save_as.is_none().then_some(of_source).flatten(),
            ),
        };
        let format = format.ok_or_else(|| no_format(wanted, suffix.or(of_source)))?;
        let is_segmented = step.kind == Kind::Hls || step.options.segment_seconds.is_some();
        let key = match save_as {
            Some(path) => path.to_owned(),
            None => {
                let parent = source.parent().unwrap_or_else(Key::root);
                let folder = parent.as_str().trim_end_matches('/').to_owned();
                format!("{folder}/{id}.{format}")
            }
        };
        if is_segmented && !key.to_ascii_lowercase().ends_with(".m3u8") {
            return Err(Failure::bad_parameter(format!(
                "segments need a save_as that ends in .m3u8, not {key}"
            )));
        }
        Ok(Self {
            file: format!("out.{format}"),
            key: Some(key),
            format,
        })
    }

    /// Between two steps: as the step asks for, else as it was.
    pub(super) fn between(step: &Step, input: &str, number: usize) -> Result<Self, Failure> {
        let is_audio = matches!(step.kind, Kind::Audio | Kind::Aconcat);
        let wanted = step.options.format.as_deref();
        let of_input = suffix_of(input).filter(|suffix| *suffix != "m3u8");
        let format = match wanted {
            Some(wanted) => Container::of(wanted).map(|it| it.name),
            None => of_input
                .and_then(Container::of)
                .map(|it| it.name)
                .or(Some(if is_audio { "mp3" } else { "mp4" })),
        };
        let format = format.ok_or_else(|| no_format(wanted, None))?;
        Ok(Self {
            file: format!("step{number}.{format}"),
            key: None,
            format,
        })
    }

    pub(super) fn container(&self) -> Result<&'static Container, Failure> {
        Container::of(self.format).ok_or_else(|| no_format(Some(self.format), None))
    }

    /// The one file that is made.
    pub(super) fn made(&self) -> Made {
        Made {
            file: self.file.clone(),
            key: self.key.clone(),
        }
    }

    /// The picture with this number, from 1, of several: the number stands before the suffix.
    pub(super) fn numbered(&self, number: u32) -> Made {
        let key = self.key.as_ref().map(|key| match split_suffix(key) {
            Some((stem, suffix)) => format!("{stem}{number}.{suffix}"),
            None => format!("{key}{number}"),
        });
        Made {
            file: format!("out{number}.{}", self.format),
            key,
        }
    }

    /// The pattern of the segments' names, as they stand in the playlist.
    pub(super) fn segments(&self) -> String {
        let key = self.key.as_deref().unwrap_or(&self.file);
        let name = key.rsplit('/').next().unwrap_or(key);
        let stem = split_suffix(name).map_or(name, |(stem, _)| stem);
        stem.to_owned()
    }
}

/// The suffix decides, then the parameter, then what the source is.
fn format(
    suffix: Option<&str>,
    wanted: Option<&str>,
    of_source: Option<&str>,
) -> Option<&'static str> {
    let known = |name: Option<&str>| name.and_then(Container::of).map(|it| it.name);
    known(suffix)
        .or_else(|| known(wanted))
        .or_else(|| known(of_source).filter(|_| wanted.is_none()))
}

fn picture(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "png" => Some("png"),
        "jpg" | "jpeg" => Some("jpg"),
        _ => None,
    }
}

fn no_format(wanted: Option<&str>, suffix: Option<&str>) -> Failure {
    Failure::bad_parameter(match (wanted, suffix) {
        (Some(wanted), _) => format!("f is {wanted:?}, no format that is known"),
        (None, Some(suffix)) => format!(".{suffix} is no format that is known; name one with f"),
        (None, None) => "the name has no suffix, so f must name the format".to_owned(),
    })
}

pub(super) fn suffix_of(path: &str) -> Option<&str> {
    split_suffix(path).map(|(_, suffix)| suffix)
}

fn split_suffix(path: &str) -> Option<(&str, &str)> {
    let (stem, suffix) = path.rsplit_once('.')?;
    (!suffix.is_empty() && !suffix.contains('/')).then_some((stem, suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::naga::avopts;

    #[track_caller]
    fn check(kind: Kind, avopts: &str, save_as: Option<&str>, want: (&str, &str)) {
        let source = Key::parse("/dir/source.flv").unwrap();
        let step = Step::new(kind, &avopts::split(avopts).unwrap()).unwrap();
        let target = Target::last(&step, &source, save_as, "ID").unwrap();
        assert_eq!((target.key.as_deref().unwrap(), target.format), want);
    }

    #[test]
    fn names_and_formats() {
        check(Kind::Video, "", Some("/a.MP4"), ("/a.MP4", "mp4"));
        check(Kind::Video, "/f/mkv", Some("/a.mp4"), ("/a.mp4", "mp4"));
        check(Kind::Video, "/f/mkv", Some("/a"), ("/a", "mkv"));
        check(Kind::Video, "", None, ("/dir/ID.flv", "flv"));
        check(Kind::Video, "/f/mp4", None, ("/dir/ID.mp4", "mp4"));
        check(Kind::Hls, "/ht/5", None, ("/dir/ID.m3u8", "m3u8"));
        check(Kind::Thumbnail, "", None, ("/dir/ID.jpg", "jpg"));
        check(Kind::Thumbnail, "/f/png", Some("/a.jpg"), ("/a.jpg", "png"));
        check(Kind::Thumbnail, "", Some("/a.png"), ("/a.png", "png"));
        check(Kind::Audio, "/f/mp3", None, ("/dir/ID.mp3", "mp3"));
    }

    #[test]
    fn formats_that_are_not_known() {
        let source = Key::parse("/source.xyz").unwrap();
        let check = |avopts: &str, save_as: Option<&str>| {
            let step = Step::new(Kind::Video, &avopts::split(avopts).unwrap()).unwrap();
            Target::last(&step, &source, save_as, "ID").unwrap_err().why
        };
        assert!(
            check("", Some("/a")).contains("no suffix") || check("", Some("/a")).contains("xyz")
        );
        assert!(check("/f/exe", Some("/a")).contains("\"exe\""));
        assert!(check("", None).contains(".xyz"));
        assert!(check("/ht/5", Some("/a.mp4")).contains(".m3u8"));
    }

    #[test]
    fn several_pictures_are_numbered_before_the_suffix() {
        let target = |key: &str| Target {
            file: "out.png".into(),
            key: Some(key.into()),
            format: "png",
        };
        let key = |key: &str| target(key).numbered(2).key.unwrap();
        assert_eq!(key("/path/to/img.png"), "/path/to/img2.png");
        assert_eq!(key("/path.to/img"), "/path.to/img2");
        assert_eq!(target("/a/b.m3u8").segments(), "b");
    }
}
