//! A script on a target, step by step beside the model.

use std::{fmt, sync::Arc, time::Duration};

use super::{Script, answer::Answer, op::Op, reference::Reference, world::World};
use crate::{failure::Failure, target::Target, wire::Meter};

/// After so many operations everything is looked at.
const AUDIT_EVERY: usize = 16;

/// How often a target is asked again that shows what was written to everybody later only.
const PATIENCE: u32 = 4;

/// Where a target and the model differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How many operations of the script agreed before.
    pub step: usize,
    /// What was done.
    pub op: Op,
    /// Whether it was not in the script, but to look at everything after that many operations.
    pub is_audit: bool,
    /// What the model says.
    pub expected: String,
    /// What the target does.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            step,
            op,
            expected,
            found,
            ..
        } = self;
        match self.is_audit {
            true => writeln!(
                f,
                "after {step} operations, where everything is looked at: {op}"
            )?,
            false => writeln!(f, "operation {}: {op}", step + 1)?,
        }
        writeln!(f, "  expected {expected}")?;
        write!(f, "  found    {found}")
    }
}

/// Plays a script and says where the target differs.
///
/// The folder is made on targets that are not an emulator of our own, and stays.
///
/// # Errors
/// When the target cannot be used.
pub async fn play(
    target: &Target,
    script: &Script,
    folder: &str,
    meter: &Arc<Meter>,
) -> Result<Option<Difference>, Failure> {
    play_watched(target, script, folder, meter, || {}).await
}

/// The same, with a call before each operation.
pub(super) async fn play_watched(
    target: &Target,
    script: &Script,
    folder: &str,
    meter: &Arc<Meter>,
    mut tell: impl FnMut(),
) -> Result<Option<Difference>, Failure> {
    let mut world = World::open(target, folder, Arc::clone(meter)).await?;
    let mut model = Reference::new(world.abilities());
    let patience = match target {
        Target::Live(_) => PATIENCE,
        Target::Mock(_) | Target::Url(_) | Target::Shadowed(_) => 1,
    };
    for (step, op) in script.0.iter().enumerate() {
        tell();
        let expected = model.apply(op);
        let mut found = world.run(op).await;
        for _ in 1..patience {
            if !op.is_read() || expected == found {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            found = world.run(op).await;
        }
        if let Some(difference) = compare(step, op, false, &expected, &found) {
            return Ok(Some(difference));
        }
        let steps = step + 1;
        if (steps % AUDIT_EVERY == 0 || steps == script.0.len())
            && let Some(difference) = audit(&world, &model, steps, patience).await
        {
            return Ok(Some(difference));
        }
    }
    Ok(None)
}

async fn audit(world: &World, model: &Reference, step: usize, patience: u32) -> Option<Difference> {
    for op in model.audit() {
        let expected = model.clone().apply(&op);
        let mut found = world.look(&op).await;
        for _ in 1..patience {
            if expected == found {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            found = world.look(&op).await;
        }
        let difference = compare(step, &op, true, &expected, &found);
        if difference.is_some() {
            return difference;
        }
    }
    None
}

fn compare(
    step: usize,
    op: &Op,
    is_audit: bool,
    expected: &Answer,
    found: &Answer,
) -> Option<Difference> {
    let (expected, found) = expected.difference(found)?;
    Some(Difference {
        step,
        op: op.clone(),
        is_audit,
        expected,
        found,
    })
}
