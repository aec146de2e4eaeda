//! Template files: finding them, filling them, and telling their author what is wrong.

use std::path::Path;
use std::sync::Arc;

use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};
use usvg::roxmltree::{Document, Node, ParsingOptions};

use super::fonts::Fonts;
use super::variables::{Said, Variables, samples};
use super::{Paper, TicketError, line, slots};

/// The templates inside the program: id and source.
const BUILT_IN: &[(&str, &str)] = &[
    (
        "museum",
        include_str!("../../templates/tickets/museum/ticket.svg"),
    ),
    (
        "strip",
        include_str!("../../templates/tickets/strip/ticket.svg"),
    ),
    (
        "receipt",
        include_str!("../../templates/tickets/receipt/ticket.svg"),
    ),
];

const FILE: &str = "ticket.svg";

/// A template that has been found, compiled and, unless built in, tried.
pub(super) struct Template {
    id: String,
    paper: Paper,
    environment: Environment<'static>,
    fonts: Arc<Fonts>,
}

/// Whether `id` can name a template: it becomes part of a path.
pub(super) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether template `id` is in `dir`, or else among the built-in ones.
pub(super) fn exists(id: &str, dir: Option<&Path>) -> bool {
    is_id(id) && (built_in(id).is_some() || dir.is_some_and(|dir| dir.join(id).join(FILE).exists()))
}

/// The ids of the built-in ones, as they are told to operators.
pub(super) fn built_in_ids() -> String {
    let ids: Vec<_> = BUILT_IN.iter().map(|(id, _)| *id).collect();
    ids.join(", ")
}

fn built_in(id: &str) -> Option<&'static str> {
    let known = BUILT_IN.iter().find(|(name, _)| *name == id);
    known.map(|(_, source)| *source)
}

impl Template {
    /// Finds template `id` in `dir`, or else among the built-in ones.
    ///
    /// An operator's template is filled with sample words and checked: all variables known, every
    /// `<text>` drawn, every font bundled, the stub apart from the keepsake.
    ///
    /// # Errors
    /// [`TicketError::NoTemplate`], or [`TicketError::Template`] with what its author must mend.
    pub(super) fn load(
        id: &str,
        dir: Option<&Path>,
        paper: Paper,
        fonts: &Arc<Fonts>,
    ) -> Result<Self, TicketError> {
        let own = dir.filter(|_| is_id(id)).map(|dir| dir.join(id).join(FILE));
        let missing = |place: String| TicketError::NoTemplate {
            id: id.to_owned(),
            place,
        };
        match (own.filter(|path| path.exists()), built_in(id)) {
            (Some(path), _) => {
                let source = std::fs::read_to_string(&path)
                    .map_err(|error| missing(format!("{}: {error}", path.display())))?;
                let template = Self::compile(id, source, paper, fonts)?;
                template.check()?;
                Ok(template)
            }
            (None, Some(source)) => {
                let template = Self::compile(id, source.to_owned(), paper, fonts)?;
                template.check_size()?;
                Ok(template)
            }
            (None, None) => Err(missing(match dir {
                Some(dir) => format!("looked for {}", dir.join(id).join(FILE).display()),
                None => format!(
                    "built in are {}; ticket.templates_dir may add more",
                    built_in_ids()
                ),
            })),
        }
    }

