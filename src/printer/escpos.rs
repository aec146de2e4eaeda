//! Receipt printers for 80 mm paper that speak ESC/POS (Epson's command reference for TM
//! printers, which most makers follow): by a socket, by a device file, or by a raw queue of CUPS.

mod device_file;
mod encode;
mod seen;
mod socket;
mod status;

pub(super) use device_file::DeviceFile;
pub(super) use encode::encode;
pub(super) use socket::Socket;
