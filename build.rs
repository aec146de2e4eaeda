//! Tells cargo that the pages are part of the binary.

fn main() {
    println!("cargo:rerun-if-changed=kiosk-ui/dist");
}
