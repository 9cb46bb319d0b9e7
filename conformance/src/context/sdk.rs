//! The SDK, kept inside the run's budget.

use std::{sync::Arc, time::SystemTime};

use upyun_client::{
    Client, Credential, Endpoint, LocalSigner, RetryPolicy, SignFuture, SignRequest, Signer,
    protocol::PasswordMd5,
};

use super::Context;
use crate::{
    failure::Failure,
    target::Place,
    wire::{Meter, Relay},
};

/// A client, and the door that it goes through where two targets are asked.
#[derive(Debug)]
pub(super) struct Connected {
    client: Client,
    _relay: Option<Relay>,
}

impl Connected {
    pub(super) fn new(cx: &Context) -> Result<Self, Failure> {
        let relay = cx.shadow().map(|_| Relay::start(cx.weak())).transpose()?;
        let client = client(cx, relay.as_ref())?;
        Ok(Self {
            client,
            _relay: relay,
        })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

fn client(cx: &Context, relay: Option<&Relay>) -> Result<Client, Failure> {
    let operator = cx.operator();
    let signer = Metered {
        signer: LocalSigner::new(PasswordMd5::of(&operator.password)),
        meter: Arc::clone(cx.meter()),
    };
    let endpoint = match (relay, cx.place()) {
        (Some(relay), _) => Endpoint::url(relay.url()),
        (None, Place::Socket(address)) => Endpoint::url(format!("http://{address}")),
        (None, Place::Internet) => Endpoint::Auto,
    };
    // A clone of the context would keep itself, and an emulator, for ever.
    let clock = cx.clock();
    let now = move || match &clock {
        Some(clock) => clock.now(),
        None => SystemTime::now(),
    };
    Client::builder(cx.service(), &operator.name, Credential::signer(signer))
        .endpoint(endpoint)
        .retry(RetryPolicy::none())
        .clock(now)
        .build()
        .map_err(|error| Failure::harness("a client", error))
}

/// Every request of the SDK is signed, so whoever signs can count and hold them back.
struct Metered {
    signer: LocalSigner,
    meter: Arc<Meter>,
}

impl Signer for Metered {
    fn sign<'a>(&'a self, request: SignRequest<'a>) -> SignFuture<'a> {
        Box::pin(async move {
            self.meter.request(0).await?;
            self.signer.sign(request).await
        })
    }
}