    fn compile(
        id: &str,
        source: String,
        paper: Paper,
        fonts: &Arc<Fonts>,
    ) -> Result<Self, TicketError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // By default only .html and .xml names are escaped.
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        let measuring = Arc::clone(fonts);
        environment.add_function("line", move |text: &str, kwargs: Kwargs| {
            line::set(text, &kwargs, &measuring)
        });
        let mut template = Self {
            id: id.to_owned(),
            paper,
            environment,
            fonts: Arc::clone(fonts),
        };
        let added = template
            .environment
            .add_template_owned(FILE.to_owned(), source);
        added.map_err(|error| template.wrong(describe(&error)))?;
        Ok(template)
    }

    /// Fills the template: SVG text.
    ///
    /// # Errors
    /// [`TicketError::Template`] for an unknown variable or a failing expression.
    pub(super) fn fill(&self, variables: &Variables) -> Result<String, TicketError> {
        self.environment
            .get_template(FILE)
            .and_then(|template| template.render(variables.to_value()))
            .map_err(|error| self.wrong(describe(&error)))
    }

    /// What it is for.
    pub(super) fn paper(&self) -> Paper {
        self.paper
    }

    /// Whether a built-in template, which needs no other check, is one for this paper.
    fn check_size(&self) -> Result<(), TicketError> {
        let Some(words) = samples().into_iter().next() else {
            return Ok(());
        };
        let svg = self.fill(&Said::new(&words, &self.fonts)?.variables)?;
        let document = parse(&svg).map_err(|problem| self.wrong(problem))?;
        let fits = |(width, height)| {
            width == self.paper.template_width() && self.paper.allows_height(height)
        };
        if slots::canvas(&document).is_some_and(fits) {
            return Ok(());
        }
        Err(self.wrong(format!(
            "is not made for this paper: it needs {}",
            self.paper.describe()
        )))
    }

    /// A complaint about this template.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> TicketError {
        TicketError::Template {
            id: self.id.clone(),
            problem: problem.into(),
        }
    }

    /// Fills the template with sample words and looks for what would go wrong in silence.
    pub(super) fn check(&self) -> Result<(), TicketError> {
        for words in samples() {
            let said = Said::new(&words, &self.fonts)?;
            let svg = self.fill(&said.variables)?;
            self.check_filled(&svg)
                .map_err(|problem| self.wrong(problem))?;
        }
        Ok(())
    }

    fn check_filled(&self, svg: &str) -> Result<(), String> {
        let document = parse(svg)?;
        let root = document.root_element();
        self.check_fonts(root)?;
        let tree = usvg::Tree::from_xmltree(&document, &slots::stand_in_options(&self.fonts))
            .map_err(|error| format!("is not a drawable SVG: {error}"))?;
        let (width, height) = (tree.size().width(), tree.size().height());
        // One unit is one pixel of the print raster, so that pictures can be placed without a blur.
        let is_sized = |(w, h): (u32, u32)| {
            let drawn = width == w as f32 && height == h as f32;
            drawn && w == self.paper.template_width() && self.paper.allows_height(h)
        };
        if !slots::canvas(&document).is_some_and(is_sized) {
            return Err(format!(
                "is {width} × {height}; it needs {}",
                self.paper.describe()
            ));
        }
        let written = root
            .descendants()
            .filter(|node| node.has_tag_name("text") && has_words(*node))
            .count();
        let drawn = count_text(tree.root());
        if written != drawn {
            return Err(format!(
                "has {written} <text> elements with words, but {drawn} of them can be drawn"
            ));
        }
        slots::check(&document, &tree)
    }

    fn check_fonts(&self, root: Node<'_, '_>) -> Result<(), String> {
        for node in root.descendants() {
            for family in node.attribute("font-family").unwrap_or_default().split(',') {
                let family = family.trim().trim_matches(['"', '\'']);
                let generic = matches!(family, "" | "serif" | "sans-serif");
                if !generic && !self.fonts.has_family(family) {
                    return Err(line::unbundled(family, &self.fonts));
                }
            }
        }
        Ok(())
    }
}

/// Parses filled SVG text.
pub(super) fn parse(svg: &str) -> Result<Document<'_>, String> {
    Document::parse_with_options(svg, ParsingOptions::default())
        .map_err(|error| format!("is not well-formed XML: {error}"))
}

fn has_words(text: Node<'_, '_>) -> bool {
    text.descendants()
        .any(|node| node.text().is_some_and(|text| !text.trim().is_empty()))
}

fn count_text(group: &usvg::Group) -> usize {
    group
        .children()
        .iter()
        .map(|node| match node {
            usvg::Node::Group(group) => count_text(group),
            usvg::Node::Text(_) => 1,
            usvg::Node::Path(_) | usvg::Node::Image(_) => 0,
        })
        .sum()
}

/// A template error and its causes. Plain `Display` names the line; the alternate form would add all
/// variables, a visitor's name among them.
fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
