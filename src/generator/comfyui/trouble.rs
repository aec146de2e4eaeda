//! What ComfyUI says when it refuses or fails a prompt, taken apart for [`sort`].

use serde_json::Value;

use crate::generator::GeneratorError;
use crate::generator::sort::sort;
use crate::generator::wire::plain;

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
