//! The bucket: raw bodies that are too long for the table. They age out by the bucket's own rules.

use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;

use crate::error::StoreError;
use crate::key::hash;
use crate::store::Store;

/// The longest body that is read back, in bytes.
const LARGEST_BODY_BYTES: i64 = 6 * 1_024 * 1_024;

impl Store {
    /// Keeps a raw body; says where.
    pub(crate) async fn archive_raw(&self, provider: &str, event_id: &str, at: Timestamp, body: &[u8]) -> Result<String, StoreError> {
        let place = format!("raw/{provider}/{}/{}", at.strftime("%Y-%m-%d"), hash(&[event_id]));
        let put = self.bucket().put_object().bucket(self.bucket_name()).key(&place).body(ByteStream::from(body.to_vec()));
        put.send().await.map_err(|error| StoreError::unavailable(DisplayErrorContext(error).to_string()))?;
        Ok(place)
    }

    /// A raw body, if it is still there.
    pub(crate) async fn archived(&self, place: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let got = match self.bucket().get_object().bucket(self.bucket_name()).key(place).send().await {
            Ok(got) => got,
            Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => return Ok(None),
            Err(error) => return Err(StoreError::unavailable(DisplayErrorContext(error).to_string())),
        };
        if got.content_length().is_some_and(|length| length > LARGEST_BODY_BYTES) {
            return Err(StoreError::Corrupt(format!("`{place}` is longer than any body that we keep")));
        }
        let body = got.body.collect().await.map_err(StoreError::unavailable)?;
        Ok(Some(body.to_vec()))
    }
}
