//! What it takes to draw: a short text can ask for years of work, and for all memory there is.
//!
//! The library draws to its end once it has begun, so that the effort is estimated before. Groups that
//! are drawn apart (of some opacity, behind a mask, under a filter) take a layer of pixels each, which
//! may be larger than the picture, and layers within layers are there at the same time. What is used
//! many times is drawn many times.

use resvg::{
    tiny_skia::Rect,
    usvg::{Group, Node, Path, filter},
};

use super::MAX_INNER_PIXELS;
use crate::image::error::{MAX_PIXELS, RenderError};

/// Pixels of layers that are there at the same time.
const MAX_HELD: f64 = 2.0 * MAX_PIXELS as f64;
/// Pixels that are touched, each as often as it is: ten seconds or so.
const MAX_TOUCHED: f64 = 2.5e9;
/// The library clips layers to so much of the picture's width and height.
const REACH: f32 = 4.0;
/// The library makes no more of a path.
const MAX_DASHES: f64 = 1e6;
/// What anything takes at least.
const LEAST: f64 = 100.0;

/// Refuses drawings that take too much.
pub(super) fn check(root: &Group, (width, height): (u32, u32)) -> Result<(), RenderError> {
    let mut effort = Effort {
        width: width as f32 * REACH,
        height: height as f32 * REACH,
        touched: 0.0,
    };
    effort.group(root, 0.0)
}

struct Effort {
    /// Of the largest layer.
    width: f32,
    height: f32,
    touched: f64,
}

impl Effort {
    fn group(&mut self, group: &Group, held: f64) -> Result<(), RenderError> {
        let mut held = held;
        let steps = group.filters().iter().flat_map(|it| it.primitives());
        if group.should_isolate() || !group.filters().is_empty() {
            let layer = self.area(group.abs_layer_bounding_box().to_rect());
            self.touch(layer)?;
            held += layer;
            for step in steps {
                // Results are kept until all steps are done.
                held += layer;
                self.touch(layer * passes(step.kind()))?;
            }
        }
        if held > MAX_HELD {
            return Err(RenderError::TooMany);
        }
        for node in group.children() {
            self.node(node, held)?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node, held: f64) -> Result<(), RenderError> {
        match node {
            Node::Group(group) => self.group(group, held)?,
            Node::Path(path) => self.path(path)?,
            Node::Image(image) => {
                let shown = self.area(image.abs_bounding_box());
                self.touch(shown + MAX_INNER_PIXELS as f64)?;
            }
            Node::Text(text) => self.group(text.flattened(), held)?,
        }
        // Clip paths, masks and patterns.
        let mut done = Ok(());
        node.subroots(|root| {
            if done.is_ok() {
                done = self.group(root, held);
            }
        });
        done
    }

    fn path(&mut self, path: &Path) -> Result<(), RenderError> {
        let part = path.abs_stroke_bounding_box();
        // Each piece is looked at in each line of pixels that it crosses.
        let height = f64::from(part.height().min(self.height));
        let pieces = path.data().verbs().len() as f64;
        self.touch(self.area(part) + pieces * (LEAST + height))?;
        let Some(dashes) = path.stroke().and_then(|stroke| stroke.dasharray()) else {
            return Ok(());
        };
        let inner = path.bounding_box();
        let length = pieces * f64::from(inner.width() + inner.height());
        let period = f64::from(dashes.iter().sum::<f32>());
        self.touch(LEAST * (length / period).min(MAX_DASHES))
    }

    fn area(&self, part: Rect) -> f64 {
        f64::from(part.width().min(self.width)) * f64::from(part.height().min(self.height))
    }

    fn touch(&mut self, pixels: f64) -> Result<(), RenderError> {
        self.touched += pixels + LEAST;
        match self.touched > MAX_TOUCHED {
            true => Err(RenderError::TooMany),
            false => Ok(()),
        }
    }
}

/// How often a filter touches a pixel, about.
fn passes(kind: &filter::Kind) -> f64 {
    use filter::Kind;
    match kind {
        Kind::ConvolveMatrix(it) => {
            f64::from(it.matrix().columns()) * f64::from(it.matrix().rows())
        }
        Kind::Morphology(it) => {
            let side = |radius: f32| 2.0 * f64::from(radius) + 1.0;
            side(it.radius_x().get()) * side(it.radius_y().get())
        }
        Kind::Turbulence(it) => 20.0 * f64::from(it.num_octaves()),
        // Measured: 0.3 microseconds a pixel, whatever the deviation.
        Kind::GaussianBlur(_) | Kind::DropShadow(_) => 80.0,
        Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => 20.0,
        _ => 3.0,
    }
}
