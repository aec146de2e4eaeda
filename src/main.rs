//! `easel`: see the library's first page for the map.

use std::process::ExitCode;

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
