//! Whether a frame was exposed after a press.
//!
//! Between the sensor and us lie the driver's buffers, ffmpeg and a pipe. While frames flow they are
//! all but empty. When one of them has stood still, or we have, they hold frames of before, which
//! then come out first: so many frames are passed over.

use std::time::Duration;

/// From the sensor through USB and ffmpeg to us.
const ON_ITS_WAY: Duration = Duration::from_millis(200);
/// More frames than any driver buffers (`VIDEO_MAX_FRAME` of Linux is 32) and a pipe holds.
const BUFFERED: u32 = 40;
/// A gap that no flowing camera leaves, however dark it is and however busy the machine.
const STALL: Duration = Duration::from_millis(400);

/// How frames flow from one camera.
#[derive(Debug)]
pub(super) struct Flow {
    last: Duration,
    /// Read since the last stall, or since the camera was started.
    read: u32,
}

impl Flow {
    /// Of a camera that was started at `now`: what it has not shown yet nobody else has buffered.
    pub(super) fn from(now: Duration) -> Self {
        Self {
            last: now,
            read: BUFFERED,
        }
    }

    /// A frame has been read at `now`.
    pub(super) fn read(&mut self, now: Duration) {
        let has_stalled = now.saturating_sub(self.last) >= STALL;
        self.read = if has_stalled { 0 } else { self.read + 1 };
        self.last = now;
    }

    /// Whether the frame that was read last was exposed after the press.
    pub(super) fn is_after(&self, pressed: Duration) -> bool {
        self.read >= BUFFERED && self.last >= pressed + ON_ITS_WAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(33);
    const PRESSED: Duration = Duration::from_secs(10);

    /// After how many frames, with so long between them, the first one is of the press.
    fn of_the_press(gaps: impl IntoIterator<Item = Duration>) -> Option<usize> {
        let mut flow = Flow::from(PRESSED - FRAME);
        let mut now = PRESSED;
        gaps.into_iter().position(|gap| {
            now += gap;
            flow.read(now);
            flow.is_after(PRESSED)
        })
    }

    #[test]
    fn flowing_frames_are_of_the_press_once_they_cannot_be_on_their_way() {
        assert_eq!(of_the_press([FRAME; 20]), Some(6));
        assert_eq!(of_the_press([9 * FRAME; 20]), Some(0), "a dark hall");
    }

    #[test]
    fn what_was_buffered_is_of_before_however_slowly_it_comes_out() {
        let stall = Duration::from_secs(3);
        for pace in [Duration::ZERO, FRAME, 3 * FRAME] {
            let gaps = std::iter::once(stall).chain([pace; 100]);
            assert_eq!(of_the_press(gaps), Some(40), "{pace:?}");
        }
    }
}
