//! What a generator is.

use serde::{Deserialize, Serialize};

/// What a generator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeneratorKind {
    /// The painters in this program.
    Embedded,
    /// A ComfyUI server.
    Comfyui,
    /// Stable Diffusion WebUI: AUTOMATIC1111's, or Forge.
    Sdwebui,
    /// A ComfyUI worker at RunPod, or at whatever speaks its serverless protocol.
    Runpod,
    /// OpenAI's image edits, or whatever speaks its protocol.
    Openai,
    /// The embedded painters, misbehaving to order: for rehearsals and tests.
    Faulty,
}

impl GeneratorKind {
    /// Whether it is reached over the network.
    #[must_use]
    pub fn is_server(self) -> bool {
        !matches!(self, Self::Embedded | Self::Faulty)
    }

    /// Whether it is sent graphs.
    pub(super) fn takes_workflows(self) -> bool {
        matches!(self, Self::Comfyui | Self::Runpod)
    }
}
