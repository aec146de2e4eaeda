//! Blobs as a visit knows them: pictures of a size, kept for a time.

use bytes::Bytes;
use jiff::Timestamp;

use super::{BlobError, BlobKey, Blobs};
use crate::session::PictureRef;

impl Blobs {
    /// Keeps a picture as [`Blobs::put`] does, and describes it. Width and height are pixels, or PDF
    /// points for a page.
    ///
    /// # Errors
    /// As [`Blobs::put`].
    pub async fn keep(
        &self,
        key: BlobKey,
        picture: Bytes,
        (width, height): (u32, u32),
        expires_at: Timestamp,
    ) -> Result<PictureRef, BlobError> {
        let bytes = picture.len() as u64;
        self.put(&key, picture).await?;
        Ok(PictureRef {
            id: key.picture(),
            key: key.to_string(),
            width,
            height,
            bytes,
            content_type: key.format().content_type().to_owned(),
            expires_at,
        })
    }

    /// The bytes of a picture that was kept.
    ///
    /// # Errors
    /// As [`Blobs::get`], and [`BlobError::Damaged`] if it is not as long as it was.
    pub async fn fetch(&self, picture: &PictureRef) -> Result<Bytes, BlobError> {
        let key = BlobKey::parse(&picture.key).ok_or(BlobError::Missing)?;
        let bytes = self.get(&key).await?;
        if bytes.len() as u64 == picture.bytes {
            Ok(bytes)
        } else {
            Err(BlobError::Damaged)
        }
    }
}
