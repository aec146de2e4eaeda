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
use crate::pool::StyleRules;
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
        wifi: settings
            .wifi
            .code()
            .map(|code| (settings.wifi.ssid.clone(), code)),
        offsite: false,
    }
}
