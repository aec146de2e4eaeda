//! From settings to parts: each choice is made once, here.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Rules, StyleName};
use crate::clock::Clock;
use crate::generator::embedded::Embedded;
use crate::generator::faulty::Faulty;
use crate::generator::{Generator, Repertoire};
use crate::imaging::Limits;
use crate::painter::Manner;
use crate::pool::{self, StyleRules};
use crate::session::StyleId;
use crate::settings::{GeneratorKind, GeneratorSettings, Settings};

pub(crate) fn generators(settings: &Settings, clock: &Arc<dyn Clock>) -> Vec<Arc<dyn Generator>> {
    settings
        .generator
        .iter()
        .filter_map(|g| generator(g, clock))
        .collect()
}

fn generator(g: &GeneratorSettings, clock: &Arc<dyn Clock>) -> Option<Arc<dyn Generator>> {
    let styles = || Repertoire::new(g.styles.clone());
    let embedded = || {
        Arc::new(Embedded::new(
            g.id.clone(),
            g.slots,
            styles(),
            g.painting_px(),
        ))
    };
    match g.kind {
        GeneratorKind::Embedded => Some(embedded()),
        GeneratorKind::Faulty => Some(Arc::new(Faulty::new(
            g.id.clone(),
            g.slots,
            styles(),
            g.fault.unwrap_or_default(),
            g.faults,
            g.delay.map_or(Duration::ZERO, |d| d.0),
            embedded(),
            Arc::clone(clock),
        ))),
        GeneratorKind::Comfyui => None,
    }
}

/// All that paints, and what the foreman goes by.
pub(super) struct Painters {
    pub(super) generators: Vec<Arc<dyn Generator>>,
    pub(super) rules: pool::Rules,
}

/// The generators of the settings; and the embedded painter, which steps in where none of them is
/// in time, whether they list it or not.
pub(super) fn painters(settings: &Settings, clock: &Arc<dyn Clock>) -> Painters {
    let mut generators = generators(settings, clock);
    let listed = generators.len();
    let stand_in = settings.pool.stand_in.then(|| {
        let at_hand = generators.iter().position(|g| is_whole(&**g, settings));
        at_hand.unwrap_or_else(|| {
            generators.push(stand_in(settings));
            listed
        })
    });
    let styles = style_rules(settings);
    let rules = settings.pool.rules(styles, &generators, stand_in, listed);
    Painters { generators, rules }
}

/// Whether it is the embedded painter, with all that it can.
fn is_whole(generator: &dyn Generator, settings: &Settings) -> bool {
    let mut known = settings.style.iter().map(|s| StyleId::from(s.id.as_str()));
    generator.kind() == "embedded"
        && known.all(|s| generator.paints(&s) || s.as_str().parse::<Manner>().is_err())
}

/// The embedded painter that settings do not list: as large as a listed one would paint, two at a
/// time, since it only ever steps in.
fn stand_in(settings: &Settings) -> Arc<dyn Generator> {
    let ids: Vec<&str> = settings.generator.iter().map(|g| g.id.as_str()).collect();
    let free = |id: &&str| !ids.contains(id);
    let id = ["stand-in", "embedded-stand-in", "the-stand-in"]
        .into_iter()
        .find(free);
    let styles = Repertoire::new(vec!["*".to_owned()]);
    let usual = GeneratorSettings::default();
    let sizes = settings
        .generator
        .iter()
        .filter(|g| g.kind != GeneratorKind::Comfyui);
    let size_px = sizes.map(GeneratorSettings::painting_px).max();
    Arc::new(Embedded::new(
        id.unwrap_or("stand-in-by-another-name").to_owned(),
        2,
        styles,
        size_px.unwrap_or_else(|| usual.painting_px()),
    ))
}

pub(super) fn style_rules(settings: &Settings) -> Vec<StyleRules> {
    settings
        .style
        .iter()
        .map(|style| StyleRules {
            id: style.id.as_str().into(),
            generators: style.generators.clone(),
            attempts: style.attempts,
            timeout: style.timeout.0,
            give_up: style.give_up.0,
        })
        .collect()
}

pub(super) fn picture_limits(settings: &Settings) -> Limits {
    Limits {
        bytes: settings.limits.upload_bytes.as_usize(),
        pixels: settings.limits.pixels,
        min_side: settings.limits.min_side,
    }
}

pub(super) fn rules(settings: &Settings, public_url: String) -> Rules {
    let (booth, retention, limits) = (&settings.booth, &settings.retention, &settings.limits);
    let keep = [
        retention.captures.0,
        retention.paintings.0,
        retention.tickets.0,
    ];
    Rules {
        name: booth.name.clone(),
        event: booth.event.clone(),
        activity: booth.activity.as_str().to_owned(),
        locales: booth
            .locales
            .iter()
            .map(|l| l.as_str().to_owned())
            .collect(),
        idle_warn: booth.idle_warn.0,
        idle_reset: booth.idle_reset.0,
        styles: settings
            .style
            .iter()
            .map(|style| StyleName {
                id: style.id.clone(),
                ko: style.name.ko.clone(),
                en: style.name.en.clone(),
            })
            .collect(),
        max_copies: settings.printer.max_copies,
        sheets_per_session: settings.printer.sheets_per_session,
        open_sessions: limits.open_sessions,
        join_tries_per_minute: NonZeroU32::new(limits.join_tries_per_minute)
            .unwrap_or(NonZeroU32::MIN),
        keep_captures: retention.captures.0,
        keep_tickets: retention.tickets.0,
        keep: keep.into_iter().max().unwrap_or_default(),
        public_url,
        offsite: settings.generator.iter().any(|g| is_offsite(g, settings)),
    }
}

/// Whether photos of visitors who agree to it leave the house for that generator.
fn is_offsite(generator: &GeneratorSettings, settings: &Settings) -> bool {
    let kind = format!("{:?}", generator.kind).to_lowercase();
    settings.pool.is_offsite(&generator.id, &kind)
}
