//! From settings to parts: each choice is made once, here.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::Settings;
use crate::api::{Rules, StyleName};
use crate::clock::Clock;
use crate::generator::embedded::Embedded;
use crate::generator::{Card, Generator, GeneratorSettings, Kind};
use crate::imaging::Limits;
use crate::painter::Manner;
use crate::pool::{self, StyleRules};
use crate::secret::Entropy;
use crate::session::StyleId;

/// All that paints.
///
/// # Errors
/// What cannot be read any more though settings were found to hold together: a key, a workflow.
pub(crate) fn generators(
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Vec<Arc<dyn Generator>>> {
    let build = |g: &GeneratorSettings| {
        let wrong = |e: String| anyhow::anyhow!("generator \"{}\": {e}", g.id);
        let setup = g.setup(&settings.style).map_err(wrong)?;
        Ok(setup.build(g.card(), Arc::clone(clock), Entropy::system()))
    };
    settings.generator.iter().map(build).collect()
}

/// All that paints, and what the foreman goes by.
pub(super) struct Painters {
    pub(super) generators: Vec<Arc<dyn Generator>>,
    pub(super) rules: pool::Rules,
}

/// The generators of the settings; and the embedded painter, which steps in where none of them is
/// in time, whether they list it or not.
///
/// # Errors
/// As [`generators`].
pub(super) fn painters(settings: &Settings, clock: &Arc<dyn Clock>) -> anyhow::Result<Painters> {
    let mut generators = generators(settings, clock)?;
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
    Ok(Painters { generators, rules })
}

/// Whether it is the embedded painter, with all that it can.
fn is_whole(generator: &dyn Generator, settings: &Settings) -> bool {
    let mut known = settings.style.iter().map(|s| StyleId::from(s.id.as_str()));
    generator.card().kind.traits().stands_in
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
    let sizes = settings
        .generator
        .iter()
        .filter(|g| !g.kind.traits().remote);
    let size_px = sizes.map(GeneratorSettings::painting_px).max();
    let usual = || GeneratorSettings::default().painting_px();
    let id = id.unwrap_or("stand-in-by-another-name");
    Arc::new(Embedded::new(Card {
        slots: 2,
        size_px: size_px.unwrap_or_else(usual),
        ..Card::new(id, Kind::Embedded)
    }))
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
        memory: settings.limits.memory.0,
        min_side: settings.limits.min_side,
    }
}

/// `offsite`: whether photos of visitors who agree to it leave the house.
pub(super) fn rules(settings: &Settings, offsite: bool) -> Rules {
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
        camera_turn: settings.camera.turn,
        max_copies: settings.printer.max_copies,
        sheets_per_session: settings.printer.sheets_per_session,
        open_sessions: limits.open_sessions,
        join_tries_per_minute: NonZeroU32::new(limits.join_tries_per_minute)
            .unwrap_or(NonZeroU32::MIN),
        keep_captures: retention.captures.0,
        keep_tickets: retention.tickets.0,
        keep: keep.into_iter().max().unwrap_or_default(),
        wifi: settings
            .wifi
            .code()
            .map(|code| (settings.wifi.ssid.clone(), code)),
        offsite,
    }
}
