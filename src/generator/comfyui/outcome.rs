//! What became of a prompt, by its entry in the history.

use serde_json::Value;

use super::client::FileRef;
use super::trouble;
use crate::generator::GeneratorError;

/// Reads an entry of `/history`: the file that the node `output` made, or why there is none.
///
/// # Errors
/// What went wrong, sorted.
pub(super) fn of(entry: &Value, output: &str) -> Result<FileRef, GeneratorError> {
    let message = |wanted: &str| {
        let messages = entry.pointer("/status/messages")?.as_array()?;
        let found = messages
            .iter()
            .find(|m| m.get(0).and_then(Value::as_str) == Some(wanted))?;
        found.get(1)
    };
    if let Some(data) = message("execution_error") {
        return Err(trouble::raised(data));
    }
    if message("execution_interrupted").is_some() {
        return Err(GeneratorError::Failed("someone interrupted it".to_owned()));
    }
    let status = entry.pointer("/status/status_str").and_then(Value::as_str);
    if status == Some("error") {
        return Err(GeneratorError::Failed(
            "it failed and does not say why".to_owned(),
        ));
    }
    let files = entry
        .pointer(&format!("/outputs/{output}/images"))
        .and_then(Value::as_array);
    let file = files.and_then(|files| files.first()).and_then(file);
    file.ok_or_else(|| GeneratorError::Failed("its workflow made no picture".to_owned()))
}

fn file(value: &Value) -> Option<FileRef> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(FileRef {
        name: text("filename")?,
        subfolder: text("subfolder").unwrap_or_default(),
        folder: text("type").unwrap_or_else(|| "output".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_painting_is_where_the_output_says() {
        let entry = json!({
            "status": {"status_str": "success", "completed": true, "messages": [["execution_success", {}]]},
            "outputs": {"9": {"images": [{"filename": "other.png"}]},
                "90": {"images": [{"filename": "a.png", "subfolder": "", "type": "temp"}]}},
        });
        let file = of(&entry, "90").unwrap();
        assert_eq!(
            (file.name.as_str(), file.folder.as_str()),
            ("a.png", "temp")
        );
        assert!(matches!(of(&entry, "7"), Err(GeneratorError::Failed(_))));
    }

    #[test]
    fn failures_are_sorted() {
        let failed = |message: &str, data: Value| json!({"status": {"status_str": "error", "messages": [[message, data]]}, "outputs": {}});
        let oom = json!({"node_type": "KSampler", "exception_type": "torch.OutOfMemoryError", "exception_message": "Allocation on device"});
        let cases = [
            (failed("execution_error", oom), "out of memory"),
            (failed("execution_interrupted", json!({})), "interrupted"),
            (failed("execution_start", json!({})), "does not say why"),
            (json!({}), "no picture"),
        ];
        for (entry, words) in cases {
            let e = of(&entry, "90").unwrap_err().to_string();
            assert!(e.contains(words), "{e}");
        }
    }
}
