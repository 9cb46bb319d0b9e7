//! Faults as Rust writes them, with types instead of a line of text.

use std::time::Duration;

use http::Method;
use upyun_client::protocol::ErrorCode;

use super::{
    Corruption, Delay, Fault, HeaderWanted, Normal, Numbers, RateLimit, Side, Stall, StallAt,
    Uniform,
};
use crate::api_name::ApiName;

/// Which requests, how often, and what happens. Each method returns the changed fault:
///
/// ```
/// use std::time::Duration;
/// use http::Method;
/// use upyun_mock::faults::Fault;
///
/// let fault = Fault::on(Method::PUT).path("/demo/**").nth(3).status(503).times(1);
/// assert_eq!(fault, "PUT /demo/** nth=3 => status=503 times=1".parse()?);
/// let slow = Fault::any().delay(Duration::from_millis(20)).label("slow");
/// assert_eq!(slow, "=> delay_ms=20 label=slow".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Fault {
    /// A fault for requests with this method.
    pub fn on(method: Method) -> Self {
        let mut fault = Self::default();
        fault.when.method = Some(method.as_str().to_owned());
        fault
    }

    /// A fault for every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// A fault for deliveries of callbacks instead of requests.
    pub fn on_callback() -> Self {
        let mut fault = Self::default();
        fault.when.callback = true;
        fault
    }

    /// Only paths that this glob matches: `*` within a segment, `**` across segments.
    pub fn path(mut self, glob: impl Into<String>) -> Self {
        self.when.path = Some(glob.into());
        self
    }

    /// Only this API.
    pub fn api(mut self, api: ApiName) -> Self {
        self.when.api = Some(api);
        self
    }

    /// Only hosts that this glob matches, without the port.
    pub fn host(mut self, glob: impl Into<String>) -> Self {
        self.when.host = Some(glob.into());
        self
    }

    /// Only operators that this glob matches.
    pub fn operator(mut self, glob: impl Into<String>) -> Self {
        self.when.operator = Some(glob.into());
        self
    }

    /// Only services that this glob matches.
    pub fn service(mut self, glob: impl Into<String>) -> Self {
        self.when.service = Some(glob.into());
        self
    }

    /// Only requests with this header, whose value the glob matches.
    pub fn header(self, name: impl Into<String>, glob: impl Into<String>) -> Self {
        self.with_header(name.into(), HeaderWanted::Glob(glob.into()))
    }

    /// Only requests with this header.
    pub fn with(self, name: impl Into<String>) -> Self {
        self.with_header(name.into(), HeaderWanted::Present(true))
    }

    /// Only requests without this header.
    pub fn without(self, name: impl Into<String>) -> Self {
        self.with_header(name.into(), HeaderWanted::Present(false))
    }

    fn with_header(mut self, name: String, wanted: HeaderWanted) -> Self {
        self.when.header.insert(name, wanted);
        self
    }

    /// Only the part with this number of a resumable upload.
    pub fn part(mut self, number: u64) -> Self {
        self.when.part = Some(number);
        self
    }

    /// Only the nth of the requests that all other conditions match, counted from 1. Called again, it
    /// adds another number.
    pub fn nth(mut self, number: u64) -> Self {
        self.when.nth = Some(match self.when.nth.take() {
            None => Numbers::One(number),
            Some(Numbers::One(first)) => Numbers::Some(vec![first, number]),
            Some(Numbers::Some(mut numbers)) => {
                numbers.push(number);
                Numbers::Some(numbers)
            }
        });
        self
    }

    /// Only every nth of the requests that all other conditions match.
    pub fn every(mut self, nth: u64) -> Self {
        self.when.every = Some(nth);
        self
    }

    /// Each of them only with this probability, from 0 to 1.
    pub fn probability(mut self, probability: f64) -> Self {
        self.when.probability = Some(probability);
        self
    }

    /// The seed of the probability and of random delays.
    pub fn seed(mut self, seed: u64) -> Self {
        self.when.seed = Some(seed);
        self
    }

    /// Acts at most so often.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Acts only for so long, by the server's clock.
    pub fn lasting(mut self, time: Duration) -> Self {
        self.for_seconds = Some(time.as_secs_f64());
        self
    }

    /// A text for the list of faults.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Responds with this status and does nothing else.
    pub fn status(mut self, status: u16) -> Self {
        self.action.status = Some(status);
        self
    }

    /// Responds with this code of the error table and does nothing else.
    pub fn code(mut self, code: ErrorCode) -> Self {
        self.action.code = Some(code.as_u32());
        self
    }

    /// Waits before anything is done.
    pub fn delay(mut self, by: Duration) -> Self {
        self.action.delay_ms = Some(Delay::Fixed(milliseconds(by)));
        self
    }

    /// Waits for a random time between two, each as likely.
    pub fn delay_between(mut self, min: Duration, max: Duration) -> Self {
        let (min, max) = (milliseconds(min), milliseconds(max));
        self.action.delay_ms = Some(Delay::Uniform(Uniform { min, max }));
        self
    }

    /// Waits for a random time of the normal distribution.
    pub fn delay_around(mut self, mean: Duration, deviation: Duration) -> Self {
        self.action.delay_ms = Some(Delay::Normal(Normal {
            mean: mean.as_secs_f64() * 1000.0,
            deviation: deviation.as_secs_f64() * 1000.0,
        }));
        self
    }

    /// Reads the request's body and sends the response's no faster than this.
    pub fn bytes_per_second(mut self, bytes: u64) -> Self {
        self.action.bytes_per_second = Some(bytes);
        self
    }

    /// Closes the connection before anything is done.
    pub fn close(mut self) -> Self {
        self.action.close_before = true;
        self
    }

    /// Closes the connection after so many bytes of the request's body.
    pub fn close_after_request_bytes(mut self, bytes: u64) -> Self {
        self.action.close_after_request_bytes = Some(bytes);
        self
    }

    /// Closes the connection after so many bytes of the response's body.
    pub fn close_after_response_bytes(mut self, bytes: u64) -> Self {
        self.action.close_after_response_bytes = Some(bytes);
        self
    }

    /// Resets the connection where it would be closed; alone, before anything is done.
    pub fn reset(mut self) -> Self {
        self.action.reset = true;
        self
    }

    /// Sends only so many bytes of the response's body, as if there were no more.
    pub fn truncate(mut self, to_bytes: u64) -> Self {
        self.action.truncate_to_bytes = Some(to_bytes);
        self
    }

    /// Changes the first byte of a body: the request's of a PUT or POST, else the response's.
    pub fn corrupt(mut self) -> Self {
        self.action.corrupt = Some(Corruption::Flag(true));
        self
    }

    /// Changes some bytes of a body.
    pub fn corrupt_bytes(mut self, of: Side, at: u64, bytes: u64) -> Self {
        let of = Some(of);
        self.action.corrupt = Some(Corruption::Bytes { at, bytes, of });
        self
    }

    /// Does nothing until the client gives up.
    pub fn stall(mut self) -> Self {
        self.action.stall = Some(Stall::Flag(true));
        self
    }

    /// Stops for so long before anything is done, or after the bytes of
    /// [`stall_after_request_bytes`](Self::stall_after_request_bytes) or
    /// [`stall_after_response_bytes`](Self::stall_after_response_bytes).
    pub fn stall_for(self, time: Duration) -> Self {
        self.stall_at(|at| at.seconds = Some(time.as_secs_f64()))
    }

    /// Stops after so many bytes of the request's body.
    pub fn stall_after_request_bytes(self, bytes: u64) -> Self {
        self.stall_at(|at| at.after_request_bytes = Some(bytes))
    }

    /// Stops after so many bytes of the response's body.
    pub fn stall_after_response_bytes(self, bytes: u64) -> Self {
        self.stall_at(|at| at.after_response_bytes = Some(bytes))
    }

    fn stall_at(mut self, change: impl FnOnce(&mut StallAt)) -> Self {
        let mut at = match self.action.stall {
            Some(Stall::At(at)) => at,
            _ => StallAt::default(),
        };
        change(&mut at);
        self.action.stall = Some(Stall::At(at));
        self
    }

    /// Executes the request, and closes the connection instead of responding.
    pub fn lose_answer(mut self) -> Self {
        self.action.lose_answer = true;
        self
    }

    /// Responds at once, but stores or deletes the object only after this time, by the server's
    /// clock.
    pub fn visible_after(mut self, time: Duration) -> Self {
        self.action.visible_after_ms = Some(milliseconds(time));
        self
    }

    /// Refuses what exceeds so many requests in so much time.
    pub fn rate_limit(mut self, requests: u32, per: Duration) -> Self {
        self.action.rate_limit = Some(RateLimit {
            requests,
            per_seconds: per.as_secs_f64(),
        });
        self
    }

    /// Checks dates with a clock that is so many seconds ahead; behind if negative.
    pub fn clock_skew_seconds(mut self, seconds: i64) -> Self {
        self.action.clock_skew_seconds = Some(seconds);
        self
    }

    /// Delivers a callback twice.
    pub fn duplicate(mut self) -> Self {
        self.action.duplicate = true;
        self
    }

    /// Does not deliver a callback.
    pub fn lose(mut self) -> Self {
        self.action.lose = true;
        self
    }
}

