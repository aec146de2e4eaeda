//! One sheet per order, whatever dies when: printers with a journal, against stand-ins for real
//! ones that run out, jam, go away and lose answers.

mod bench;
mod certificate;
mod cups;
mod device_file;
mod erased;
mod faults;
mod folder_disk;
mod folder_killed;
mod kills;
mod late_notes;
mod lax;
mod memory;
mod partly;
mod receipts;
mod roll;
mod storm;
mod trials;
