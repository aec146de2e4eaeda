//! Where styles and generators do not go together.

use super::GeneratorSettings;
use crate::settings::complaint::{Quoted, Validator};
use crate::settings::style::{KNOWN_STYLES, StyleSettings};

/// Complains where styles and generators do not go together.
pub(in crate::settings) fn cross_check(
    styles: &[StyleSettings],
    generators: &[GeneratorSettings],
    v: &mut Validator<'_>,
) {
    for (i, generator) in generators.iter().enumerate() {
        names_styles(i, generator, styles, v);
        if generator.kind.traits().remote {
            can_be_asked(i, generator, styles, v);
        }
    }
    for (i, style) in styles.iter().enumerate() {
        is_served(i, style, generators, v);
    }
}

fn names_styles(
    i: usize,
    generator: &GeneratorSettings,
    styles: &[StyleSettings],
    v: &mut Validator<'_>,
) {
    for style in generator.styles.iter().filter(|s| *s != "*") {
        let known = styles.iter().any(|s| s.id == *style);
        let key = format!("generator[{i}].styles");
        v.check(
            known,
            &key,
            &Quoted(style),
            "must be \"*\" or the id of a [[style]]",
        );
        let ids = KNOWN_STYLES.map(|(id, ..)| id).join(", ");
        v.check(
            generator.serves(style),
            &key,
            &Quoted(style),
            &format!("must be one the embedded painters know: {ids}"),
        );
    }
    for style in generator.workflows.keys() {
        v.check(
            styles.iter().any(|s| s.id == *style),
            &format!("generator[{i}].workflows.{style}"),
            &Quoted(style),
            "must be the id of a [[style]]",
        );
    }
}

/// Complains about each style that a server serves by settings but cannot be asked for.
fn can_be_asked(
    i: usize,
    generator: &GeneratorSettings,
    styles: &[StyleSettings],
    v: &mut Validator<'_>,
) {
    for style in styles.iter().filter(|style| generator.serves(&style.id)) {
        // One line a generator: what is wrong with a workflow is so for every style.
        if let Err(wrong) = generator.recipe(style) {
            let key = format!("generator[{i}].workflow");
            let given = generator
                .workflows
                .get(&style.id)
                .or(generator.workflow.as_ref());
            let value = given.map_or("(left out)".to_owned(), |name| Quoted(name).to_string());
            v.check(false, &key, &value, &wrong);
        }
    }
}

fn is_served(
    i: usize,
    style: &StyleSettings,
    generators: &[GeneratorSettings],
    v: &mut Validator<'_>,
) {
    let key = format!("style[{i}].generators");
    for id in style.generators.iter().flatten() {
        let named = generators.iter().find(|g| g.id == *id);
        v.check(
            named.is_some(),
            &key,
            &Quoted(id),
            "must be the id of a [[generator]]",
        );
        let serves = named.is_none_or(|g| g.serves(&style.id));
        v.check(
            serves,
            &key,
            &Quoted(id),
            &format!("must be a generator that serves \"{}\"", style.id),
        );
    }
    let served = style.generators.is_some() || generators.iter().any(|g| g.serves(&style.id));
    v.check(
        served,
        &format!("style[{i}].id"),
        &Quoted(&style.id),
        "must be served by at least one [[generator]]",
    );
}
