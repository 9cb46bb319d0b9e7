//! What is stored, in short.

use std::{collections::BTreeMap, fs::File, io};

use upyun_client::protocol::Md5Digest;

use super::{Store, adopt::md5_of, tree};

impl Store {
    /// The MD5 of each object by `/service/key`, of what the files hold.
    pub(crate) fn digests(&self) -> io::Result<BTreeMap<String, Md5Digest>> {
        let mut digests = BTreeMap::new();
        for service in self.service_names()? {
            let folder = self.inner.root.join(service.as_str());
            tree::walk(&folder, &mut |path, kind| {
                if kind.is_file() {
                    let name = path.strip_prefix(self.root()).unwrap_or(path);
                    let digest = md5_of(&File::open(path)?)?;
                    digests.insert(format!("/{}", name.display()), digest);
                }
                Ok(())
            })?;
        }
        Ok(digests)
    }
}
