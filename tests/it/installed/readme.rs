//! What README has people type and write into their settings.

use std::fs;
use std::path::Path;

/// An indented block of README.
#[derive(Debug, Clone)]
pub(super) struct Block(pub(super) String);

impl Block {
    /// Whether it is a piece of settings: it begins with a section.
    pub(super) fn is_settings(&self) -> bool {
        self.0.starts_with('[')
    }

    /// The sections that it has: `[camera]`, `[camera.folder]`.
    fn sections(&self) -> Vec<(&str, &str)> {
        let mut sections = Vec::new();
        let mut rest = self.0.as_str();
        while let Some(end) = rest.find('\n') {
            let head = &rest[..end];
            let body = &rest[end + 1..];
            let next = body.find("\n[").map_or(body.len(), |at| at + 1);
            sections.push((head, &body[..next]));
            rest = &body[next..];
        }
        sections
    }
}

/// All blocks, in their order.
pub(super) fn blocks() -> Vec<Block> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = "";
    for line in readme.lines() {
        if let Some(code) = line.strip_prefix("    ")
            && !code.starts_with(' ')
        {
            if !before.starts_with("    ") {
                blocks.push(Block(String::new()));
            }
            let block = blocks.last_mut().unwrap();
            block.0.push_str(code);
            block.0.push('\n');
        }
        before = line;
    }
    blocks
}

/// The one block with that in it.
#[track_caller]
pub(super) fn block_with(what: &str, settings: bool) -> Block {
    let with = |block: &Block| block.is_settings() == settings && block.0.contains(what);
    let found: Vec<_> = blocks().into_iter().filter(with).collect();
    assert_eq!(found.len(), 1, "{what}: {found:?}");
    found[0].clone()
}

/// The settings with that block in them, as README says: "a section begins once in a file: where its
/// line is there already, its keys go below it".
pub(super) fn written(settings: &str, block: &Block) -> String {
    let mut text = settings.to_owned();
    for (head, body) in block.sections() {
        let line = format!("\n{head}\n");
        match text.find(&line) {
            Some(at) => text.insert_str(at + line.len(), body),
            None => text.push_str(&format!("{head}\n{body}")),
        }
    }
    text
}
