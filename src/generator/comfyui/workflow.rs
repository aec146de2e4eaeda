//! A ComfyUI graph in API format: read and checked once, filled in for each painting.
//!
//! What we fill in is found by the title of its node (`_meta.title`):
//!
//! | title | what becomes of it |
//! |---|---|
//! | `booth:input` | `image`: the visitor's photo, as uploaded |
//! | `booth:output` | where the painting comes out; a saving node becomes one that keeps nothing |
//! | `booth:seed` | `seed` or `noise_seed`: the painting's seed |
//! | `booth:prompt`, `booth:negative` | `text`, `prompt` or `value`: the style's words |
//! | `booth:size` | numbers of pixels, a quarter less when memory is short |
//! | `booth:dots` | `colors`: as it stands to three more, by the seed, for graphs without noise |
//!
//! Nodes that the output does not need are dropped: one of them without `inputs` kills the
//! server's worker for good (ComfyUI#16312).

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value, json};

/// A graph that holds together.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    nodes: Map<String, Value>,
    output: String,
}

/// What a graph is filled in with.
#[derive(Debug, Clone, Copy)]
pub struct Bindings<'a> {
    /// The photo, as the loading node names it.
    pub image: &'a str,
    /// The painting's seed.
    pub seed: u32,
    /// What to paint, in words.
    pub prompt: &'a str,
    /// What not to paint.
    pub negative: &'a str,
    /// Whether to paint a quarter smaller.
    pub smaller: bool,
    /// What names of files begin with, where files are kept: one for each attempt.
    pub prefix: &'a str,
    /// Whether saving nodes may keep their files.
    pub keep: bool,
}

/// What is wrong with a graph.
#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    /// No JSON at all.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// Saved from the editor instead of exported.
    #[error("is the editor's own format: export it with \"Export (API)\"")]
    Editor,
    /// No graph of nodes.
    #[error("is not a graph in ComfyUI's API format: node \"{0}\" needs class_type and inputs")]
    NotANode(String),
    /// A title that must be there once.
    #[error("must have exactly one node with the title \"{title}\", and has {found}")]
    Title {
        /// The title.
        title: &'static str,
        /// How many nodes bear it.
        found: usize,
    },
    /// A node with a title lacks the input that would be filled in.
    #[error("node \"{node}\" ({title}) has none of the inputs {inputs}")]
    Input {
        /// The node.
        node: String,
        /// Its title.
        title: &'static str,
        /// What one of its inputs must be called.
        inputs: &'static str,
    },
    /// A link to nowhere.
    #[error("node \"{node}\" takes its {input} from node \"{from}\", which does not exist")]
    Link {
        /// The node.
        node: String,
        /// Its input.
        input: String,
        /// What it names.
        from: String,
    },
    /// A node that waits for itself.
    #[error("node \"{0}\" waits for itself in a circle")]
    Circle(String),
    /// The painting would not show the visitor.
    #[error("nothing leads from \"booth:input\" to \"booth:output\"")]
    Blind,
}

const INPUT: &str = "booth:input";
const OUTPUT: &str = "booth:output";
const SEEDS: [&str; 2] = ["seed", "noise_seed"];
const WORDS: [&str; 3] = ["text", "prompt", "value"];
const SIZES: [&str; 4] = ["width", "height", "largest_size", "size"];
/// How files of models end.
const MODELS: [&str; 8] = [
    "safetensors",
    "sft",
    "ckpt",
    "pt",
    "pth",
    "bin",
    "gguf",
    "onnx",
];
/// Saving nodes of ComfyUI itself. `PreviewImage` takes the same `images`, and its files lie in
/// the temp folder, which is wiped when the server starts.
const SAVING: [&str; 2] = ["SaveImage", "SaveImageWebsocket"];

