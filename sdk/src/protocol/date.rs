//! Dates in headers: RFC 1123, always GMT.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 1 January of the year 10000, which has no four digits.
const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// `Wed, 29 Oct 2014 02:26:58 GMT`, with a day of two digits.
///
/// Times outside 1970…9999 become the nearest that the format can write.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use upyun_client::protocol::date;
///
/// let time = UNIX_EPOCH + Duration::from_secs(1_414_549_618);
/// assert_eq!(date::format(time), "Wed, 29 Oct 2014 02:26:58 GMT");
/// ```
pub fn format(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    httpdate::fmt_http_date(UNIX_EPOCH + since.min(YEAR_10000 - Duration::from_secs(1)))
}

/// Reads a date header as the service does (`[choice A-7]`).
///
/// The day has one or two digits, the zone is `GMT` or `UTC`, and the weekday must be the name of
/// one but need not fit the date. The other two formats of HTTP are refused: no client sends them.
///
/// ```
/// use upyun_client::protocol::date;
///
/// assert!(date::parse("Wed, 9 Nov 2016 14:26:58 UTC").is_some());
/// assert!(date::parse("2016-11-09T14:26:58Z").is_none());
/// ```
pub fn parse(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    as_written(text).or_else(|| as_clients_write(text))
}

/// What [`format`] writes, which is what nearly all send.
fn as_written(text: &str) -> Option<SystemTime> {
    let is_of_its_form = text.len() == 29 && text.get(3..5) == Some(", ") && text.ends_with(" GMT");
    httpdate::parse_http_date(text)
        .ok()
        .filter(|_| is_of_its_form)
}

fn as_clients_write(text: &str) -> Option<SystemTime> {
    let (weekday, rest) = text.split_once(", ")?;
    let (day, rest) = rest.split_once(' ')?;
    let rest = rest
        .strip_suffix(" GMT")
        .or_else(|| rest.strip_suffix(" UTC"))?;
    if !matches!(day.len(), 1 | 2) || !WEEKDAYS.contains(&weekday) {
        return None;
    }
    // The library insists on the right weekday, so a wrong one is replaced by the one that fits.
    let with =
        |weekday| httpdate::parse_http_date(&format!("{weekday}, {day:0>2} {rest} GMT")).ok();
    with(weekday).or_else(|| WEEKDAYS.into_iter().find_map(with))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<u64>) {
        let unix = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH)
                .unwrap()
                .as_secs()
        };
        assert_eq!(parse(text).map(unix), want, "{text}");
    }

    #[test]
    fn times_that_the_format_cannot_write() {
        assert_eq!(
            format(UNIX_EPOCH - YEAR_10000),
            "Thu, 01 Jan 1970 00:00:00 GMT"
        );
        assert_eq!(
            format(UNIX_EPOCH + YEAR_10000),
            "Fri, 31 Dec 9999 23:59:59 GMT"
        );
    }

    #[test]
    fn what_clients_send() {
        check("Wed, 29 Oct 2014 02:26:58 GMT", Some(1_414_549_618));
        check("Wed, 09 Nov 2016 14:26:58 GMT", Some(1_478_701_618));
        check("Wed, 9 Nov 2016 14:26:58 UTC", Some(1_478_701_618));
        check("Mon, 09 Nov 2016 14:26:58 GMT", Some(1_478_701_618));
        check(" Wed, 09 Nov 2016 14:26:58 GMT ", Some(1_478_701_618));
    }

    #[test]
    fn what_is_refused() {
        for bad in [
            "",
            "now",
            "Foo, 09 Nov 2016 14:26:58 GMT",
            "Wed, 009 Nov 2016 14:26:58 GMT",
            "Wed, 31 Feb 2016 14:26:58 GMT",
            "Wed, 09 Nov 2016 25:26:58 GMT",
            "Wed, 09 Nov 2016 14:26:58 +0800",
            "Wed, 09 Nov 2016 14:26:58",
            "09 Nov 2016 14:26:58 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "1478701618",
            "Wed, é9 Nov 2016 14:26:58 GMT",
        ] {
            check(bad, None);
        }
    }
}
