//! Where styles and generators do not go together.
//!
//! Each check is left out where what it goes by is itself at fault: what follows from that is not
//! worth a second line. Everything else is told at once.

use super::GeneratorSettings;
use crate::generator::{KNOWN_STYLES, StyleSettings};
use crate::settings::Faults;

/// Looks whether styles and generators go together.
pub fn validate_together(
    styles: &[StyleSettings],
    generators: &[GeneratorSettings],
    faults: &mut Faults,
) {
    unique("style", styles.iter().map(|s| &*s.id), faults);
    unique("generator", generators.iter().map(|g| &*g.id), faults);
    let pair = Pair { styles, generators };
    for (i, generator) in generators.iter().enumerate() {
        if generator.kind.traits().remote {
            pair.can_be_asked(i, generator, faults);
        }
        pair.names_styles(i, generator, faults);
    }
    for (i, style) in styles.iter().enumerate() {
        pair.names_generators(i, style, faults);
        pair.is_served(i, style, faults);
    }
}

/// Finds ids that stand twice.
fn unique<'a>(list: &str, ids: impl Iterator<Item = &'a str>, faults: &mut Faults) {
    let mut seen = Vec::new();
    for (i, id) in ids.enumerate() {
        let key = format!("{list}[{i}].id");
        faults.check(!seen.contains(&id), &key, "must be used only once");
        seen.push(id);
    }
}

struct Pair<'a> {
    styles: &'a [StyleSettings],
    generators: &'a [GeneratorSettings],
}

impl Pair<'_> {
    fn names_styles(&self, i: usize, generator: &GeneratorSettings, faults: &mut Faults) {
        let known = |id: &String| self.styles.iter().any(|style| style.id == *id);
        let ids_are_sound = faults.are_sound_in_each("style", self.styles.len(), &["id"]);
        let kind_is_sound = faults.is_sound(&format!("generator[{i}].kind"));
        let key = format!("generator[{i}].styles");
        for style in generator.styles.iter().filter(|style| *style != "*") {
            let part = quoted(style);
            let allowed = "must be \"*\" or the id of a [[style]]";
            faults.check_part(known(style) || !ids_are_sound, &key, &part, allowed);
            let ids = KNOWN_STYLES.map(|(id, ..)| id).join(", ");
            let allowed = format!("must be one the embedded painters know: {ids}");
            let able = generator.serves(style) || !kind_is_sound;
            faults.check_part(able, &key, &part, allowed);
        }
        for style in generator.workflows.keys() {
            let key = format!("generator[{i}].workflows.{style}");
            let allowed = "must be the id of a [[style]]";
            let fine = known(style) || !ids_are_sound;
            faults.check_part(fine, &key, &quoted(style), allowed);
        }
    }

    /// Finds the first style that a server serves by settings but cannot be asked for: what is
    /// wrong with a workflow is so for every style.
    fn can_be_asked(&self, i: usize, generator: &GeneratorSettings, faults: &mut Faults) {
        let of_it = ["kind", "styles", "workflow", "workflows"];
        if !faults.are_sound(&format!("generator[{i}]"), &of_it) {
            return;
        }
        let key = format!("generator[{i}].workflow");
        for (j, style) in self.styles.iter().enumerate() {
            let prompted = ["id", "prompt", "negative_prompt"];
            let sound = faults.are_sound(&format!("style[{j}]"), &prompted);
            if !generator.serves(&style.id) || !sound {
                continue;
            }
            if let Err(wrong) = generator.recipe(style) {
                let given = generator.workflows.get(&style.id);
                let given = given
                    .or(generator.workflow.as_ref())
                    .map(|name| quoted(name));
                let part = given.unwrap_or_else(|| "(left out)".to_owned());
                return faults.check_part(false, &key, &part, wrong);
            }
        }
    }

    fn names_generators(&self, i: usize, style: &StyleSettings, faults: &mut Faults) {
        let key = format!("style[{i}].generators");
        let ids_are_sound = faults.are_sound_in_each("generator", self.generators.len(), &["id"]);
        for id in style.generators.iter().flatten() {
            let named = self.generators.iter().position(|g| g.id == *id);
            let known = named.is_some() || !ids_are_sound;
            let allowed = "must be the id of a [[generator]]";
            faults.check_part(known, &key, &quoted(id), allowed);
            let Some(n) = named else { continue };
            let follows = !faults.is_sound(&format!("style[{i}].id"))
                || !faults.are_sound(&format!("generator[{n}]"), &["kind", "styles"]);
            let serves = self.generators[n].serves(&style.id) || follows;
            let allowed = format!("must be a generator that serves \"{}\"", style.id);
            faults.check_part(serves, &key, &quoted(id), allowed);
        }
    }

    fn is_served(&self, i: usize, style: &StyleSettings, faults: &mut Faults) {
        let served = self.generators.iter().any(|g| g.serves(&style.id));
        let follows = !faults.is_sound(&format!("style[{i}].generators"))
            || !faults.are_sound_in_each("generator", self.generators.len(), &["kind", "styles"]);
        faults.check(
            served || style.generators.is_some() || follows,
            &format!("style[{i}].id"),
            "must be served by at least one [[generator]]",
        );
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