impl Workflow {
    /// Reads and checks a graph, and drops what its output does not need.
    ///
    /// # Errors
    /// [`WorkflowError`].
    pub fn parse(text: &str) -> Result<Self, WorkflowError> {
        let value: Value =
            serde_json::from_str(text).map_err(|e| WorkflowError::NotJson(e.to_string()))?;
        let Value::Object(mut nodes) = value else {
            return Err(WorkflowError::NotANode(String::new()));
        };
        if nodes.get("nodes").is_some_and(Value::is_array) {
            return Err(WorkflowError::Editor);
        }
        for (id, node) in &nodes {
            let whole = node.get("class_type").is_some_and(Value::is_string)
                && node.get("inputs").is_some_and(Value::is_object);
            if !whole {
                return Err(WorkflowError::NotANode(id.clone()));
            }
        }
        let output = the_one(&nodes, OUTPUT)?;
        let input = the_one(&nodes, INPUT)?;
        let needed = needed(&nodes, &output)?;
        if !needed.contains(&input) {
            return Err(WorkflowError::Blind);
        }
        nodes.retain(|id, _| needed.contains(id));
        let workflow = Self { nodes, output };
        workflow.check_inputs()?;
        Ok(workflow)
    }

    /// The node the painting comes out of.
    pub fn output(&self) -> &str {
        &self.output
    }

    /// Whether a node bears that title.
    pub fn has(&self, wanted: &str) -> bool {
        self.nodes.values().any(|node| title(node) == wanted)
    }

    /// The graph as it is sent.
    pub fn bind(&self, with: &Bindings<'_>) -> Value {
        let mut nodes = self.nodes.clone();
        for (id, node) in &mut nodes {
            let title = title(node).to_owned();
            if *id == self.output {
                name_files(node, with.prefix, with.keep);
            }
            let Some(inputs) = node.get_mut("inputs").and_then(Value::as_object_mut) else {
                continue;
            };
            match title.as_str() {
                INPUT => fill(inputs, &["image"], &json!(with.image)),
                "booth:seed" => fill(inputs, &SEEDS, &json!(with.seed)),
                "booth:prompt" => fill(inputs, &WORDS, &json!(with.prompt)),
                "booth:negative" => fill(inputs, &WORDS, &json!(with.negative)),
                "booth:size" if with.smaller => shrink(inputs),
                "booth:dots" => {
                    if let Some(colors) = inputs.get("colors").and_then(Value::as_u64) {
                        inputs.insert("colors".into(), json!(colors + u64::from(with.seed % 4)));
                    }
                }
                _ => {}
            }
        }
        Value::Object(nodes)
    }

    /// The kinds of node it is made of, as they are sent.
    pub fn classes(&self) -> BTreeSet<&str> {
        self.nodes()
            .map(|(_, class, _)| class)
            .map(|class| {
                if SAVING.contains(&class) {
                    "PreviewImage"
                } else {
                    class
                }
            })
            .collect()
    }

