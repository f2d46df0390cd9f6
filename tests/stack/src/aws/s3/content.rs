//! The content of objects: read whole, measured, compared with what the uploader said about it, and
//! kept in one file each. A content whose checksum is wrong is refused before anything is stored.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::{PutObjectInput, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders, s3_error};

use super::record::Checksums;

/// The largest object that is taken: everything passes through memory here.
const OBJECT_LIMIT_BYTES: usize = 512 * 1024 * 1024;

/// Reads a body to its end.
pub(super) async fn read(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let Some(mut body) = body else {
        return Ok(Bytes::new());
    };
    let mut content = BytesMut::new();
    while let Some(chunk) = body.try_next().await.map_err(broken_upload)? {
        if content.len() + chunk.len() > OBJECT_LIMIT_BYTES {
            return Err(s3_error!(EntityTooLarge));
        }
        content.extend_from_slice(&chunk);
    }
    Ok(content.freeze())
}

/// A body that broke off, or whose signed digest or chunk signatures are wrong.
fn broken_upload(error: s3s::StdError) -> S3Error {
    S3Error::with_source(S3ErrorCode::IncompleteBody, error)
}

/// The MD5 of a content: its ETag, in hexadecimal.
pub(super) fn etag(content: &[u8]) -> String {
    hex::encode(Md5::checksum(content))
}

impl Checksums {
    /// What an upload claims, in its headers or after its body.
    pub(super) fn claimed(input: &PutObjectInput, trailers: Option<&TrailingHeaders>) -> Self {
        let trailer = |name: &str| {
            trailers.and_then(|trailers| {
                trailers
                    .read(|headers| {
                        let value = headers.get(format!("x-amz-checksum-{name}"))?;
                        value.to_str().ok().map(str::to_owned)
                    })
                    .flatten()
            })
        };
        Self {
            crc32: input.checksum_crc32.clone().or_else(|| trailer("crc32")),
            crc32c: input.checksum_crc32c.clone().or_else(|| trailer("crc32c")),
            crc64nvme: input.checksum_crc64nvme.clone().or_else(|| trailer("crc64nvme")),
            sha1: input.checksum_sha1.clone().or_else(|| trailer("sha1")),
            sha256: input.checksum_sha256.clone().or_else(|| trailer("sha256")),
        }
    }

    /// The same checksums, computed; CRC-64/NVME when none was claimed, as S3 does.
    pub(super) fn computed(&self, content: &[u8]) -> Self {
        let none = *self == Self::default();
        let mut hasher = ChecksumHasher {
            crc32: self.crc32.as_ref().map(|_| Crc32::new()),
            crc32c: self.crc32c.as_ref().map(|_| Crc32c::new()),
            sha1: self.sha1.as_ref().map(|_| Sha1::new()),
            sha256: self.sha256.as_ref().map(|_| Sha256::new()),
            crc64nvme: (none || self.crc64nvme.is_some()).then(Crc64Nvme::new),
        };
        hasher.update(content);
        let sums = hasher.finalize();
        Self {
            crc32: sums.checksum_crc32,
            crc32c: sums.checksum_crc32c,
            crc64nvme: sums.checksum_crc64nvme,
            sha1: sums.checksum_sha1,
            sha256: sums.checksum_sha256,
        }
    }

    /// Refuses when a claim differs from what was computed.
    pub(super) fn verify(&self, computed: &Self) -> S3Result<()> {
        let pairs = [
            ("CRC32", &self.crc32, &computed.crc32),
            ("CRC32C", &self.crc32c, &computed.crc32c),
            ("CRC64NVME", &self.crc64nvme, &computed.crc64nvme),
            ("SHA1", &self.sha1, &computed.sha1),
            ("SHA256", &self.sha256, &computed.sha256),
        ];
        for (name, claimed, computed) in pairs {
            if claimed.is_some() && claimed != computed {
                return Err(s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum."));
            }
        }
        Ok(())
    }
}

/// Refuses a content whose MD5 is not the one that the uploader gave in `Content-MD5`.
pub(super) fn verify_md5(claimed: Option<&str>, etag: &str) -> S3Result<()> {
    let Some(claimed) = claimed else {
        return Ok(());
    };
    let decoded = STANDARD.decode(claimed).map(hex::encode);
    match decoded {
        Ok(decoded) if decoded == etag => Ok(()),
        Ok(_other) => Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received.")),
        Err(_) => Err(s3_error!(InvalidDigest)),
    }
}

/// The directory that holds one file for each content.
pub(super) struct Files {
    directory: PathBuf,
}

impl Files {
    pub(super) fn open(directory: &Path) -> std::io::Result<Self> {
        let directory = directory.join("objects");
        std::fs::create_dir_all(&directory)?;
        Ok(Self { directory })
    }

    /// Keeps a content under a new name.
    pub(super) async fn keep(&self, content: &Bytes) -> S3Result<String> {
        let name = ulid::Ulid::new().to_string();
        let path = self.directory.join(&name);
        let written = tokio::fs::write(path, content).await;
        written.map_err(S3Error::internal_error)?;
        Ok(name)
    }

    pub(super) async fn read(&self, name: &str) -> S3Result<Bytes> {
        let content = tokio::fs::read(self.directory.join(name)).await;
        Ok(Bytes::from(content.map_err(S3Error::internal_error)?))
    }

    /// Removes contents that nothing points to any more; one that is gone already is gone.
    pub(super) fn discard(&self, names: &[String]) {
        for name in names {
            let _ = std::fs::remove_file(self.directory.join(name));
        }
    }

    pub(super) fn clear(&self) -> std::io::Result<()> {
        std::fs::remove_dir_all(&self.directory)?;
        std::fs::create_dir_all(&self.directory)
    }
}
