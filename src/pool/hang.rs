//! From what a generator answered to a painting on the wall: decoded, encoded, kept.

use image::RgbImage;
use uuid::Uuid;

use super::Parts;
use super::blame::Trouble;
use crate::blobs::{BlobError, BlobKey, Format};
use crate::generator::{GeneratorError, Painted};
use crate::imaging::mark::{self, DigitalSource, mark_jpeg};
use crate::imaging::{self, Refusal};
use crate::session::PictureRef;

/// Quality of the stored painting: tickets are printed from it.
const PAINTING_QUALITY: u8 = 93;

/// A painting ready to be reported.
pub(super) struct Hung {
    pub(super) picture: PictureRef,
    pub(super) thumb: PictureRef,
}

impl Parts {
    /// Looks at what a generator sent, and keeps it with its thumbnail.
    pub(super) async fn hang(
        &self,
        session: Uuid,
        painted: Painted,
        source: DigitalSource,
    ) -> Result<Hung, Trouble> {
        let (limits, sizes) = (self.limits, self.sizes.clone());
        let (picture, thumb) =
            tokio::task::spawn_blocking(move || look_at(painted, &limits, &sizes, source))
                .await
                .map_err(|_| GeneratorError::Failed("its answer broke the decoder".to_owned()))??;
        let now = self.clock.now();
        let key = BlobKey::new(session, self.entropy.uuid_v7(now), Format::Jpeg);
        let keep = |key: BlobKey, encoded: imaging::Encoded| {
            let size = (encoded.width, encoded.height);
            self.blobs.keep(key, encoded.bytes, size, now + self.keep)
        };
        let id = key.picture();
        let kept = async {
            let thumb = keep(key.variant("thumb", Format::Jpeg), thumb).await?;
            let picture = keep(key, picture).await?;
            Ok(Hung { picture, thumb })
        };
        let kept: Result<_, BlobError> = kept.await;
        if kept.is_err() {
            // Best effort: the same disk has just said no.
            let _ = self.blobs.delete_picture(session, id).await;
        }
        Ok(kept?)
    }
}

/// Decodes and encodes anew: what is kept is ours, without anybody's metadata, but it says how it
/// came to be. Picture, thumbnail.
pub(super) fn look_at(
    painted: Painted,
    limits: &imaging::Limits,
    sizes: &imaging::Settings,
    source: DigitalSource,
) -> Result<(imaging::Encoded, imaging::Encoded), GeneratorError> {
    let pixels = match painted {
        Painted::Pixels(pixels) => pixels,
        Painted::File(bytes) => imaging::decode(&bytes, limits).map_err(GeneratorError::Rubbish)?,
    };
    let xmp = mark::packet(source);
    let encode = |picture: &RgbImage, quality| {
        imaging::encode_jpeg(picture, quality)
            .map(|bytes| imaging::Encoded {
                bytes: mark_jpeg(&bytes, &xmp).into(),
                width: picture.width(),
                height: picture.height(),
            })
            .map_err(|e| GeneratorError::Rubbish(Refusal::from(e)))
    };
    let thumb = imaging::fit(&pixels, sizes.thumb_px);
    Ok((
        encode(&pixels, PAINTING_QUALITY)?,
        encode(&thumb, sizes.thumb_quality)?,
    ))
}