    /// Every node: its id, its kind, its inputs.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &str, &Map<String, Value>)> {
        self.nodes.iter().filter_map(|(id, node)| {
            let inputs = node.get("inputs")?.as_object()?;
            Some((id.as_str(), class(node), inputs))
        })
    }

    /// The files of models that it has loaded, as one name; `None` if it needs none.
    pub fn models(&self) -> Option<String> {
        let named = self.nodes().flat_map(|(_, _, inputs)| inputs.values());
        let files: BTreeSet<&str> = named.filter_map(Value::as_str).filter(is_model).collect();
        (!files.is_empty()).then(|| files.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// What share of the work each node is, in parts of no particular unit: sampling takes longer
    /// than all the rest.
    pub fn weight(&self, id: &str) -> f32 {
        let class = self.nodes.get(id).map_or("", class);
        if class.contains("Sampler") && class != "KSamplerSelect" {
            20.0
        } else {
            1.0
        }
    }

    /// The weights of all nodes together.
    pub fn whole_weight(&self) -> f32 {
        self.nodes.keys().map(|id| self.weight(id)).sum()
    }

    fn check_inputs(&self) -> Result<(), WorkflowError> {
        let named: [(&'static str, &[&str], &'static str); 6] = [
            (INPUT, &["image"], "image"),
            ("booth:seed", &SEEDS, "seed, noise_seed"),
            ("booth:prompt", &WORDS, "text, prompt, value"),
            ("booth:negative", &WORDS, "text, prompt, value"),
            ("booth:size", &SIZES, "width, height, largest_size, size"),
            ("booth:dots", &["colors"], "colors"),
        ];
        for (id, node) in &self.nodes {
            let title = title(node);
            let known = named.iter().find(|(name, ..)| *name == title);
            if let Some((title, wanted, inputs)) = known {
                let has = |name: &&str| node["inputs"].get(*name).is_some_and(|v| !v.is_array());
                if !wanted.iter().any(has) {
                    return Err(WorkflowError::Input {
                        node: id.clone(),
                        title,
                        inputs,
                    });
                }
            } else if title.starts_with("booth:") && title != OUTPUT {
                tracing::warn!(title, "a workflow has a title that means nothing to us");
            }
        }
        Ok(())
    }
}

/// Whether a text names the file of a model.
fn is_model(text: &&str) -> bool {
    let ending = std::path::Path::new(text).extension();
    ending.is_some_and(|ending| MODELS.iter().any(|m| ending.eq_ignore_ascii_case(m)))
}

fn title(node: &Value) -> &str {
    let title = node.pointer("/_meta/title").and_then(Value::as_str);
    title.unwrap_or_default()
}

fn class(node: &Value) -> &str {
    node.get("class_type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn the_one(nodes: &Map<String, Value>, wanted: &'static str) -> Result<String, WorkflowError> {
    let mut found = nodes.iter().filter(|(_, node)| title(node) == wanted);
    match (found.next(), found.count()) {
        (Some((id, _)), 0) => Ok(id.clone()),
        (first, more) => Err(WorkflowError::Title {
            title: wanted,
            found: usize::from(first.is_some()) + more,
        }),
    }
}

/// The ids of all nodes that `output` needs, itself included.
fn needed(nodes: &Map<String, Value>, output: &str) -> Result<HashSet<String>, WorkflowError> {
    // Depth first without recursion, for a graph may be as deep as its file is long. A node is
    // open from its first visit until all it needs is done; meeting an open one closes a circle.
    let mut open: HashSet<&str> = HashSet::new();
    let mut done: HashSet<String> = HashSet::new();
    let mut stack = vec![(output, false)];
    while let Some((id, all_visited)) = stack.pop() {
        if all_visited {
            open.remove(id);
            done.insert(id.to_owned());
            continue;
        }
        if done.contains(id) {
            continue;
        }
        if !open.insert(id) {
            return Err(WorkflowError::Circle(id.to_owned()));
        }
        stack.push((id, true));
        let inputs = nodes[id]["inputs"].as_object().into_iter().flatten();
        for (input, value) in inputs {
            let Some(from) = link(value) else { continue };
            let Some((from, _)) = nodes.get_key_value(from) else {
                return Err(WorkflowError::Link {
                    node: id.to_owned(),
                    input: input.clone(),
                    from: from.to_owned(),
                });
            };
            if open.contains(from.as_str()) {
                return Err(WorkflowError::Circle(from.clone()));
            }
            if !done.contains(from) {
                stack.push((from, false));
            }
        }
    }
    Ok(done)
}

/// An input that is another node's output: `["4", 0]`.
pub(super) fn link(value: &Value) -> Option<&str> {
    match value.as_array()?.as_slice() {
        [Value::String(from), Value::Number(_)] => Some(from),
        _ => None,
    }
}

/// Fills in whichever of `names` are there and not taken from another node.
fn fill(inputs: &mut Map<String, Value>, names: &[&str], value: &Value) {
    for name in names {
        if let Some(input) = inputs.get_mut(*name).filter(|input| !input.is_array()) {
            *input = value.clone();
        }
    }
}

/// A quarter off every number of pixels, in steps of 16 as latents want it.
fn shrink(inputs: &mut Map<String, Value>) {
    for name in SIZES {
        if let Some(px) = inputs.get(name).and_then(Value::as_u64) {
            let smaller = (px / 4 * 3) / 16 * 16;
            inputs.insert(name.into(), json!(smaller.max(16)));
        }
    }
}

/// Has the output keep nothing, or else files under a name of their own: the same name twice would
/// be answered from the server's cache, with the old file.
fn name_files(node: &mut Value, prefix: &str, keep: bool) {
    if !keep && SAVING.contains(&class(node)) {
        node["class_type"] = json!("PreviewImage");
        if let Some(inputs) = node["inputs"].as_object_mut() {
            inputs.retain(|name, _| name == "images");
        }
    } else if let Some(kept) = node.pointer_mut("/inputs/filename_prefix") {
        *kept = json!(prefix);
    }
}

#[cfg(test)]
mod tests;
