//! Chance, the same for the same seed: what is drawn for the nth request depends on nothing else, so
//! that requests which come in another order change nothing for the others.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::ChaCha8Rng};

use super::{
    Delay,
    action::{Normal as NormalDelay, Uniform},
};

/// What is drawn from for one request. Each of its questions has a stream of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    pub(super) seed: u64,
    pub(super) nth: u64,
}

impl Draw {
    fn stream(self, question: u64) -> ChaCha8Rng {
        let mut stream = ChaCha8Rng::seed_from_u64(self.seed);
        stream.set_stream(self.nth.wrapping_mul(2).wrapping_add(question));
        stream
    }

    /// Whether something of this probability happens.
    pub(super) fn happens(self, probability: f64) -> bool {
        self.stream(0).random::<f64>() < probability
    }

    /// A number with mean 0 and deviation 1, by the Box-Muller transform.
    fn standard_normal(self) -> f64 {
        let (radius, angle) = self.stream(1).random::<(f64, f64)>();
        // The logarithm is of a number above zero.
        (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    /// How long to wait.
    pub(super) fn delay(self, delay: Delay) -> Duration {
        match delay {
            Delay::Fixed(ms) => Duration::from_millis(ms),
            Delay::Uniform(Uniform { min, max }) => {
                Duration::from_millis(self.stream(1).random_range(min..=max))
            }
            Delay::Normal(NormalDelay { mean, deviation }) => {
                let drawn = mean + deviation * self.standard_normal();
                Duration::try_from_secs_f64(drawn.max(0.0) / 1000.0).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_draws_one_schedule() {
        let schedule = |seed| -> Vec<bool> {
            let draw = |nth| Draw { seed, nth }.happens(0.5);
            (1..=64).map(draw).collect()
        };
        assert_eq!(schedule(7), schedule(7));
        assert_ne!(schedule(7), schedule(8));
        let happened = schedule(7).iter().filter(|it| **it).count();
        assert!((16..=48).contains(&happened), "{happened} of 64");
    }

    #[test]
    fn normal_delays_have_their_mean_and_deviation() {
        let draws = || (0..10_000).map(|nth| Draw { seed: 1, nth }.standard_normal());
        let mean = draws().sum::<f64>() / 10_000.0;
        let variance = draws().map(|drawn| drawn * drawn).sum::<f64>() / 10_000.0;
        assert!(mean.abs() < 0.05, "{mean}");
        assert!((variance - 1.0).abs() < 0.1, "{variance}");
        let delay = Delay::Normal(NormalDelay {
            mean: 100.0,
            deviation: 0.0,
        });
        let draw = Draw { seed: 1, nth: 1 };
        assert_eq!(draw.delay(delay), Duration::from_millis(100));
    }

    #[test]
    fn delays_keep_to_their_bounds() {
        for nth in 0..1000 {
            let draw = Draw { seed: 1, nth };
            let delay = draw.delay(Delay::Uniform(Uniform { min: 10, max: 20 }));
            assert!((10..=20).contains(&delay.as_millis()), "{delay:?}");
            let normal = NormalDelay {
                mean: 5.0,
                deviation: 100.0,
            };
            assert!(draw.delay(Delay::Normal(normal)) < Duration::from_secs(1));
        }
    }
}
