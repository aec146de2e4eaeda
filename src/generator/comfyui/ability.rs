//! Whether a server can do a workflow: has it the nodes, and the models they name?

use serde_json::Value;

use super::client;
use super::server::Server;
use super::workflow::{Workflow, link};
use crate::generator::server::Offer;
use crate::generator::wire::WireError;
use crate::generator::{GeneratorError, Health};

/// How the server is. What it does not tell is left open, as long as it tells anything: a route
/// that is broken says nothing of the painting.
pub(super) async fn health(server: &Server, offer: &Offer) -> Result<Health, GeneratorError> {
    let wire = &server.wire;
    let stats = client::system_stats(wire).await;
    server.sweep().await;
    let queue = match (client::queue(wire).await, &stats) {
        (Ok(queue), _) => {
            server.is_moving(&queue)?;
            Some(u32::try_from(queue.len()).unwrap_or(u32::MAX))
        }
        (Err(e), Err(_)) => return Err(e.into()),
        (Err(_), Ok(_)) => None,
    };
    let mut health = Health {
        words: stats.map_or_else(|e| format!("does not say how it is: {e}"), |s| words(&s)),
        queue,
        ..Health::default()
    };
    for style in offer.served() {
        let (_, workflow) = offer.graph(&style)?;
        match lacking(server, workflow).await {
            Ok(None) => health.styles.push(style),
            Ok(Some(lack)) => health.lacks.push((style, lack)),
            Err(_) => {}
        }
    }
    Ok(health)
}

/// What the server lacks for `workflow`, in words; `None` if nothing.
pub(super) async fn lacking(
    server: &Server,
    workflow: &Workflow,
) -> Result<Option<String>, WireError> {
    for class in workflow.classes() {
        if server.ability(class).await?.is_none() {
            return Ok(Some(format!("has no node {class}")));
        }
    }
    for (_, class, inputs) in workflow.nodes() {
        // The photo is one of its choices only once it was uploaded.
        let ability = match class {
            "LoadImage" => None,
            class => server.ability(class).await?,
        };
        let Some(ability) = ability else { continue };
        for (name, value) in inputs {
            if let (Some(value), Some(choices)) = (value.as_str(), choices(&ability, name))
                && link(&Value::from(value)).is_none()
                && !choices.iter().any(|c| c.as_str() == Some(value))
            {
                return Ok(Some(format!("has no \"{value}\" for {class}'s {name}")));
            }
        }
    }
    Ok(None)
}

/// What an input may be chosen from: `[["a", "b"], …]`, or `["COMBO", {"options": ["a", "b"]}]`
/// of newer nodes.
fn choices<'a>(ability: &'a Value, input: &str) -> Option<&'a Vec<Value>> {
    let spec = ["required", "optional"]
        .iter()
        .find_map(|kind| ability.pointer(&format!("/input/{kind}"))?.get(input))?;
    let old = spec.get(0).and_then(Value::as_array);
    old.or_else(|| spec.pointer("/1/options").and_then(Value::as_array))
}

/// A server in a line: version, device, memory.
pub(super) fn words(stats: &Value) -> String {
    let text = |path: &str| stats.pointer(path).and_then(Value::as_str).unwrap_or("?");
    let gb = |path: &str| {
        stats
            .pointer(path)
            .and_then(Value::as_f64)
            .map(|bytes| bytes / 1e9)
    };
    let memory = match (gb("/devices/0/vram_free"), gb("/devices/0/vram_total")) {
        (Some(free), Some(total)) => format!(", {free:.1} of {total:.1} GB free"),
        _ => String::new(),
    };
    let version = text("/system/comfyui_version");
    crate::generator::wire::plain(&format!(
        "ComfyUI {version} on {}{memory}",
        text("/devices/0/name")
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn choices_are_found_in_both_notations() {
        let node = json!({"input": {"required": {"old": [["a", "b"], {}], "number": ["INT", {"default": 1}]},
            "optional": {"new": ["COMBO", {"options": ["c"]}]}}});
        let found = |name| {
            choices(&node, name).map(|c| c.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        };
        assert_eq!(found("old"), Some(vec!["a", "b"]));
        assert_eq!(found("new"), Some(vec!["c"]));
        assert_eq!(found("number"), None);
        assert_eq!(found("none"), None);
    }

    #[test]
    fn a_server_is_told_in_a_line() {
        let stats = json!({"system": {"comfyui_version": "0.3.64"}, "devices": [{"name": "cuda:0", "vram_free": 11.2e9, "vram_total": 24e9}]});
        assert_eq!(
            words(&stats),
            "ComfyUI 0.3.64 on cuda:0, 11.2 of 24.0 GB free"
        );
        assert_eq!(words(&json!({})), "ComfyUI ? on ?");
    }
}
