//! `easel`: see the library's first page for the map.

use std::process::ExitCode;

/// Gives the memory of large pictures back, as `.cargo/config.toml` tells it to. With glibc's
/// allocator, which keeps a heap for each thread, a booth grew from 30 to some 350 MB in forty
/// visits and stayed there.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let env = std::env::vars_os();
    let readable = env.filter_map(|(name, value)| {
        Some((
            name.into_string().ok()?,
            value.to_string_lossy().into_owned(),
        ))
    });
    easel::cli::main(std::env::args_os(), &readable.collect::<Vec<_>>())
}
