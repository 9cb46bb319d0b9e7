//! Apache OpenDAL's UPYUN service with its own host.

use std::{error::Error, process::ExitCode};

use futures::TryStreamExt as _;
use opendal::{ErrorKind, Operator, services::Upyun};

type Outcome = Result<(), Box<dyn Error>>;

fn operator(password: &str) -> opendal::Result<Operator> {
    let service = Upyun::default()
        .root("/opendal")
        .bucket("demo")
        .operator("operator")
        .password(password);
    Ok(Operator::new(service)?.finish())
}

fn same<T: PartialEq + std::fmt::Debug>(want: &T, got: &T) -> Outcome {
    if want == got {
        Ok(())
    } else {
        Err(format!("not {want:?} but {got:?}")
            .chars()
            .take(200)
            .collect::<String>()
            .into())
    }
}

async fn put_get(up: &Operator) -> Outcome {
    up.write("text.txt", "hello").await?;
    same(&b"hello".to_vec(), &up.read("text.txt").await?.to_vec())?;
    same(
        &b"ell".to_vec(),
        &up.read_with("text.txt").range(1..4).await?.to_vec(),
    )
}

async fn names(up: &Operator) -> Outcome {
    up.write("中文 名+1.txt", "x").await?;
    same(&b"x".to_vec(), &up.read("中文 名+1.txt").await?.to_vec())
}

async fn info(up: &Operator) -> Outcome {
    same(&5, &up.stat("text.txt").await?.content_length())
}

async fn lists(up: &Operator) -> Outcome {
    for n in 0..5 {
        up.write(&format!("list/{n}"), "x").await?;
    }
    let entries: Vec<_> = up
        .lister_with("list/")
        .limit(2)
        .await?
        .try_collect()
        .await?;
    let mut names: Vec<_> = entries.iter().map(|it| it.name().to_owned()).collect();
    names.retain(|name| !name.ends_with('/') && !name.is_empty());
    same(
        &["0", "1", "2", "3", "4"].map(str::to_owned).to_vec(),
        &names,
    )
}

async fn folders(up: &Operator) -> Outcome {
    up.create_dir("folder/").await?;
    same(&true, &up.stat("folder/").await?.is_dir())?;
    Ok(up.delete("folder/").await?)
}

async fn copy_move(up: &Operator) -> Outcome {
    up.copy("text.txt", "copy.txt").await?;
    up.rename("copy.txt", "moved.txt").await?;
    same(&b"hello".to_vec(), &up.read("moved.txt").await?.to_vec())
}

async fn delete(up: &Operator) -> Outcome {
    up.delete("moved.txt").await?;
    same(&false, &up.exists("moved.txt").await?)
}

async fn parts_at_once(up: &Operator) -> Outcome {
    const MIB: usize = 1024 * 1024;
    let mut writer = up.writer_with("parallel").chunk(MIB).concurrent(4).await?;
    let content: Vec<u8> = (0..5 * MIB + 7).map(|n| (n / 999 % 251) as u8).collect();
    for piece in content.chunks(700_000) {
        writer.write(piece.to_vec()).await?;
    }
    writer.close().await?;
    same(&content, &up.read("parallel").await?.to_vec())
}

async fn errors(up: &Operator) -> Outcome {
    let none = up.stat("none").await.map_err(|error| error.kind());
    same(&Some(ErrorKind::NotFound), &none.err())?;
    let refused = operator("wrong")?
        .read("text.txt")
        .await
        .map_err(|error| error.kind());
    match refused {
        Err(ErrorKind::PermissionDenied | ErrorKind::Unexpected) => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let up = match operator("password") {
        Ok(up) => up,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let mut failed = false;
    let mut tell = |operation: &str, outcome: Outcome| match outcome {
        Ok(()) => println!("{operation}\tworks"),
        Err(error) => {
            failed = true;
            let text = error.to_string();
            println!(
                "{operation}\tFAILS: {}",
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            );
        }
    };
    tell("put, get", put_get(&up).await);
    tell("names", names(&up).await);
    tell("info, usage", info(&up).await);
    tell("lists", lists(&up).await);
    tell("folders", folders(&up).await);
    tell("copy, move", copy_move(&up).await);
    tell("delete", delete(&up).await);
    tell("parts at once", parts_at_once(&up).await);
    tell("404 and 401", errors(&up).await);
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
