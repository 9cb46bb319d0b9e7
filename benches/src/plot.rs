//! A picture of a run: throughput, and below it the latencies, over time.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use plotters::prelude::*;
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};

use crate::{
    failure::Failure,
    report::{Report, Sample},
};

const SIZE: (u32, u32) = (1000, 800);
/// The only font of a picture, so that it looks the same everywhere.
const FONT: &str = "DejaVu Sans";
const INK: RGBColor = RGBColor(40, 40, 40);
/// Told apart also by those who do not tell red from green.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(230, 159, 0);
const VERMILION: RGBColor = RGBColor(213, 94, 0);

/// The name of a file that can be drawn to.
pub(crate) fn file(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(name);
    match path.extension().and_then(|kind| kind.to_str()) {
        Some("svg" | "png") => Ok(path),
        _ => Err("a plot is a file .svg or .png".into()),
    }
}

/// Draws a report.
pub(crate) fn write(report: &Report, path: &Path) -> Result<(), Failure> {
    let svg = draw(report).map_err(|error| Failure::Plot(error.to_string()))?;
    let content = match path.extension().is_some_and(|kind| kind == "png") {
        true => png(&svg)?,
        false => svg.into_bytes(),
    };
    std::fs::write(path, content).map_err(|error| Failure::file("write", path, error))
}

fn draw(report: &Report) -> Result<String, DrawingAreaErrorKind<io::Error>> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let settings = &report.settings;
        let title = format!(
            "{} of {}, {} at once, on {}: {:.1} MB/s, {:.0} operations/s",
            settings.command,
            settings.size,
            settings.concurrency,
            settings.target,
            report.bytes_per_second / 1e6,
            report.operations_per_second,
        );
        let area = area.titled(&title, (FONT, 18).into_font().color(&INK))?;
        let (upper, lower) = area.split_vertically(SIZE.1 / 2 - 20);
        let rate = |sample: &Sample| sample.bytes as f64 / sample.seconds.max(1e-3) / 1e6;
        let lines: [Line<'_>; 1] = [("throughput", BLUE, &rate)];
        chart(&upper, "MB/s", report, &lines)?;
        let lines: [Line<'_>; 3] = [
            ("p50", BLUE, &|sample| sample.p50_ms),
            ("p90", ORANGE, &|sample| sample.p90_ms),
            ("p99", VERMILION, &|sample| sample.p99_ms),
        ];
        chart(&lower, "latency, ms", report, &lines)?;
        area.present()?;
    }
    Ok(svg)
}

/// Name, colour, and the figure of a sample.
type Line<'a> = (&'static str, RGBColor, &'a dyn Fn(&Sample) -> f64);

fn chart(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    unit: &str,
    report: &Report,
    lines: &[Line<'_>],
) -> Result<(), DrawingAreaErrorKind<io::Error>> {
    // A stretch in which nothing ended has no latency.
    let samples: Vec<&Sample> = report
        .timeline
        .iter()
        .filter(|it| it.bytes > 0 || it.operations > 0)
        .collect();
    let values = lines
        .iter()
        .flat_map(|(.., of)| samples.iter().map(move |it| of(it)));
    let highest = values.fold(0.0, f64::max);
    let end = samples.last().map_or(1.0, |last| last.until_seconds);
    let across: Range<f64> = 0.0..end.max(0.1);
    let up: Range<f64> = 0.0..(highest * 1.1).max(0.001);
    let mut chart = ChartBuilder::on(area)
        .margin(15)
        .x_label_area_size(40)
        .y_label_area_size(80)
        .build_cartesian_2d(across, up)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .label_style((FONT, 13).into_font().color(&INK))
        .x_desc("seconds")
        .y_desc(unit)
        .draw()?;
    for (name, color, of) in lines {
        let points = || samples.iter().map(|it| (it.until_seconds, of(it)));
        let color = *color;
        chart
            .draw_series(LineSeries::new(points(), color.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2)));
        chart.draw_series(points().map(|at| Circle::new(at, 2, color.filled())))?;
    }
    chart
        .configure_series_labels()
        .label_font((FONT, 13).into_font().color(&INK))
        .background_style(WHITE.mix(0.8))
        .draw()?;
    Ok(())
}

/// Pixels of a drawing. The font comes along, for a bare machine has none.
fn png(svg: &str) -> Result<Vec<u8>, Failure> {
    let mut fonts = Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    let options = Options {
        font_family: FONT.to_owned(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    let failed = |why: String| Failure::Plot(why);
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))?;
    let mut pixels =
        Pixmap::new(SIZE.0, SIZE.1).ok_or_else(|| failed("it has no pixels".into()))?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    pixels
        .encode_png()
        .map_err(|error| failed(error.to_string()))
}
