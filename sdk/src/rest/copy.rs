//! Copy and rename inside one service.

use reqwest::Method;

use super::{fields::Fields, put::PutResult};
use crate::{
    client::{
        Client, Target,
        call::{Call, Replay},
    },
    error::{Error, Result},
    protocol::{Directive, header},
};

impl Client {
    /// Copies a file inside the service. What was at the target is replaced.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/draft.txt", "x").expect("seeded");
    /// use upyun_client::protocol::Directive;
    ///
    /// client
    ///     .copy("/draft.txt", "/published.txt")
    ///     .metadata_directive(Directive::Merge)
    ///     .meta("state", "published")
    ///     .send()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("copyFile", "CopyObject"))]
    pub fn copy(&self, source: impl AsRef<str>, target: impl AsRef<str>) -> CopyRequest {
        CopyRequest(Transfer::new(self, source.as_ref(), target.as_ref()))
    }

    /// Moves a file inside the service. What was at the target is replaced.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/inbox/a.txt", "x").expect("seeded");
    /// client.rename("/inbox/a.txt", "/done/a.txt").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("move", "moveFile", "mv"))]
    pub fn rename(&self, source: impl AsRef<str>, target: impl AsRef<str>) -> RenameRequest {
        RenameRequest(Transfer::new(self, source.as_ref(), target.as_ref()))
    }
}

/// What copying and moving share.
#[derive(Debug)]
struct Transfer {
    client: Client,
    source: String,
    target: String,
    directive: Option<Directive>,
    fields: Fields,
}

impl Transfer {
    fn new(client: &Client, source: &str, target: &str) -> Self {
        Self {
            client: client.clone(),
            source: source.to_owned(),
            target: target.to_owned(),
            directive: None,
            fields: Fields::default(),
        }
    }

    async fn send(mut self, source_header: &str, replay: Replay) -> Result<PutResult> {
        let source = Target::file(&self.source)?;
        let target = Target::file(&self.target)?;
        if matches!(self.directive, None | Some(Directive::Copy)) && self.fields.has_meta() {
            return Err(Error::invalid(
                "metadata would be ignored: choose Merge, Replace or Delete by `metadata_directive`",
            ));
        }
        if let Some(directive) = self.directive {
            self.fields
                .set(header::X_UPYUN_METADATA_DIRECTIVE, directive.as_str());
        }
        self.fields.set(source_header, self.client.uri(&source));
        let call = Call {
            headers: self.fields.finish()?,
            replay,
            ..Call::new(Method::PUT, self.client.uri(&target))
        };
        let answer = self.client.send(call).await?.finish().await;
        Ok(PutResult::of(&answer))
    }
}

/// A copy: see [`Client::copy`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct CopyRequest(Transfer);

/// A move: see [`Client::rename`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct RenameRequest(Transfer);

macro_rules! setters {
    ($request:ident) => {
        impl $request {
            /// What becomes of the metadata: that of the source unless set.
            pub fn metadata_directive(mut self, directive: Directive) -> Self {
                self.0.directive = Some(directive);
                self
            }

            /// Metadata for the directives other than `Copy`: a name without the prefix
            /// `x-upyun-meta-`, and its value, which does not matter to `Delete`.
            pub fn meta(mut self, name: &str, value: &str) -> Self {
                self.0.fields.meta(name, value);
                self
            }

            /// Any other header.
            pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
                self.0.fields.any(name, value.as_ref());
                self
            }
        }
    };
}

setters!(CopyRequest);
setters!(RenameRequest);

impl CopyRequest {
    /// Copies.
    ///
    /// # Errors
    /// Kind NotFound if the source does not exist; kind Conflict if the source or target is a
    /// folder.
    pub async fn send(self) -> Result<PutResult> {
        self.0
            .send(header::X_UPYUN_COPY_SOURCE, Replay::Plain)
            .await
    }
}

impl RenameRequest {
    /// Moves. Where an attempt got no answer and the next one finds no source, the first has moved
    /// it; that is success, with an empty result.
    ///
    /// # Errors
    /// Kind NotFound if the source does not exist; kind Conflict if the source or target is a
    /// folder; kind Denied if the operator may not delete.
    pub async fn send(self) -> Result<PutResult> {
        self.0
            .send(header::X_UPYUN_MOVE_SOURCE, Replay::GoneIsDone)
            .await
    }
}
