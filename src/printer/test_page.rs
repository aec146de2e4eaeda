//! The page that staff print to see whether edges, centre and colours are where they belong.
//!
//! Drawn by hand: it must print when nothing else does, and needs no font. A frame a sixteenth of
//! an inch within each edge, the two diagonals, the middle where a cutter for strips would cut,
//! and bars from light to dark in four colours.

use bytes::Bytes;
use turbojpeg::{Image, PixelFormat, Subsamp};
use uuid::Uuid;

use super::{Order, Page, PrinterError};

/// 4 × 6 in at 300 dpi.
const WIDTH: usize = 1200;
const HEIGHT: usize = 1800;
/// 80 mm paper has 576 dots of 1/8 mm.
const DOTS: usize = 576;
/// A frame this far from the edges, in pixels: what a borderless printer cuts off is less.
const MARGIN: usize = 18;
const BARS: [[u8; 3]; 4] = [[0, 0, 0], [0, 140, 200], [200, 0, 110], [220, 170, 0]];
/// Steps from light to dark in a bar.
const STEPS: usize = 8;

/// An order of one such page, under that id and of no session.
///
/// # Errors
/// As [`draw`].
pub(super) fn order(id: Uuid) -> Result<Order, PrinterError> {
    Ok(Order {
        id,
        session: Uuid::nil(),
        ticket: 0,
        sheets: 1,
        page: draw()?,
    })
}

/// The page, in every form.
///
/// # Errors
/// [`PrinterError::Refused`] if it cannot be encoded, which has no reason to happen.
fn draw() -> Result<Page, PrinterError> {
    let refused = |reason: String| PrinterError::Refused { reason };
    let pixels: Vec<u8> = (0..WIDTH * HEIGHT)
        .flat_map(|at| pixel(at % WIDTH, at / WIDTH, WIDTH, HEIGHT))
        .collect();
    let image = Image {
        pixels: pixels.as_slice(),
        width: WIDTH,
        pitch: WIDTH * 3,
        height: HEIGHT,
        format: PixelFormat::RGB,
    };
    let mut jpeg = turbojpeg::compress(image, 90, Subsamp::None)
        .map_err(|e| refused(e.to_string()))?
        .to_vec();
    // The JFIF density: unit 1 is dots an inch.
    jpeg[13..18].copy_from_slice(&[1, 1, 44, 1, 44]);
    Ok(Page {
        pdf: pdf(&jpeg),
        jpeg: jpeg.into(),
        bits: bits().map_err(|e| refused(e.to_string()))?,
    })
}

fn pixel(x: usize, y: usize, width: usize, height: usize) -> [u8; 3] {
    let near = |a: usize, b: usize| a.abs_diff(b) <= 1;
    let from_edge = x.min(width - 1 - x).min(y).min(height - 1 - y);
    let on_diagonal = near(x * height / width, y) || near((width - 1 - x) * height / width, y);
    if near(from_edge, MARGIN) || near(x, width / 2) || near(y, height / 2) || on_diagonal {
        return [0; 3];
    }
    let (top, bar, left) = (height / 8, height / 32, width / 8);
    let (down, across) = (y.wrapping_sub(top), x.wrapping_sub(left));
    if down < BARS.len() * bar && across < width - 2 * left {
        let ink = BARS[down / bar];
        let step = across * STEPS / (width - 2 * left) + 1;
        return ink.map(|c| (255 - (255 - usize::from(c)) * step / STEPS) as u8);
    }
    [255; 3]
}

/// The same for a thermal printer: half the height, dots for greys.
fn bits() -> Result<Bytes, png::EncodingError> {
    let height = DOTS;
    let mut rows = vec![0; DOTS / 8 * height];
    for (at, byte) in rows.iter_mut().enumerate() {
        let (y, left) = (at / (DOTS / 8), at % (DOTS / 8) * 8);
        for bit in 0..8 {
            let grey = pixel(left + bit, y, DOTS, height)[1];
            // Ordered dots: what is darker than its place in a 2 × 2 pattern is black.
            let threshold = [[51, 153], [204, 102]][y % 2][bit % 2];
            *byte |= u8::from(grey > threshold) << (7 - bit);
        }
    }
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, DOTS as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rows)?;
    writer.finish()?;
    Ok(png.into())
}

/// A PDF page of 288 × 432 pt with the JPEG on it, byte for byte.
fn pdf(jpeg: &[u8]) -> Bytes {
    let place = "q 288 0 0 432 0 0 cm /Page Do Q";
    let text = |text: String| text.into_bytes();
    let mut image = text(format!(
        "<< /Type /XObject /Subtype /Image /Width {WIDTH} /Height {HEIGHT} /ColorSpace /DeviceRGB \
         /BitsPerComponent 8 /Filter /DCTDecode /Length {} >>\nstream\n",
        jpeg.len()
    ));
    image.extend_from_slice(jpeg);
    image.extend_from_slice(b"\nendstream");
    let objects = [
        text("<< /Type /Catalog /Pages 2 0 R >>".to_owned()),
        text("<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned()),
        text(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R \
             /Resources << /XObject << /Page 5 0 R >> >> >>"
                .to_owned(),
        ),
        text(format!(
            "<< /Length {} >>\nstream\n{place}\nendstream",
            place.len()
        )),
        image,
    ];
    let (mut pdf, mut table) = (b"%PDF-1.4\n".to_vec(), String::new());
    for (n, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf.extend(format!("{n} 0 obj\n").bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    pdf.extend(format!("xref\n0 {size}\n0000000000 65535 f \n{table}").bytes());
    pdf.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
    pdf.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_of_the_papers_size_in_every_form() {
        let page = draw().unwrap();
        let jpeg = image::load_from_memory(&page.jpeg).unwrap().into_rgb8();
        assert_eq!(jpeg.dimensions(), (1200, 1800));
        assert!(jpeg.get_pixel(2, 300).0[0] > 250, "the edge is white");
        assert!(jpeg.get_pixel(600, 40).0[0] < 60, "the middle is marked");
        let bits = image::load_from_memory(&page.bits).unwrap().into_luma8();
        assert_eq!(bits.dimensions(), (576, 576));
        let file = lopdf::Document::load_mem(&page.pdf).unwrap();
        assert_eq!(file.get_pages().len(), 1);
    }
}