fn milliseconds(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(built: &Fault, text: &str) {
        assert_eq!(*built, text.parse().unwrap());
    }

    #[test]
    fn a_built_fault_equals_its_line_of_text() {
        let second = Duration::from_secs(1);
        check(
            &Fault::on(Method::PUT)
                .path("/demo/**")
                .nth(1)
                .nth(3)
                .close_after_request_bytes(1 << 20)
                .reset()
                .times(2)
                .lasting(Duration::from_millis(1500)),
            "put /demo/** nth=1,3 => close_after_request_bytes=1048576 reset times=2 for=1.5",
        );
        check(
            &Fault::any()
                .api(ApiName::Multipart)
                .part(3)
                .operator("007")
                .with("content-md5")
                .stall_for(2 * second),
            "api=multipart part=3 operator=007 header.content-md5=true => stall={\"seconds\":2.0}",
        );
        check(
            &Fault::on_callback().probability(0.5).seed(7).lose(),
            "callback probability=0.5 seed=7 => lose",
        );
        check(
            &Fault::any()
                .host("v0.*")
                .service("d*")
                .header("range", "bytes=*")
                .without("x-date")
                .every(2)
                .delay_between(Duration::from_millis(10), Duration::from_millis(20))
                .label("slow"),
            "host=v0.* service=d* header.range=bytes=* header.x-date=false every=2 \
             => delay_ms={\"min\":10,\"max\":20} label=slow",
        );
        for (built, text) in [
            (
                Fault::any().code(ErrorCode::FILE_NOT_FOUND),
                "=> code=40400001",
            ),
            (Fault::any().delay(second), "=> delay_ms=1000"),
            (
                Fault::any().delay_around(second, second),
                "=> delay_ms={\"mean\":1000.0,\"deviation\":1000.0}",
            ),
            (Fault::any().bytes_per_second(9), "=> bytes_per_second=9"),
            (Fault::any().close(), "=> close_before"),
            (
                Fault::any().close_after_response_bytes(9),
                "=> close_after_response_bytes=9",
            ),
            (Fault::any().truncate(9), "=> truncate_to_bytes=9"),
            (Fault::any().corrupt(), "=> corrupt"),
            (
                Fault::any().corrupt_bytes(Side::Answer, 4, 2),
                "=> corrupt={\"at\":4,\"bytes\":2,\"of\":\"answer\"}",
            ),
            (Fault::any().stall(), "=> stall"),
            (
                Fault::any().stall_after_request_bytes(9).stall_for(second),
                "=> stall={\"after_request_bytes\":9,\"seconds\":1.0}",
            ),
            (
                Fault::any().stall_after_response_bytes(9),
                "=> stall={\"after_response_bytes\":9}",
            ),
            (Fault::any().lose_answer(), "=> lose_answer"),
            (
                Fault::any().visible_after(second),
                "=> visible_after_ms=1000",
            ),
            (
                Fault::any().rate_limit(2, second),
                "=> rate_limit={\"requests\":2,\"per_seconds\":1.0}",
            ),
            (
                Fault::any().clock_skew_seconds(-60),
                "=> clock_skew_seconds=-60",
            ),
            (Fault::on_callback().duplicate(), "callback => duplicate"),
        ] {
            check(&built, text);
        }
    }
}
