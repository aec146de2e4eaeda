//! The workflows that come with the program.

use std::path::Path;

use super::workflow::Workflow;

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../templates/workflows/", $name, ".json")))),+]
    };
}

/// Names and texts. The first four need no model.
const BUILT_IN: &[(&str, &str)] = built_in![
    "picasso",
    "renoir",
    "van-gogh",
    "lichtenstein",
    "flux2-klein",
    "qwen-image-edit",
];

/// The names of all built-in workflows.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// Loads a workflow: a file, if the name ends in `.json`, or else a built-in one.
///
/// # Errors
/// In words: there is none, or what is wrong with it.
pub fn load(name: &str) -> Result<Workflow, String> {
    let path = Path::new(name);
    let is_file = path.extension().is_some_and(|e| e == "json");
    // As it lies in the source tree, a built-in one may be named by its path from anywhere.
    let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or(name);
    let ours = path.parent() == Some(Path::new("templates/workflows")) && !path.exists();
    let text = if is_file && !ours {
        std::fs::read_to_string(path)
            .map_err(|e| format!("must be a file we can read: {name}: {e}"))?
    } else {
        let wanted = if is_file { stem } else { name };
        let found = BUILT_IN.iter().find(|(built_in, _)| *built_in == wanted);
        let names = built_in().collect::<Vec<_>>().join(", ");
        let (_, text) = found.ok_or_else(|| {
            format!(
                "must be a file that ends in .json, or one of {names}; there is no \"{wanted}\""
            )
        })?;
        (*text).to_owned()
    };
    Workflow::parse(&text).map_err(|e| format!("{name} {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_workflow_holds_together() {
        for name in built_in() {
            let workflow = load(name).unwrap_or_else(|e| panic!("{e}"));
            assert!(workflow.has("booth:seed"), "{name}");
            let by_words = name.contains("flux") || name.contains("qwen");
            assert_eq!(workflow.has("booth:prompt"), by_words, "{name}");
        }
    }

    #[test]
    fn workflows_are_found_by_name_and_by_path() {
        let here = load("picasso").unwrap();
        assert_eq!(load("templates/workflows/picasso.json").unwrap(), here);
        assert!(
            load("dali")
                .unwrap_err()
                .contains("qwen-image-edit; there is no \"dali\"")
        );
        assert!(
            load("no/such.json")
                .unwrap_err()
                .contains("must be a file we can read")
        );
        let file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
        std::fs::write(file.path(), "{}").unwrap();
        let wrong = load(file.path().to_str().unwrap()).unwrap_err();
        assert!(
            wrong.contains("exactly one node with the title \"booth:output\", and has 0"),
            "{wrong}"
        );
    }
}
