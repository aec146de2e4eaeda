//! Whether a photo is all there.

pub(super) use crate::imaging::is_whole;

#[cfg(test)]
mod tests {
    use super::*;

    const SOI: u8 = 0xD8;
    const EOI: u8 = 0xD9;

    fn portrait() -> &'static [u8] {
        include_bytes!("../../assets/portraits/epps.jpg")
    }

    #[test]
    fn a_photo_is_whole_and_no_part_of_it_is() {
        let photo = portrait();
        assert!(is_whole(photo));
        for length in (0..photo.len() - 3).step_by(997).chain([photo.len() - 3]) {
            assert!(!is_whole(&photo[..length]), "{length} bytes");
        }
    }

    #[test]
    fn a_photo_without_its_end_is_whole_once_all_blocks_are_there() {
        let photo = portrait();
        for missing in 1..=2 {
            assert!(is_whole(&photo[..photo.len() - missing]), "{missing} bytes");
        }
    }

    #[test]
    fn bytes_that_belong_to_no_segment_do_not_matter() {
        let photo = portrait();
        let second = 4 + usize::from(u16::from_be_bytes([photo[4], photo[5]]));
        let stray = [&photo[..second], &[0, 0, 7], &photo[second..]].concat();
        assert!(is_whole(&stray));
        assert!(!is_whole(&stray[..stray.len() / 2]));
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

    #[test]
    fn png_and_webp_are_judged_too() {
        let portrait = image::load_from_memory(portrait()).unwrap();
        for format in [image::ImageFormat::Png, image::ImageFormat::WebP] {
            let mut file = std::io::Cursor::new(Vec::new());
            portrait.write_to(&mut file, format).unwrap();
            let file = file.into_inner();
            assert!(is_whole(&file), "{format:?}");
            assert!(!is_whole(&file[..file.len() / 2]), "{format:?}");
            assert!(!is_whole(&file[..file.len() - 100]), "{format:?}");
        }
    }
}
