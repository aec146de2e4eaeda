//! Pixels: composing a ticket, and writing it.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use resvg::tiny_skia::{Pixmap, Transform};
use turbojpeg::{Decompressor, PixelFormat};

use super::slots::{Area, PictureSlot};
use super::{DPI, Jpeg, TicketError, jpeg};
use crate::imaging::mark::PNG_KEYWORD;

/// Pictures wider or higher than this are refused: an unpacked one would take 256 MB.
const MOST_SIDE: usize = 8192;

/// A drawn ticket: sRGB, 8 bits a channel, opaque, origin top left.
pub struct Raster {
    pixmap: Pixmap,
    /// The keepsake's rectangle, in whole pixels: x, y, width, height.
    keepsake: [u32; 4],
    xmp: String,
}

impl Raster {
    pub(super) fn new(pixmap: Pixmap, keepsake: Area, xmp: String) -> Self {
        let (width, height) = (pixmap.width(), pixmap.height());
        let left = (keepsake.x.max(0.0) as u32).min(width - 1);
        let top = (keepsake.y.max(0.0) as u32).min(height - 1);
        let keepsake = [
            left,
            top,
            (keepsake.width as u32).clamp(1, width - left),
            (keepsake.height as u32).clamp(1, height - top),
        ];
        Self {
            pixmap,
            keepsake,
            xmp,
        }
    }

    /// The whole ticket as a JPEG of 300 dpi.
    ///
    /// # Errors
    /// [`TicketError::Encode`].
    pub fn print(&self) -> Result<Jpeg, TicketError> {
        self.jpeg([0, 0, self.pixmap.width(), self.pixmap.height()])
    }

    /// The keepsake part alone, for the phone.
    ///
    /// # Errors
    /// [`TicketError::Encode`].
    pub fn phone(&self) -> Result<Jpeg, TicketError> {
        self.jpeg(self.keepsake)
    }

    /// The whole ticket as a PNG of 300 dpi, with the same mark.
    ///
    /// # Errors
    /// What the encoder says; writing to memory it has no reason to.
    pub fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut info = png::Info::with_size(self.pixmap.width(), self.pixmap.height());
        info.color_type = png::ColorType::Rgba;
        let per_metre = (f64::from(DPI) / 0.0254).round() as u32;
        info.pixel_dims = Some(png::PixelDimensions {
            xppu: per_metre,
            yppu: per_metre,
            unit: png::Unit::Meter,
        });
        info.utf8_text.push(png::text_metadata::ITXtChunk::new(
            PNG_KEYWORD,
            self.xmp.as_str(),
        ));
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::with_info(&mut bytes, info)?;
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixmap.data())?;
        writer.finish()?;
        Ok(bytes)
    }

    /// Width and height in pixels, and the pixels as RGBA.
    pub fn pixels(&self) -> (u32, u32, &[u8]) {
        (
            self.pixmap.width(),
            self.pixmap.height(),
            self.pixmap.data(),
        )
    }

    fn jpeg(&self, [x, y, width, height]: [u32; 4]) -> Result<Jpeg, TicketError> {
        let pitch = self.pixmap.width() as usize * 4;
        let first = y as usize * pitch + x as usize * 4;
        let image = turbojpeg::Image {
            pixels: &self.pixmap.data()[first..],
            width: width as usize,
            pitch,
            height: height as usize,
            format: PixelFormat::RGBX,
        };
        Ok(Jpeg {
            bytes: jpeg::encode(image, &self.xmp)?.into(),
            width,
            height,
        })
    }
}

/// A drawing beside itself: two strips on one sheet, with the cut in the middle.
pub(super) fn twice(strip: &Pixmap) -> Pixmap {
    let mut sheet = Pixmap::new(strip.width() * 2, strip.height()).expect("a strip has a size");
    let (pitch, rows) = (strip.width() as usize * 4, strip.data());
    for (into, row) in sheet
        .data_mut()
        .chunks_mut(pitch * 2)
        .zip(rows.chunks(pitch))
    {
        into[..pitch].copy_from_slice(row);
        into[pitch..].copy_from_slice(row);
    }
    sheet
}

/// Draws a tree over what is there.
pub(super) fn draw(tree: &usvg::Tree, pixmap: &mut Pixmap) {
    resvg::render(tree, Transform::identity(), &mut pixmap.as_mut());
}

/// A picture, cut and resampled to its slot.
pub(super) struct Inset {
    pixels: Vec<u8>,
    x: u32,
    y: u32,
    width: u32,
}

impl Inset {
    /// Takes a JPEG's middle, resampled by Lanczos3 to cover `slot`.
    ///
    /// # Errors
    /// [`TicketError::Picture`] if it is damaged, huge, or no JPEG.
    pub(super) fn new(
        bytes: &[u8],
        slot: &PictureSlot,
        (wide, high): (u32, u32),
    ) -> Result<Self, TicketError> {
        let which = slot.which.name();
        let failed = |source| TicketError::Picture { which, source };
        let (pixels, width, height) = decode(bytes).map_err(failed)?;
        let Area {
            x,
            y,
            width: across,
            height: down,
        } = slot.area;
        let [x, y, across, down] = [x, y, across, down].map(|length| length as u32);
        // What lies beyond the paper is not worth a pixel.
        let across = across.min(wide.saturating_sub(x)).max(1);
        let down = down.min(high.saturating_sub(y)).max(1);
        let pixels = cover(&pixels, [width, height], [across, down]).map_err(failed)?;
        Ok(Self {
            pixels,
            x,
            y,
            width: across,
        })
    }

    /// Copies the picture onto `pixmap`, as far as it reaches.
    pub(super) fn place(&self, pixmap: &mut Pixmap) {
        let stride = pixmap.width() as usize * 4;
        let (left, length) = (self.x as usize * 4, self.width as usize * 4);
        let rows = pixmap
            .data_mut()
            .chunks_exact_mut(stride)
            .skip(self.y as usize);
        for (into, from) in rows.zip(self.pixels.chunks_exact(length)) {
            if let Some(into) = into.get_mut(left..left + length) {
                into.copy_from_slice(from);
            }
        }
    }
}

type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// JPEG → RGBA, opaque.
fn decode(bytes: &[u8]) -> Result<(Vec<u8>, u32, u32), Trouble> {
    let mut decompressor = Decompressor::new()?;
    let header = decompressor.read_header(bytes)?;
    if header.width > MOST_SIDE || header.height > MOST_SIDE {
        return Err(format!("{} × {} pixels are too many", header.width, header.height).into());
    }
    let pitch = header.width * 4;
    let mut pixels = vec![0; pitch * header.height];
    decompressor.decompress(
        bytes,
        turbojpeg::Image {
            pixels: pixels.as_mut_slice(),
            width: header.width,
            pitch,
            height: header.height,
            format: PixelFormat::RGBA,
        },
    )?;
    Ok((
        pixels,
        u32::try_from(header.width)?,
        u32::try_from(header.height)?,
    ))
}

/// Resamples the largest middle part of the right shape.
fn cover(
    pixels: &[u8],
    [width, height]: [u32; 2],
    [across, down]: [u32; 2],
) -> Result<Vec<u8>, Trouble> {
    let source = ImageRef::new(width, height, pixels, PixelType::U8x4)?;
    let mut target = Image::new(across, down, PixelType::U8x4);
    let options = ResizeOptions::new()
        .use_alpha(false)
        .fit_into_destination(None);
    Resizer::new().resize(&source, &mut target, &options)?;
    Ok(target.into_vec())
}
