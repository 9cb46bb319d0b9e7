//! All that is done to pictures, side by side in one PNG:
//!
//! ```sh
//! cargo run --release -p upyun-mock --example contact_sheet -- contact-sheet.png
//! ```
//!
//! A server draws the picture, changes it, labels every result and joins them.

use std::error::Error;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use upyun_client::Client;
use upyun_mock::MockServer;

/// What is shown; the label is the text itself.
const SHOWN: [&str; 32] = [
    "/fw/130",
    "/fh/60",
    "/sq/90",
    "/both/70x100",
    "/wscale/50",
    "/hscale/50",
    "/crop/120x80a30a10",
    "/crop/120x80/gravity/southeast",
    "/roundrect/40",
    "/rotate/90",
    "/rotate/20",
    "/flip/left,right",
    "/flip/top,down",
    "/unsharp/true",
    "/gaussblur/5x3",
    "/border/8x4/brdcolor/AA000000",
    "/canvas/170x120/cvscolor/00336600",
    "/gdori/top,down/gdpos/0,60/gdstartcolor/00000000/gdstopcolor/000000FF",
    "/gdori/right,left/gdpos/0,90/gdstartcolor/FF660000/gdstopcolor/FF6600FF",
    "/watermark/url/L21hcms=/align/southeast",
    "/watermark/url/L21hcms=/opacity/40/align/center",
    "/watermark/url/L21hcms=/percent/60",
    "/watermark/url/L21hcms=/repeat/true/opacity/30",
    "/watermark/text/5Y+I5ouN5LqR/color/FFFFFF",
    "/watermark/text/VVBZVU4=/size/50/font/roman/color/FFFF00",
    "/watermark/text/VVBZVU4=/border/00000000/color/FFFFFF",
    "/format/jpg/quality/1",
    "/format/jpg/quality/75",
    "/format/webp/quality/5",
    "/format/webp/lossless/true",
    "/compress/true",
    "/fp/4000/force/true",
];
const COLUMNS: usize = 8;

const DRAWING: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="150" height="100" viewBox="0 0 180 120">
<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#2d6cb5"/>
<stop offset="1" stop-color="#ffd9a0"/></linearGradient></defs>
<rect width="180" height="120" fill="url(#sky)"/><circle cx="132" cy="44" r="18" fill="#fff3c4"/>
<path d="M0 90 L46 42 L74 78 L102 54 L150 100 L180 84 V120 H0Z" fill="#33506b"/>
<path d="M0 102 Q50 82 100 104 T180 98 V120 H0Z" fill="#2f6b3a"/>
<rect x="26" y="88" width="22" height="16" fill="#b5442d"/><path d="M22 88 L37 76 L52 88Z" fill="#5d2317"/>
</svg>"##;

const MARK: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="44" height="24">
<rect width="44" height="24" rx="6" fill="#e60012"/><circle cx="14" cy="12" r="6" fill="#fff"/>
<circle cx="30" cy="12" r="6" fill="#ffd800"/></svg>"##;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1);
    let path = path.unwrap_or_else(|| "contact-sheet.png".to_owned());
    let server = MockServer::start().await;
    let client = server.client();
    client.put("/drawing").body(DRAWING).send().await?;
    client.put("/mark").body(MARK).send().await?;
    let mut rows = Vec::new();
    for row in SHOWN.chunks(COLUMNS) {
        let mut names = Vec::new();
        for look in row {
            names.push(labelled(&client, look).await?);
        }
        let name = format!("/row-{}", rows.len());
        join(&client, &server, vec![names], &name).await?;
        rows.push(vec![name]);
    }
    join(&client, &server, rows, "/sheet").await?;
    std::fs::write(&path, server.get_object("/sheet")?)?;
    eprintln!("{path}: {} looks", SHOWN.len());
    Ok(())
}

/// A result on white, with its parameters below it; tells its key.
async fn labelled(client: &Client, look: &str) -> Result<String, Box<dyn Error>> {
    let changed = client
        .access_domain("demo.b0.upaiyun.com")
        .get("/drawing")
        .image(&upyun_client::ImageParams::raw(look)?)
        .send()
        .await?
        .bytes()
        .await?;
    let mut label = String::from("/format/png/canvas/188x180a6a4/cvscolor/FFFFFF00");
    // Some twenty-seven letters of this size are as wide as a picture.
    let letters: Vec<char> = look.chars().collect();
    for (line, part) in letters.chunks(27).take(3).enumerate() {
        let part = BASE64_STANDARD.encode(part.iter().collect::<String>());
        let part = part.replace('/', "|");
        let y = 148 + 10 * line;
        label += &format!("/watermark/text/{part}/size/9/font/arial/margin/6x{y}/color/333333");
    }
    let key = format!("/{}", BASE64_STANDARD.encode(look).replace('/', "|"));
    let labelled = client.put(&key).header("x-gmkerl-thumb", &label);
    labelled.body(changed).send().await?;
    Ok(key)
}

async fn join(
    client: &Client,
    server: &MockServer,
    rows: Vec<Vec<String>>,
    key: &str,
) -> Result<(), Box<dyn Error>> {
    let look = upyun_client::ImageParams::raw("/format/png")?;
    client.join_pictures(rows, key).image(&look).send().await?;
    server.wait_for_tasks().await;
    Ok(())
}
