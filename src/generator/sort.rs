//! What servers say when they fail, sorted by what can be done about it: one list for all, since
//! most wrap the words of the same libraries.
//!
//! The texts are those of recordings against ComfyUI 0.3.64 and of reports against others; they are
//! looked for anywhere in what was said, in any case.

use super::GeneratorError;
use super::wire::plain;

/// Memory ran out, as PyTorch (CUDA, HIP, MPS, XPU, DirectML, CPU), cuBLAS, cuDNN, NumPy, ONNX
/// Runtime and Windows say it (ComfyUI#5511, #10903).
const OUT_OF_MEMORY: [&str; 19] = [
    "outofmemory",
    "out of memory",
    "out_of_memory",
    "out_of_device_memory",
    "out_of_host_memory",
    "out_of_resources",
    "allocation on device",
    "allocate memory",
    "tried to allocate",
    "unable to allocate",
    "could not allocate",
    "failed to allocate",
    "not enough memory",
    "not enough gpu video memory",
    "alloc_failed",
    "memoryerror",
    "memoryallocation",
    "invalid buffer size",
    "paging file is too small",
];
/// The CUDA context is broken: every later call fails as well (ComfyUI#12524).
const BROKEN: [&str; 6] = [
    "illegal memory access",
    "cuda error",
    "device-side assert",
    "cublas_status",
    "hip error",
    "device lost",
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
const MODERATION: [&str; 11] = [
    "moderat",
    "content policy",
    "content_policy",
    "content filter",
    "content_filter",
    "safety system",
    "safety filter",
    "safety violation",
    "safety_violation",
    "nsfw",
    "prohibited content",
];
/// It lacks what the request names.
const LACKING: [&str; 3] = ["not in list", "does not exist", "value_not_in_list"];

/// Sorts what a failing server said. `kind` is the kind of node it failed in, if it said so.
pub(super) fn sort(kind: &str, said: &str) -> GeneratorError {
    let lower = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    let words = match kind {
        "" => plain(said),
        kind => format!("{kind}: {}", plain(said)),
    };
    // Running out of memory comes first: newer CUDA reports it as a "CUDA error: out of memory".
    if says(&OUT_OF_MEMORY) {
        GeneratorError::OutOfMemory(words)
    } else if says(&BROKEN) {
        GeneratorError::NeedsRestart(words)
    } else if says(&LACKING) {
        GeneratorError::Unfit(words)
    } else if says(&MODERATION) {
        GeneratorError::Moderated(words)
    } else if says(&NO_PICTURE) {
        GeneratorError::Refused(words)
    } else if says(&MODEL) || kind.contains("Loader") {
        GeneratorError::Unfit(words)
    } else {
        GeneratorError::Failed(words)
    }
}

/// Whether a provider's rules forbid it.
pub(super) fn is_moderation(said: &str) -> bool {
    let lower = said.to_lowercase();
    MODERATION.iter().any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::Remedy;

    #[test]
    fn running_out_of_memory_has_many_words() {
        for said in [
            "torch.OutOfMemoryError: Allocation on device 0 would exceed allowed memory. (out of memory)",
            "CUDA out of memory. Tried to allocate 2.00 GiB",
            "CUDA error: out of memory",
            "HIP out of memory. Tried to allocate 1.50 GiB",
            "MPS backend out of memory (MPS allocated: 17.9 GB)",
            "Invalid buffer size: 12.00 GB",
            "XPU out of memory. Tried to allocate 2.25 GiB",
            "level_zero backend failed with error: 39 (UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY)",
            "Could not allocate tensor with 1073741824 bytes. There is not enough GPU video memory available!",
            "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
            "[enforce fail at alloc_cpu.cpp:114] data. DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes.",
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes. Error code 12 (Cannot allocate memory)",
            "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 3.00 GiB for an array",
            "MemoryError",
            "cudaErrorMemoryAllocation",
            "safetensors_rust.SafetensorError: Error: The paging file is too small for this operation to complete. (os error 1455)",
            "onnxruntime: Failed to allocate memory for requested buffer of size 1073741824",
        ] {
            assert_eq!(sort("KSampler", said).remedy(), Remedy::Smaller, "{said}");
        }
    }

    #[test]
    fn what_rules_forbid_is_said_as_such() {
        for said in [
            "Your request was rejected by the safety system",
            "Exception: Request Moderated",
            "Content Moderated. Please try again",
            "content_policy_violation",
            "NSFW content detected",
        ] {
            let e = sort("ApiNode", said);
            assert!(matches!(e, GeneratorError::Moderated(_)), "{said}: {e}");
            assert_eq!(e.remedy(), Remedy::GiveUp, "{said}");
        }
    }

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
}
