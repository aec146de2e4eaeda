//! `[limits]`: how much strangers may ask of the booth.

use serde::{Deserialize, Serialize};

use crate::settings::Faults;
use crate::units::ByteSize;

/// `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest picture taken from a phone or kiosk, encoded.
    pub upload_bytes: ByteSize,
    /// The most pixels a picture may have; decided from its header, before it is decoded.
    pub pixels: u64,
    /// The most memory that decoding one picture may take, by what its header says; `imaging.running` are
    /// decoded at a time.
    pub memory: ByteSize,
    /// The shortest side a picture may have, in pixels.
    pub min_side: u32,
    /// How many visits may need the booth at a time: on the screen, with paintings to come, or
    /// begun in the last ten minutes without a photo yet.
    pub open_sessions: u32,
    /// How many join codes one address may try in a minute.
    pub join_tries_per_minute: u32,
    /// How many connections a listener holds at a time.
    pub connections: usize,
    /// How many of them may come from one address. Visitors behind one Wi-Fi share an address.
    pub connections_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A 24 MP photo is some 8 MB; a camera's of 102 MP comes to 60 MB.
            upload_bytes: ByteSize::mb(64),
            // Some phones save 200 MP.
            pixels: 300_000_000,
            // A progressive JPEG of 102 MP takes 620 MB at most until it is decoded.
            memory: ByteSize::mb(800),
            // Below this no painter finds a face.
            min_side: 64,
            open_sessions: 64,
            join_tries_per_minute: 30,
            connections: 4_096,
            // A phone holds up to seven: room for two hundred behind one address, and never all.
            connections_per_address: 1_536,
        }
    }
}

impl Limits {
    /// Looks itself over.
    pub fn validate(&self, faults: &mut Faults) {
        let mb = ByteSize::mb;
        faults.range("upload_bytes", self.upload_bytes, ByteSize(1_000)..=mb(200));
        faults.range("pixels", self.pixels, 4_096..=400_000_000);
        faults.range("memory", self.memory, mb(100)..=mb(8_000));
        faults.range("min_side", self.min_side, 16..=4_096);
        faults.range("open_sessions", self.open_sessions, 1..=10_000);
        let tries = self.join_tries_per_minute;
        faults.range("join_tries_per_minute", tries, 1..=100_000);
        faults.range("connections", self.connections, 8..=65_536);
        let of_one = self.connections_per_address;
        faults.range("connections_per_address", of_one, 4..=65_536);
    }
}
