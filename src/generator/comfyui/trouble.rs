//! What ComfyUI says when it fails, sorted by what can be done about it.
//!
//! The texts are those of recordings against version 0.3.64 and of reports against newer ones; they
//! are looked for anywhere in what was said, because servers wrap each other's words.

use serde_json::Value;

use crate::generator::GeneratorError;
use crate::generator::wire::plain;

/// Memory ran out (ComfyUI#5511, #10903); the last is what a CPU says.
const OUT_OF_MEMORY: [&str; 5] = [
    "outofmemoryerror",
    "out of memory",
    "allocation on device",
    "can't allocate memory",
    "cannot allocate memory",
];
/// The CUDA context is broken: every later call fails as well (ComfyUI#12524).
const BROKEN: [&str; 5] = [
    "illegal memory access",
    "cuda error",
    "device-side assert",
    "cublas_status",
    "hip error",
];
/// A model is missing or damaged.
const MODEL: [&str; 5] = [
    "safetensorerror",
    "safetensor",
    "no such file or directory",
    "pytorchstreamreader failed",
    "could not detect model type",
];
/// The photo is none, as Pillow says it.
const NO_PICTURE: [&str; 3] = [
    "cannot identify image file",
    "unidentifiedimageerror",
    "image file is truncated",
];
/// A provider's rules forbid it.
const MODERATION: [&str; 4] = [
    "moderation",
    "content policy",
    "content_policy",
    "safety system",
];

/// Sorts what a failing server said. `kind` is the kind of node it failed in, if it said so.
pub(in crate::generator) fn sort(kind: &str, said: &str) -> GeneratorError {
    let lower = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    let words = if kind.is_empty() {
        plain(said)
    } else {
        format!("{kind}: {}", plain(said))
    };
    // Running out of memory comes first: newer CUDA reports it as a "CUDA error: out of memory".
    if says(&OUT_OF_MEMORY) {
        GeneratorError::OutOfMemory(words)
    } else if says(&BROKEN) {
        GeneratorError::NeedsRestart(words)
    } else if says(&MODERATION) || says(&NO_PICTURE) {
        GeneratorError::Refused(words)
    } else if says(&MODEL) || kind.contains("Loader") {
        GeneratorError::Unfit(words)
    } else {
        GeneratorError::Failed(words)
    }
}

/// Sorts the data of an `execution_error`.
pub(super) fn raised(data: &Value) -> GeneratorError {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let said = format!("{}: {}", text("exception_type"), text("exception_message"));
    sort(text("node_type"), &said)
}

/// Sorts the body of a prompt that was refused (400), or that was taken with `node_errors`.
pub(super) fn refused(body: &Value) -> GeneratorError {
    let text = |v: &Value, name: &str| {
        let text = v.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let nodes = body.get("node_errors").and_then(Value::as_object);
    let faults = nodes.into_iter().flatten().flat_map(|(_, node)| {
        let class = text(node, "class_type");
        let errors = node.get("errors").and_then(Value::as_array);
        errors
            .into_iter()
            .flatten()
            .map(move |e| (class.clone(), e.clone()))
    });
    let mut words = Vec::new();
    for (class, e) in faults {
        // The photo was there a moment ago: the server has lost it, and may keep the next one.
        if class == "LoadImage" && text(&e, "type") == "custom_validation_failed" {
            return GeneratorError::Failed("it has lost the photo".to_owned());
        }
        let (message, details) = (text(&e, "message"), text(&e, "details"));
        words.push(format!("{class}: {message} ({details})"));
    }
    if words.is_empty() {
        let error = body.get("error").unwrap_or(&Value::Null);
        words.push(format!(
            "{} {}",
            text(error, "message"),
            text(error, "details")
        ));
    }
    GeneratorError::Unfit(plain(&words.join("; ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::generator::Remedy;

    #[test]
    fn what_is_said_decides_what_is_done() {
        for (kind, said, remedy) in [
            (
                "KSampler",
                "torch.OutOfMemoryError: Allocation on device 0",
                Remedy::Smaller,
            ),
            ("VAEDecode", "CUDA error: out of memory", Remedy::Smaller),
            (
                "EmptyImage",
                "RuntimeError: DefaultCPUAllocator: can't allocate memory",
                Remedy::Smaller,
            ),
            (
                "KSampler",
                "CUDA error: an illegal memory access was encountered",
                Remedy::Restart,
            ),
            (
                "LoadImage",
                "PIL.UnidentifiedImageError: cannot identify image file 'x'",
                Remedy::GiveUp,
            ),
            (
                "CheckpointLoaderSimple",
                "SafetensorError: header too large",
                Remedy::Elsewhere,
            ),
            ("UNETLoader", "KeyError: 'x'", Remedy::Elsewhere),
            ("ImageBlur", "TypeError: unhashable", Remedy::Again),
            (
                "",
                "Your request was rejected by the safety system",
                Remedy::GiveUp,
            ),
        ] {
            assert_eq!(sort(kind, said).remedy(), remedy, "{said}");
        }
    }

    #[test]
    fn a_refused_prompt_names_what_is_lacking() {
        let model = json!({"error": {"type": "prompt_outputs_failed_validation"}, "node_errors": {"3": {
            "class_type": "UNETLoader", "dependent_outputs": ["4"],
            "errors": [{"type": "value_not_in_list", "message": "Value not in list", "details": "unet_name: 'a' not in []"}]}}});
        let e = refused(&model);
        assert!(
            e.to_string()
                .contains("UNETLoader: Value not in list (unet_name: 'a' not in [])"),
            "{e}"
        );
        assert_eq!(e.remedy(), Remedy::Elsewhere);
        let node = json!({"error": {"type": "invalid_prompt", "message": "Cannot execute because node X does not exist.", "details": "Node ID '#3'"}, "node_errors": {}});
        assert!(refused(&node).to_string().contains("node X does not exist"));
        let lost = json!({"node_errors": {"1": {"class_type": "LoadImage", "errors": [{"type": "custom_validation_failed"}]}}});
        assert_eq!(refused(&lost).remedy(), Remedy::Again);
        assert_eq!(refused(&json!("nonsense")).remedy(), Remedy::Elsewhere);
    }
}
