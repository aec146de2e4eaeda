//! What the pool wrote into the journal, for every test of this program.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use tracing_subscriber::fmt::MakeWriter;

static LINES: OnceLock<Lines> = OnceLock::new();

#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Listens from now on.
pub(crate) fn listen() {
    LINES.get_or_init(|| {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::INFO)
            .with_writer(lines.clone());
        subscriber.init();
        lines
    });
}

/// How many lines hold all of these words.
pub(crate) fn lines_with(words: &[&str]) -> usize {
    let lines = LINES.get().expect("somebody listens").0.lock().unwrap();
    let text = String::from_utf8_lossy(&lines);
    let whole = |line: &&str| words.iter().all(|word| line.contains(word));
    text.lines().filter(whole).count()
}
