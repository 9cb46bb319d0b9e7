//! Valid requests by the SDK, seen on their way through a relay.

use upyun_client::{Client, Endpoint, RetryPolicy, protocol::FormPolicy};

use super::{
    Sent,
    dice::Dice,
    form::{Keys, SignatureForm},
    raw::Raw,
    report::{Report, Signer},
    valid::hostile_name,
};
use crate::{context::Context, failure::Failure, wire::Relay};

/// Has the SDK do everything that it can, and gives the requests that can be changed.
pub(super) async fn requests(
    cx: &Context,
    keys: &Keys,
    dice: &mut Dice,
    report: &mut Report,
) -> Result<Vec<Sent>, Failure> {
    let door = cx.clone();
    let relay = Relay::start(move || Some(door.clone()))?;
    let client = Client::builder(&*keys.service, &*keys.operator, &*keys.password)
        .endpoint(Endpoint::url(relay.url()))
        .retry(RetryPolicy::none())
        .build()
        .map_err(|error| Failure::harness("a client", error))?;
    let outcome = ask(&client, keys, dice).await;
    let mut all = Vec::new();
    for relayed in relay.take() {
        let raw = Raw::parse(relayed.api, &relayed.bytes);
        let Some((form, raw)) = raw.and_then(|raw| Some((SignatureForm::of(&raw)?, raw))) else {
            let head = String::from_utf8_lossy(&relayed.bytes);
            let line = head.lines().next().unwrap_or_default().to_owned();
            return Err(Failure::harness("to read the SDK's request", line));
        };
        report.valid(form, Signer::Sdk, &raw, relayed.status, relayed.code);
        let at = None;
        all.push(Sent { form, raw, at });
    }
    // What was refused is in the report; the rest is nothing that can be judged.
    match outcome {
        Err(failure) if report.false_rejects.is_empty() => Err(failure),
        _ => Ok(all),
    }
}

async fn ask(client: &Client, keys: &Keys, dice: &mut Dice) -> Result<(), Failure> {
    let folder = format!("{}/sdk-{}", keys.folder, hostile_name(dice));
    let mut name = || format!("{folder}/{}", hostile_name(dice));
    let (key, copy, moved) = (name(), name(), name());
    client.put(&key).body("by the SDK").send().await?;
    client.put(&key).body("checked").checksum().send().await?;
    client.put(&copy).meta("a", "b").body("").send().await?;
    client.get(&key).send().await?.bytes().await?;
    client.info(&key).send().await?;
    client.list(&folder).send().await?;
    client.usage(&folder).send().await?;
    client
        .update_metadata(&key)
        .merge()
        .meta("c", "d")
        .send()
        .await?;
    client.copy(&key, &copy).send().await?;
    client.rename(&copy, &moved).send().await?;
    client.make_folder(name()).send().await?;
    client.delete(&moved).send().await?;

    let upload = client.begin_multipart(name()).send().await?;
    upload.upload(0, "a part").send().await?;
    upload.parts().send().await?;
    upload.complete().send().await?;
    let upload = client
        .begin_multipart(name())
        .ordered()
        .length(6)
        .send()
        .await?;
    upload.upload(0, "a part").send().await?;
    upload.cancel().send().await?;

    let policy = FormPolicy::new(name()).ext_param("mine");
    client.form(&policy).file("a.txt", "a form").send().await?;
    client
        .form(&policy)
        .file("a.txt", "checked")
        .checksum()
        .send()
        .await?;
    if let Some(secret) = &keys.form_secret {
        let form = client.form(&policy).form_secret(secret);
        form.file("a.txt", "of old").send().await?;
    }
    client.purge_keys([&key, &moved]).send().await?;
    let tasks = client.submit_tasks("imgaudit");
    let tasks = tasks.task([("source", key.as_str().into())]);
    tasks.send().await?;
    Ok(())
}
