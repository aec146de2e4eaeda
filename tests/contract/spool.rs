//! One sheet per order, whatever dies when: printers with a journal, against stand-ins for real
//! ones that run out, jam, go away and lose answers.

mod bench;
mod cups;
mod erased;
mod faults;
mod kills;
mod lax;
mod receipts;
mod roll;
mod trials;
