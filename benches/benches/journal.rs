//! What the journal costs: PUT and GET of 4 KiB on a server with it and on one without, in turns, so
//! that what else the machine does meets both. Prints the median of the ratios of the turns.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::time::Instant;

use bytes::Bytes;
use upyun_mock::MockServer;

const ROUNDS: usize = 240;
const REQUESTS: usize = 100;

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
    for _ in 0..REQUESTS {
        if puts {
            let put = client.put("/object").body(content.clone());
            put.send().await.expect("stored");
        } else {
            let download = client.get("/object").send().await.expect("there");
            download.bytes().await.expect("whole");
        }
    }
    begun.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let rounds = match std::env::args().any(|argument| argument == "--bench") {
        true => ROUNDS,
        false => 1,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
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
            for turn in 0..rounds {
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
            println!(
                "{} of 4 KiB: {:.1} µs with the journal, {:.1} µs without: {:+.1} %",
                if puts { "PUT" } else { "GET" },
                with / REQUESTS as f64 * 1e6,
                without / REQUESTS as f64 * 1e6,
                (ratio - 1.0) * 100.0
            );
        }
    });
}
