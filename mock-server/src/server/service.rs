//! The objects of a service, without requests.

use std::path::{Path, PathBuf};

use upyun_client::protocol::{Key, ServiceName, list::ListEntry};

use crate::{
    accounts::Accounts,
    store::{
        Attributes, Kind, ListQuery, Object, ObjectInfo, Opened, Order, Overwrite, Service,
        StoreError, Touch,
    },
};

/// The objects of one service, which a test reads and writes without requests:
/// [`MockServer::service`](crate::MockServer::service).
///
/// A cheap handle. Keys may begin with a slash or not. No operator's rights and no journal are
/// involved.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use upyun_mock::MockServer;
/// let server = MockServer::start().await;
/// let demo = server.service("demo")?;
/// demo.put_object("/a/b.txt", "hello")?;
/// demo.set_metadata("/a/b.txt", [("color", "blue")])?;
/// assert_eq!(demo.head_object("/a/b.txt")?.size, 5);
/// assert_eq!(demo.list_folder("/a")?[0].name, "b.txt");
/// demo.delete_object("/a/b.txt")?;
/// assert!(!demo.exists("/a/b.txt")?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ServiceHandle {
    objects: Service,
}

impl ServiceHandle {
    pub(super) fn new(objects: Service) -> Self {
        Self { objects }
    }

    /// The name of the service.
    pub fn name(&self) -> &ServiceName {
        self.objects.name()
    }

    /// The directory in which its objects are plain files.
    pub fn directory(&self) -> PathBuf {
        self.objects.root_path()
    }

    /// Puts an object, and replaces the one that has this key.
    ///
    /// # Errors
    /// [`StoreError`] for a malformed key, a folder at the key, a full service, or an error of the
    /// file system.
    pub fn put_object(
        &self,
        key: &str,
        content: impl AsRef<[u8]>,
    ) -> Result<ObjectInfo, StoreError> {
        let (key, attributes) = (parse(key)?, Attributes::default());
        let content = content.as_ref();
        self.objects
            .put_now(&key, content, attributes, Overwrite::Anything)
    }

    /// Puts the content of a local file.
    ///
    /// # Errors
    /// As [`put_object`](Self::put_object), or when the file cannot be read.
    pub fn put_file(&self, key: &str, path: impl AsRef<Path>) -> Result<ObjectInfo, StoreError> {
        let content = std::fs::read(path).map_err(|error| StoreError::io("read", error))?;
        self.put_object(key, content)
    }

    /// The content of an object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotAFile`], or an error of the file system.
    pub fn get_object(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        self.objects.get_now(&parse(key)?)
    }

    /// The size, MD5, type, date and metadata of an object.
    ///
    /// # Errors
    /// As [`get_object`](Self::get_object).
    pub fn head_object(&self, key: &str) -> Result<ObjectInfo, StoreError> {
        Ok(self.object(&parse(key)?)?.info())
    }

    /// Whether an object or a folder has this key.
    ///
    /// # Errors
    /// [`StoreError`] for a malformed key, or an error of the file system.
    pub fn exists(&self, key: &str) -> Result<bool, StoreError> {
        match self.objects.open_now(&parse(key)?) {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound(_) | StoreError::ParentIsFile(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The objects and folders directly in a folder, by name; `/` is the root.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such folder, or an error of the file system.
    pub fn list_folder(&self, key: &str) -> Result<Vec<ListEntry>, StoreError> {
        let query = ListQuery {
            after: None,
            limit: usize::MAX,
            order: Order::Asc,
            with_types: true,
        };
        Ok(self.objects.list_now(&parse(key)?, &query)?.entries)
    }

    /// Deletes an object or an empty folder.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotEmpty`], or an error of the file system.
    pub fn delete_object(&self, key: &str) -> Result<(), StoreError> {
        let key = parse(key)?;
        self.objects.store().run_due_jobs();
        self.objects.delete_now(&key, Kind::Any)
    }

    /// Replaces the metadata of an object, which requests send as `x-upyun-meta-<name>`. Its date
    /// stays.
    ///
    /// # Errors
    /// As [`get_object`](Self::get_object).
    pub fn set_metadata<N: Into<String>, V: Into<Vec<u8>>>(
        &self,
        key: &str,
        metadata: impl IntoIterator<Item = (N, V)>,
    ) -> Result<(), StoreError> {
        let object = self.object(&parse(key)?)?;
        let metadata = metadata
            .into_iter()
            .map(|(name, value)| (name.into().to_ascii_lowercase(), value.into()));
        let metadata = metadata.collect();
        self.objects.update_now(object, Touch::No, |attributes| {
            attributes.meta = metadata;
            Ok(())
        })
    }

    /// Removes all objects and unfinished uploads of the service.
    ///
    /// # Errors
    /// An error of the file system.
    pub fn clear(&self) -> Result<(), StoreError> {
        self.objects.store().empty(self.name())
    }

    fn object(&self, key: &Key) -> Result<Object, StoreError> {
        match self.objects.open_now(key)? {
            Opened::File(object) => Ok(object),
            Opened::Folder(_) => Err(StoreError::NotAFile(key.clone())),
        }
    }
}

fn parse(key: &str) -> Result<Key, StoreError> {
    Ok(Key::parse(key)?)
}

/// The server has no service of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no service {name:?}; the server has {known}")]
pub struct UnknownService {
    name: String,
    known: String,
}

impl UnknownService {
    pub(super) fn new(name: &str, accounts: &Accounts) -> Self {
        let known = accounts.services();
        let known: Vec<_> = known.iter().map(|service| service.name.as_str()).collect();
        Self {
            name: name.to_owned(),
            known: known.join(", "),
        }
    }
}
