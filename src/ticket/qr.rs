//! QR codes (ISO/IEC 18004): error correction level M, a quiet zone of four modules.

use qrcode::{Color, EcLevel, QrCode};

use super::TicketError;

/// Modules of white around the symbol on each side.
pub(super) const QUIET_ZONE: usize = 4;
/// Longer texts make modules too small for a stub.
const MOST_BYTES: usize = 200;

/// A QR code as one path.
#[derive(Clone, Debug)]
pub(super) struct Code {
    /// Modules a side, quiet zones included.
    pub(super) side: usize,
    /// SVG path data; a module is 1 × 1, the quiet zone's corner is at 0, 0.
    pub(super) path: String,
}

impl Code {
    /// Encodes `text`.
    pub(super) fn new(text: &str) -> Result<Self, TicketError> {
        let refused = |source| TicketError::Qr {
            length: text.len(),
            source,
        };
        if text.len() > MOST_BYTES {
            return Err(refused(qrcode::types::QrError::DataTooLong));
        }
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(refused)?;
        let width = code.width();
        Ok(Self {
            side: width + 2 * QUIET_ZONE,
            path: path(&code.to_colors(), width),
        })
    }
}

/// `text` as a QR code for the screen: an `<svg>` that scales crisply, dark on white, with its
/// quiet zone.
///
/// # Errors
/// [`TicketError::Qr`] for more than 200 bytes.
pub fn qr_svg(text: &str) -> Result<String, TicketError> {
    let Code { side, path } = Code::new(text)?;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#1b1a17" d="{path}"/></svg>"##
    ))
}

/// One rectangle for each horizontal run of dark modules.
fn path(colors: &[Color], width: usize) -> String {
    use std::fmt::Write as _;
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                // Writing to a String cannot fail.
                let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    path
}
