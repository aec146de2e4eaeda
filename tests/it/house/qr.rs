//! Codes, as phones read them.

/// What a phone's camera reads on the screen.
pub(crate) fn read_qr(svg: &str) -> String {
    let tree = resvg::usvg::Tree::from_str(svg, &resvg::usvg::Options::default()).unwrap();
    let mut screen = resvg::tiny_skia::Pixmap::new(400, 400).unwrap();
    let scale = 400.0 / tree.size().width();
    let transform = resvg::tiny_skia::Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut screen.as_mut());
    let grey = |x: usize, y: usize| screen.pixels()[y * 400 + x].red();
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(400, 400, grey);
    seen.detect_grids()[0].decode().unwrap().1
}
