//! A simulated server of each kind, the adapter before it, and what goes wrong there.

use std::sync::Arc;
use std::time::Duration;

use easel::clock::SystemClock;
use easel::generator::comfyui::load;
use easel::generator::server::{Recipe, Settings};
use easel::generator::wire::{Address, Patience};
use easel::generator::{Card, Generator, Kind, Setup, openai, sdwebui, words};
use easel::secret::Entropy;
use reqwest::header::HeaderMap;
use serde_json::{Map, json};

use crate::house::STYLES;
use crate::simulated::openai::SimulatedOpenAi;
use crate::simulated::picture::png;
use crate::simulated::runpod::{Fate, SimulatedRunpod};
use crate::simulated::sdwebui::{Order, SimulatedSdWebui};
use crate::simulated::{Fault, Host, Mischief, SimulatedComfyUi};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Long enough for a busy machine, short enough for a test.
const SHORT: Patience = Patience {
    control: ms(500),
    transfer: ms(1_000),
    poll: ms(100),
    stall: ms(1_500),
    first: ms(1_500),
    answer: ms(1_500),
    queue: ms(1_500),
};
/// More than any visit asks for.
const EVERY: usize = 200;

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// On the line, at addresses that begin so.
    Line(&'static str, Mischief),
    Comfy(Fault),
    Webui(Order),
    Job(Fate),
    Service(u16, serde_json::Value),
}

/// A server of some kind.
pub(crate) enum Stand {
    Comfy(SimulatedComfyUi),
    Webui(SimulatedSdWebui),
    Endpoint(SimulatedRunpod),
    Service(SimulatedOpenAi),
}

fn black() -> Vec<u8> {
    png(&image::RgbImage::new(96, 96))
}

