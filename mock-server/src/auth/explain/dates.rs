//! Dates as clients sign them by mistake.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use upyun_client::protocol::date;

use super::variant::Variants;

const FORMAT: &str = "send and sign the same text, such as `Wed, 29 Oct 2014 02:26:58 GMT`.";
const SAME: &str = "send the date that was signed; a library or proxy may replace it.";
/// Seconds around the date that was sent: libraries and proxies often write a date of their own.
const NEARBY: i64 = 120;
/// Those of them that are also tried together with another mistake.
const LIKELY: i64 = 3;

/// The variants of the date that was sent; `unused` is a Date header that X-Date replaces.
pub(super) fn variants(sent: Option<&str>, unused: Option<&str>) -> Variants<String> {
    let Some(text) = sent else {
        return Variants::right(String::new());
    };
    let mut dates = Variants::right(text.to_owned());
    if let Some(unused) = unused {
        let cause = "The Date header was signed, but X-Date was sent too and takes precedence.";
        dates.add(unused.to_owned(), cause, "sign X-Date, or do not send it.");
    }
    let order = "sign the date that is sent, after the path.";
    dates.add(String::new(), "The date was not signed.", order);
    let cause = "The name of the date header was signed together with its value.";
    dates.add(format!("Date: {text}"), cause, "sign the value alone.");
    let cause = "The date was signed in lower case.";
    dates.add(text.to_lowercase(), cause, FORMAT);
    let cause = "The date was signed with a space or line feed around it.";
    for wrapped in [format!("{text} "), format!(" {text}"), format!("{text}\n")] {
        dates.add(wrapped, cause, FORMAT);
    }
    if let Some(time) = date::parse(text) {
        other_formats(&mut dates, text, time);
        other_zones(&mut dates, time);
        other_times(&mut dates, text, time);
    }
    dates
}

fn moved(time: SystemTime, seconds: i64) -> Option<SystemTime> {
    let off = Duration::from_secs(seconds.unsigned_abs());
    match seconds < 0 {
        true => time.checked_sub(off),
        false => time.checked_add(off),
    }
}

fn other_formats(dates: &mut Variants<String>, text: &str, time: SystemTime) {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let cause = "A Unix time was signed instead of the date header.";
    dates.add(seconds.to_string(), cause, FORMAT);
    dates.add(format!("{seconds}000"), cause, FORMAT);
    for off in 1..=LIKELY.unsigned_abs() {
        dates.add_rare(seconds.saturating_sub(off).to_string(), cause, FORMAT);
        dates.add_rare((seconds + off).to_string(), cause, FORMAT);
    }
    let cause = "The date was signed with a different zone name than sent.";
    let bare = date::format(time);
    let bare = bare.trim_end_matches(" GMT");
    for zone in [
        " GMT",
        " UTC",
        "",
        " +0000",
        " -0000",
        " Z",
        " GMT+0000",
        " UT",
    ] {
        dates.add(format!("{bare}{zone}"), cause, FORMAT);
    }
    let cause = "The date was signed in a different format than sent.";
    for other in written(time, &Zone::UTC) {
        dates.add_rare(other, cause, FORMAT);
    }
    let without_zero = text.replacen(", 0", ", ", 1);
    dates.add(without_zero, cause, FORMAT);
    dates.add(text.replace(',', ""), cause, FORMAT);
}

/// A zone, by the offset in minutes and the text of it.
struct Zone {
    iso: String,
    compact: String,
}

impl Zone {
    const UTC: Self = Self {
        iso: String::new(),
        compact: String::new(),
    };

    fn of(minutes: i64) -> Self {
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        Self {
            iso: format!("{sign}{hours:02}:{rest:02}"),
            compact: format!("{sign}{hours:02}{rest:02}"),
        }
    }
}

/// A time in the formats of other standards and of programming languages.
fn written(local: SystemTime, zone: &Zone) -> Vec<String> {
    let text = date::format(local);
    let words: Vec<&str> = text
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let [weekday, day, month, year, clock, _] = words[..] else {
        return Vec::new();
    };
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let number = MONTHS.find(month).unwrap_or_default() / 3 + 1;
    let iso = if zone.iso.is_empty() { "Z" } else { &zone.iso };
    let digits = clock.replace(':', "");
    let compact = &zone.compact;
    const CHINESE: &str = "一二三四五六七八九十";
    let chinese_month = match number {
        11 => "十一".to_owned(),
        12 => "十二".to_owned(),
        number => CHINESE
            .chars()
            .nth(number - 1)
            .map(String::from)
            .unwrap_or_default(),
    };
    let chinese_day = match weekday {
        "Mon" => '一',
        "Tue" => '二',
        "Wed" => '三',
        "Thu" => '四',
        "Fri" => '五',
        "Sat" => '六',
        _ => '日',
    };
    vec![
        format!("{year}-{number:02}-{day}T{clock}{iso}"),
        format!("{year}-{number:02}-{day}T{clock}.000{iso}"),
        format!("{year}-{number:02}-{day} {clock}"),
        format!("{year}{number:02}{day}T{digits}Z"),
        format!("{year}{number:02}{day}{digits}"),
        format!("{weekday} {month} {day} {clock} {year}"),
        format!("{weekday} {month} {day} {year} {clock} GMT{compact}"),
        format!("{weekday} {month} {day} {clock} UTC {year}"),
        format!("{weekday} {month} {day} {clock} CST {year}"),
        format!(
            "{weekday}, {day}-{month}-{} {clock} GMT",
            year.get(2..).unwrap_or_default()
        ),
        format!("星期{chinese_day}, {day} {chinese_month}月 {year} {clock} GMT"),
        format!("周{chinese_day}, {day} {chinese_month}月 {year} {clock} GMT"),
        format!("周{chinese_day}, {day} {number}月 {year} {clock} GMT"),
    ]
}

fn other_zones(dates: &mut Variants<String>, time: SystemTime) {
    const GMT: &str = "convert the time to GMT before formatting it; send and sign that text.";
    // China first, then all other zones.
    let zones = [480].into_iter().chain((-12..=14).map(|hours| hours * 60));
    for minutes in zones.chain([330, 345, 570]).filter(|minutes| *minutes != 0) {
        let Some(local) = moved(time, minutes * 60) else {
            continue;
        };
        let zone = Zone::of(minutes);
        let text = date::format(local);
        let bare = text.trim_end_matches("GMT");
        let compact = &zone.compact;
        let named = format!("The local time of the zone {compact} was signed, but labelled GMT.");
        let zoned = format!("The date was signed with the time zone {compact}.");
        if minutes == 480 {
            dates.add(text.clone(), named, GMT);
            dates.add(format!("{bare}{compact}"), zoned.as_str(), GMT);
            dates.add(format!("{bare}CST"), zoned.as_str(), GMT);
        } else {
            dates.add_rare(text.clone(), named, GMT);
        }
        for end in [compact.clone(), zone.iso.clone(), format!("GMT{compact}")] {
            dates.add_rare(format!("{bare}{end}"), zoned.as_str(), GMT);
        }
        for other in written(local, &zone) {
            dates.add_rare(other, zoned.as_str(), GMT);
        }
    }
}

fn other_times(dates: &mut Variants<String>, text: &str, time: SystemTime) {
    for off in (1..=NEARBY).flat_map(|off| [off, -off]) {
        let Some(other) = moved(time, off).map(date::format) else {
            continue;
        };
        let cause = format!("The date {other:?} was signed, but {text:?} was sent.");
        if off.abs() <= LIKELY {
            dates.add(other, cause, SAME);
        } else {
            dates.add_rare(other, cause, SAME);
        }
    }
}
