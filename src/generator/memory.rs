//! Signs of life of a server that says nothing: whoever loads a model takes memory.

/// So much more memory in use means that something is being loaded, in bytes. The machine's own
/// goes up and down by itself.
const RAM: f64 = 256e6;
const VRAM: f64 = 32e6;

/// Free memory in bytes: of the machine, and of its graphics card; 0 where it is not told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Free {
    pub(super) ram: f64,
    pub(super) vram: f64,
}

/// The least free memory that was seen since the last sign of life.
#[derive(Debug, Default)]
pub(super) struct Lowest(Option<Free>);

impl Lowest {
    /// Whether so much was taken since that something is being loaded.
    pub(super) fn has_fallen_to(&mut self, now: Free) -> bool {
        let before = *self.0.get_or_insert(now);
        let taken = before.ram - now.ram >= RAM || before.vram - now.vram >= VRAM;
        if taken {
            self.0 = Some(now);
        }
        taken
    }

    /// There was another sign of life.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loading_takes_more_and_more_and_idling_goes_up_and_down() {
        let free = |ram: f64, vram: f64| Free { ram, vram };
        let mut lowest = Lowest::default();
        assert!(!lowest.has_fallen_to(free(9e9, 20e9)));
        assert!(!lowest.has_fallen_to(free(8.9e9, 20e9)));
        assert!(!lowest.has_fallen_to(free(9.4e9, 20e9)));
        assert!(lowest.has_fallen_to(free(8.7e9, 20e9)));
        assert!(!lowest.has_fallen_to(free(8.7e9, 20e9)), "once is one sign");
        assert!(lowest.has_fallen_to(free(8.7e9, 19.9e9)));
    }
}
