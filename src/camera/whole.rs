//! Whether a JPEG is all there.

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;

/// Whether `jpeg` has its end where its structure says (ITU-T T.81, annex B). The thumbnail inside
/// a photo's Exif has an end too, and a half-written file may hold that one only; so segments are
/// stepped over by their length. What the scans hold is for the decoder to judge.
pub(super) fn is_whole(jpeg: &[u8]) -> bool {
    let Some(mut rest) = jpeg.strip_prefix(&[0xFF, SOI]) else {
        return false;
    };
    loop {
        let Some((marker, body)) = next_marker(rest) else {
            return false;
        };
        rest = match marker {
            EOI => return true,
            // Markers that stand alone.
            0x01 | 0xD0..=0xD7 => body,
            _ => {
                let length = body
                    .first_chunk()
                    .map(|n| usize::from(u16::from_be_bytes(*n)));
                match length.and_then(|length| body.get(length..)) {
                    Some(after) if marker == SOS => after_scan(after),
                    Some(after) => after,
                    None => return false,
                }
            }
        };
    }
}

/// The marker that `rest` begins with, past any padding, and what follows it.
fn next_marker(rest: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = rest.strip_prefix(&[0xFF])?;
    while let [0xFF, after @ ..] = rest {
        rest = after;
    }
    rest.split_first().map(|(marker, body)| (*marker, body))
}

/// What follows the entropy-coded data: the next marker that is no restart, or nothing.
fn after_scan(mut data: &[u8]) -> &[u8] {
    while let Some(at) = data.iter().position(|byte| *byte == 0xFF) {
        data = &data[at..];
        match data.get(1) {
            Some(0x00 | 0xD0..=0xD7) => data = &data[2..],
            Some(0xFF) => data = &data[1..],
            Some(_) => return data,
            None => return &[],
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portrait() -> &'static [u8] {
        include_bytes!("../../assets/portraits/epps.jpg")
    }

    #[test]
    fn a_photo_is_whole_and_no_part_of_it_is() {
        let photo = portrait();
        assert!(is_whole(photo));
        for length in (0..photo.len() - 1).step_by(997).chain([photo.len() - 1]) {
            assert!(!is_whole(&photo[..length]), "{length} bytes");
        }
    }

    #[test]
    fn space_set_aside_before_it_is_written_is_no_photo() {
        let mut file = portrait().to_vec();
        let half = file.len() / 2;
        file[half..].fill(0);
        assert!(!is_whole(&file));
        assert!(!is_whole(&vec![0; 1000]));
        assert!(is_whole(&[portrait(), &[0; 512][..]].concat()), "padding");
    }

    #[test]
    fn the_end_of_the_thumbnail_is_not_the_end() {
        let thumbnail = portrait();
        let length = u16::try_from(thumbnail.len().min(60_000) + 2).unwrap();
        let mut inner = thumbnail[..usize::from(length) - 4].to_vec();
        inner.extend([0xFF, EOI]);
        let mut file = vec![0xFF, SOI, 0xFF, 0xE1];
        file.extend(length.to_be_bytes());
        file.extend(inner);
        assert!(!is_whole(&file));
        file.extend(&thumbnail[2..]);
        assert!(is_whole(&file));
    }
}
