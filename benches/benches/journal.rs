//! What the journal costs: PUT and GET of 4 KiB, many at once, on a server with it and on one without,
//! in turns, so that what else the machine does meets both. Prints the median of the ratios of the
//! turns.
//!
//! Where several processors make the figure jump, one does not: `taskset -c 0 cargo bench …`.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::time::Instant;

use bytes::Bytes;
use futures_util::future::join_all;
use upyun_mock::MockServer;

/// Turns of PUTs; GETs, which are several times as fast, take as many times as many turns.
const TURNS: usize = 240;
const GETS_FOR_A_PUT: usize = 6;
/// Clients at work at the same time, which keep all processors busy: then it does not matter on which
/// of them the system lets a request be made and answered.
const CLIENTS: usize = 16;
/// Of each client in a turn.
const REQUESTS: usize = 25;

fn server(journal_entries: Option<usize>) -> MockServer {
    MockServer::builder()
        .configure(|config| {
            if let Some(entries) = journal_entries {
                config.limits.journal_entries = entries;
            }
        })
        .start_blocking()
        .expect("a server")
}

/// How long so many requests take, in seconds.
async fn round(client: &upyun_client::Client, content: &Bytes, puts: bool) -> f64 {
    let begun = Instant::now();
    let clients = (0..CLIENTS).map(|number| {
        let (client, content) = (client.clone(), content.clone());
        tokio::spawn(async move {
            let key = format!("/object-{number}");
            for _ in 0..REQUESTS {
                if puts {
                    let put = client.put(&key).body(content.clone());
                    put.send().await.expect("stored");
                } else {
                    let download = client.get(&key).send().await.expect("there");
                    download.bytes().await.expect("whole");
                }
            }
        })
    });
    for client in join_all(clients).await {
        client.expect("a client that ends");
    }
    begun.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let turns = match std::env::args().any(|argument| argument == "--bench") {
        true => TURNS,
        false => 1,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (with, without) = (server(None), server(Some(0)));
    let clients = [with.client(), without.client()];
    let content = Bytes::from(vec![7; 4096]);
    runtime.block_on(async {
        for puts in [true, false] {
            let mut times = [Vec::new(), Vec::new()];
            for client in &clients {
                round(client, &content, true).await;
            }
            let turns = match puts {
                true => turns,
                false => turns * GETS_FOR_A_PUT,
            };
            for turn in 0..turns {
                // Who goes first alternates too.
                for which in [turn % 2, 1 - turn % 2] {
                    times[which].push(round(&clients[which], &content, puts).await);
                }
            }
            let [with, without] = &times;
            let ratios = with
                .iter()
                .zip(without)
                .map(|(with, without)| with / without);
            let ratio = median(ratios.collect());
            let [with, without] = times.map(median);
            let per_second = |seconds: f64| (CLIENTS * REQUESTS) as f64 / seconds;
            println!(
                "{} of 4 KiB, {CLIENTS} clients: {:.0} a second with the journal, {:.0} without: {:+.1} %",
                if puts { "PUT" } else { "GET" },
                per_second(with),
                per_second(without),
                (1.0 / ratio - 1.0) * 100.0
            );
        }
    });
}
