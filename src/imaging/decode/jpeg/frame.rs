//! What the headers of a JPEG say about its blocks: how many there are, and in which order they come.
//!
//! Source: ITU-T T.81, annexes A.2 (order), B.2.2 (frames), B.2.3 (scans).

use std::ops::RangeInclusive;

/// A frame header: the picture's size and its components.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) is_progressive: bool,
    pub(super) components: Vec<Component>,
}

/// One channel of the picture.
#[derive(Debug)]
pub(super) struct Component {
    id: u8,
    /// Blocks across in an MCU, 1 to 4.
    pub(super) across: u32,
    /// Blocks down in an MCU, 1 to 4.
    pub(super) down: u32,
    /// Number of its quantisation table.
    pub(super) quantisation: usize,
}

impl Frame {
    pub(super) fn read(body: &[u8], is_progressive: bool) -> Option<Self> {
        let (head, rest) = body.split_first_chunk::<6>()?;
        let [_, height_high, height_low, width_high, width_low, count] = *head;
        let components: Vec<_> = rest.chunks_exact(3).map(Component::read).collect();
        let is_sound = !components.is_empty()
            && components.len() == usize::from(count)
            && rest.len() == components.len() * 3
            && components.iter().all(Component::is_sound);
        is_sound.then_some(Self {
            width: u16::from_be_bytes([width_high, width_low]).into(),
            height: u16::from_be_bytes([height_high, height_low]).into(),
            is_progressive,
            components,
        })
    }

    /// Most blocks of any component in an MCU, across and down.
    fn most(&self) -> (u32, u32) {
        let most = |of: fn(&Component) -> u32| self.components.iter().map(of).max().unwrap_or(1);
        (most(|c| c.across), most(|c| c.down))
    }

    /// MCUs across and down, where a scan interleaves components.
    pub(super) fn mcus(&self) -> (u32, u32) {
        let (across, down) = self.most();
        (
            self.width.div_ceil(8 * across),
            self.height.div_ceil(8 * down),
        )
    }

    /// Blocks of all components, with those that only fill up the last MCUs.
    pub(super) fn all_blocks(&self) -> u64 {
        let (across, down) = self.mcus();
        let in_mcu: u32 = self.components.iter().map(|c| c.across * c.down).sum();
        u64::from(across) * u64::from(down) * u64::from(in_mcu)
    }

    /// Blocks of a component across and down, where it has a scan of its own.
    pub(super) fn blocks(&self, component: &Component) -> (u32, u32) {
        let (across, down) = self.most();
        (
            (self.width * component.across).div_ceil(across).div_ceil(8),
            (self.height * component.down).div_ceil(down).div_ceil(8),
        )
    }
}

impl Component {
    fn read(body: &[u8]) -> Self {
        Self {
            id: body[0],
            across: u32::from(body[1] >> 4),
            down: u32::from(body[1] & 15),
            quantisation: body[2].into(),
        }
    }

    fn is_sound(&self) -> bool {
        let range = 1..=4;
        range.contains(&self.across) && range.contains(&self.down) && self.quantisation < 4
    }
}

/// A scan header: which coefficients of which components follow.
#[derive(Debug)]
pub(super) struct Scan {
    /// Index into [`Frame::components`], and the numbers of its DC and AC tables.
    pub(super) components: Vec<(usize, usize, usize)>,
    /// Places in the zigzag order.
    pub(super) band: RangeInclusive<usize>,
    /// The bit that these coefficients were exact to before; 0 for the first scan of them.
    pub(super) high: u8,
    /// The bit that they are exact to after this scan.
    pub(super) low: u8,
}

impl Scan {
    /// `None` if it names what the frame does not have, or asks for what its process does not allow.
    pub(super) fn read(body: &[u8], frame: &Frame) -> Option<Self> {
        let (&count, rest) = body.split_first()?;
        let (named, end) = rest.split_at_checked(usize::from(count) * 2)?;
        let components = named.chunks_exact(2).map(|named| {
            let index = frame.components.iter().position(|c| c.id == named[0])?;
            let (dc, ac) = (named[1] >> 4, named[1] & 15);
            (dc < 4 && ac < 4).then_some((index, dc.into(), ac.into()))
        });
        let components = components.collect::<Option<Vec<_>>>()?;
        let &[first, last, bits] = end.first_chunk()?;
        let scan = if frame.is_progressive {
            Self {
                components,
                band: first.into()..=last.into(),
                high: bits >> 4,
                low: bits & 15,
            }
        } else {
            // These fields mean nothing in a sequential process, and some encoders leave them empty.
            Self {
                components,
                band: 0..=63,
                high: 0,
                low: 0,
            }
        };
        let is_sound = matches!(scan.components.len(), 1..=4)
            && (!frame.is_progressive || scan.is_progression());
        is_sound.then_some(scan)
    }

    /// Source: T.81, G.1.1.1.
    fn is_progression(&self) -> bool {
        let (first, last) = (*self.band.start(), *self.band.end());
        let is_band = match first {
            0 => last == 0,
            _ => first <= last && last < 64 && self.components.len() == 1,
        };
        is_band && self.low <= 13 && (self.high == 0 || self.high == self.low + 1)
    }

    /// MCUs across and down in this scan.
    pub(super) fn mcus(&self, frame: &Frame) -> (u32, u32) {
        match self.components[..] {
            [(only, ..)] => frame.blocks(&frame.components[only]),
            _ => frame.mcus(),
        }
    }

    pub(super) fn has_dc_codes(&self, frame: &Frame) -> bool {
        !frame.is_progressive || *self.band.start() == 0 && self.high == 0
    }

    pub(super) fn has_ac_codes(&self, frame: &Frame) -> bool {
        !frame.is_progressive || *self.band.start() > 0
    }
}
