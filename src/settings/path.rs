//! Where a value stands among settings.

use toml::{Table, Value};

/// One step of a path: `booth`, or `[3]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The path as people read it: `generator[0].slots`.
pub(super) fn written(path: &[Step]) -> String {
    path.iter().fold(String::new(), |key, step| match step {
        Step::Key(name) => join(&key, name),
        Step::Index(i) => format!("{key}[{i}]"),
    })
}

/// `section` and `name` as one key.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() {
        name.to_owned()
    } else {
        format!("{section}.{name}")
    }
}

/// Whether the key `inner` is `outer` or lies below it.
pub(super) fn is_within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The value at a path as people read it, if there is one. (Names with dots are not found.)
pub(super) fn find<'t>(root: &'t Table, key: &str) -> Option<&'t Value> {
    let mut steps = key.split(['.', '[']);
    let first = root.get(steps.next()?)?;
    steps.try_fold(first, |value, step| match step.strip_suffix(']') {
        Some(index) => value.get(index.parse::<usize>().ok()?),
        None => value.get(step),
    })
}

/// The value at `path`, if there is one.
pub(super) fn get_mut<'t>(root: &'t mut Table, path: &[Step]) -> Option<&'t mut Value> {
    let (Step::Key(first), rest) = path.split_first()? else {
        return None;
    };
    rest.iter()
        .try_fold(root.get_mut(first)?, |value, step| match step {
            Step::Key(name) => value.get_mut(name.as_str()),
            Step::Index(i) => value.get_mut(i),
        })
}

/// Takes the value at `path` out, if there is one.
pub(super) fn take(root: &mut Table, path: &[Step]) -> Option<Value> {
    match path {
        [Step::Key(name)] => root.remove(name),
        [Step::Key(name), rest @ ..] => take_within(root.get_mut(name)?, rest),
        _ => None,
    }
}

fn take_within(value: &mut Value, path: &[Step]) -> Option<Value> {
    match (value, path) {
        (Value::Table(table), path) => take(table, path),
        (Value::Array(list), [Step::Index(i)]) if *i < list.len() => Some(list.remove(*i)),
        (Value::Array(list), [Step::Index(i), rest @ ..]) => take_within(list.get_mut(*i)?, rest),
        _ => None,
    }
}