/// What can go wrong at a server of that kind.
pub(crate) fn troubles(kind: Kind) -> Vec<Trouble> {
    let (at, routes): (&str, &[&'static str]) = match kind {
        Kind::Comfyui => ("/prompt", &["/history", "/view", "/upload"]),
        Kind::Sdwebui => ("/sdapi/v1/img2img", &[]),
        Kind::Runpod => ("/v2/easel/run", &["/v2/easel/status"]),
        _ => ("/v1/images/edits", &[]),
    };
    let nowhere = "http://localhost:9/elsewhere".to_owned();
    let ways = [
        Mischief::Silent,
        Mischief::HalfOpen,
        Mischief::Drips,
        Mischief::Says(500),
        Mischief::Says(502),
        Mischief::Html,
        Mischief::Huge,
        Mischief::Endless,
        Mischief::SendsTo(nowhere),
        Mischief::Breaks,
    ];
    let mut all: Vec<Trouble> = ways.into_iter().map(|way| Trouble::Line(at, way)).collect();
    for &at in routes {
        all.extend([Mischief::Silent, Mischief::Says(502)].map(|way| Trouble::Line(at, way)));
    }
    all.extend([Mischief::Silent, Mischief::Says(500)].map(|way| Trouble::Line("/", way)));
    all.extend(own(kind));
    all
}

/// What goes wrong in that protocol.
fn own(kind: Kind) -> Vec<Trouble> {
    let oom = "CUDA out of memory. Tried to allocate 2 GiB";
    let ends = |status, more| Trouble::Job(Fate::Ends(status, more));
    match kind {
        Kind::Comfyui => [
            Fault::WorkerDies,
            Fault::Lost,
            Fault::Raises("KSampler", "torch.OutOfMemoryError", "Allocation on device"),
            Fault::Raises(
                "KSampler",
                "RuntimeError",
                "CUDA error: an illegal memory access",
            ),
            Fault::Raises("UNETLoader", "SafetensorError", "header too large"),
            Fault::FileGone,
            Fault::Truncated,
            Fault::Answers(b"<html>502</html>".to_vec()),
            Fault::Answers(black()),
            Fault::Sized(16, 16),
        ]
        .map(Trouble::Comfy)
        .to_vec(),
        Kind::Sdwebui => [
            Order::Says(500, json!({"error": "OutOfMemoryError", "errors": oom})),
            Order::Says(500, json!({"error": "ValueError"})),
            Order::Says(404, json!({"detail": "Not Found"})),
            Order::Says(422, json!({"detail": "bad sampler"})),
            Order::Says(200, json!({"images": []})),
            Order::Answers(b"<html>".to_vec()),
            Order::Answers(black()),
        ]
        .map(Trouble::Webui)
        .to_vec(),
        Kind::Runpod => vec![
            Trouble::Job(Fate::Waits),
            Trouble::Job(Fate::Forgotten),
            ends("FAILED", json!({"error": oom})),
            ends("FAILED", json!({"error": "worker exited"})),
            ends("TIMED_OUT", json!({})),
            ends("COMPLETED", json!({"output": {"errors": ["no picture"]}})),
        ],
        _ => {
            let error = |code: &str| json!({"error": {"code": code, "message": "no"}});
            vec![
                Trouble::Service(401, error("invalid_api_key")),
                Trouble::Service(429, error("rate_limit_exceeded")),
                Trouble::Service(429, error("insufficient_quota")),
                Trouble::Service(500, error("server_error")),
                Trouble::Service(200, json!({"data": []})),
                Trouble::Service(200, json!({"data": [{"b64_json": "AAAA"}]})),
            ]
        }
    }
}

impl Stand {
    pub(crate) async fn open(kind: Kind) -> Self {
        match kind {
            Kind::Comfyui => Self::Comfy(SimulatedComfyUi::start().await),
            Kind::Sdwebui => Self::Webui(SimulatedSdWebui::start().await),
            Kind::Runpod => Self::Endpoint(SimulatedRunpod::start().await),
            _ => Self::Service(SimulatedOpenAi::start().await),
        }
    }

    pub(crate) fn has(&self, trouble: &Trouble) {
        match (self, trouble.clone()) {
            (_, Trouble::Line(at, way)) => self.host().misbehaves_at(at, way),
            (Self::Comfy(server), Trouble::Comfy(fault)) => server.always(fault),
            (Self::Webui(server), Trouble::Webui(order)) => server.orders(vec![order; EVERY]),
            (Self::Endpoint(server), Trouble::Job(fate)) => server.fates(vec![fate; EVERY]),
            (Self::Service(server), Trouble::Service(status, said)) => {
                server.says(vec![(status, said); EVERY]);
            }
            (_, trouble) => panic!("{trouble:?} is of another kind"),
        }
    }

    /// All is well again.
    pub(crate) fn behaves(&mut self) {
        self.host().behaves();
        match self {
            Self::Comfy(server) => server.recovers(),
            Self::Webui(server) => server.recovers(),
            Self::Endpoint(server) => server.recovers(),
            Self::Service(server) => server.recovers(),
        }
    }

    fn host(&self) -> &Host {
        match self {
            Self::Comfy(server) => &server.host,
            Self::Webui(server) => &server.host,
            Self::Endpoint(server) => &server.host,
            Self::Service(server) => &server.host,
        }
    }

    /// The adapter before it, which waits for nothing long.
    pub(crate) fn generator(&self, id: &str) -> Arc<dyn Generator> {
        self.generator_with(id, SHORT)
    }

    pub(crate) fn generator_with(&self, id: &str, patience: Patience) -> Arc<dyn Generator> {
        let (kind, url) = match self {
            Self::Comfy(server) => (Kind::Comfyui, server.url()),
            Self::Webui(server) => (Kind::Sdwebui, server.host.url()),
            Self::Endpoint(server) => (Kind::Runpod, server.url()),
            Self::Service(server) => (Kind::Openai, server.url()),
        };
        let server = settings(&url, patience);
        let setup = match kind {
            Kind::Comfyui => Setup::Comfyui(server),
            Kind::Sdwebui => Setup::Sdwebui(sdwebui::Settings {
                server,
                options: sdwebui::Options::default(),
            }),
            Kind::Runpod => Setup::Runpod(server),
            _ => Setup::Openai(openai::Settings {
                server,
                model: "painter-1".to_owned(),
                options: Map::new(),
            }),
        };
        let card = Card {
            size_px: 96,
            ..Card::new(id, kind)
        };
        setup.build(card, Arc::new(SystemClock::new(None)), Entropy::system())
    }
}

fn settings(url: &str, patience: Patience) -> Settings {
    let recipe = |style: &str| Recipe {
        prompt: words::prompt(style).unwrap().to_owned(),
        negative: String::new(),
        workflow: Some(Arc::new(load(style).unwrap())),
    };
    Settings {
        recipes: STYLES.iter().map(|s| ((*s).into(), recipe(s))).collect(),
        address: Address {
            base: url.parse().unwrap(),
            headers: HeaderMap::new(),
            query: None,
            picture_hosts: Vec::new(),
        },
        patience,
    }
}
