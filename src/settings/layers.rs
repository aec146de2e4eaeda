//! Layers of settings, laid over one another by the `config` crate: tables key by key, lists and
//! plain values as a whole.
//!
//! Its values go from layer to layer and remember where they came from. They are not read by its
//! deserializer, which rounds 2.5 to 3, takes `true` for 1 and 2026 for text: see `read`.

use config::{Config, ConfigError, Map, Source, Value, ValueKind};
use toml::Table;

use super::origin::{Origin, Origins};
use super::path::join;

/// The key below which layers keep their values. `config` takes keys at the root of a source for
/// paths: a quoted `"booth.name"` in a file would be one, and `"style[999999999]"` all our memory.
const ROOT: &str = "settings";

/// One layer.
#[derive(Debug, Clone)]
pub(super) struct Layer(Map<String, Value>);

impl Layer {
    /// All of `tree`, each value from where `origins` say.
    pub(super) fn of_tree(tree: &Table, origins: &Origins) -> Self {
        let all = table(tree, "", origins);
        Self([(ROOT.to_owned(), Value::new(None, all))].into())
    }

    /// Single texts by their keys, `generator[0].kind`, each from its origin.
    pub(super) fn of_texts(texts: impl Iterator<Item = (String, String, Origin)>) -> Self {
        let text = |(key, text, origin): (String, String, Origin)| {
            let value = Value::new(Some(&origin.to_string()), text);
            (join(ROOT, &key), value)
        };
        Self(texts.map(text).collect())
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// What a place holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Table,
    List,
    Plain,
}

/// Layers as one.
#[derive(Debug, Clone)]
pub(super) struct Layers(Config);

impl Layers {
    /// The lowest one.
    pub(super) fn of(lowest: Layer) -> Self {
        Self(Config::default()).under(lowest)
    }

    /// With another one laid over them.
    pub(super) fn under(self, layer: Layer) -> Self {
        let builder = Config::builder().add_source(self.0).add_source(layer);
        Self(builder.build().expect("these sources cannot fail"))
    }

    /// What the place of that key holds, if there is something.
    pub(super) fn held(&self, key: &str) -> Option<Held> {
        let value = self.0.get::<Value>(&join(ROOT, key)).ok()?;
        Some(match value.kind {
            ValueKind::Table(_) => Held::Table,
            ValueKind::Array(_) => Held::List,
            _ => Held::Plain,
        })
    }

    /// The values, and where each came from.
    pub(super) fn into_tree(self) -> (Table, Origins) {
        let mut origins = Origins::default();
        // What `get` gives has been through the deserializer, and has lost its origins.
        let all = self.0.collect().unwrap_or_default();
        let root = all.into_values().next();
        let tree = root.and_then(|root| plain(root, "", &mut origins));
        match tree {
            Some(toml::Value::Table(tree)) => (tree, origins),
            _ => (Table::new(), origins),
        }
    }
}

fn table(tree: &Table, prefix: &str, origins: &Origins) -> Map<String, Value> {
    let of = |(name, v): (&String, &toml::Value)| {
        let key = join(prefix, name);
        (name.clone(), value(v, &key, origins))
    };
    tree.iter().map(of).collect()
}

fn value(tree: &toml::Value, key: &str, origins: &Origins) -> Value {
    let kind = match tree {
        toml::Value::String(text) => ValueKind::String(text.clone()),
        toml::Value::Integer(n) => ValueKind::I64(*n),
        toml::Value::Float(n) => ValueKind::Float(*n),
        toml::Value::Boolean(yes) => ValueKind::Boolean(*yes),
        toml::Value::Datetime(date) => ValueKind::String(date.to_string()),
        toml::Value::Table(inner) => ValueKind::Table(table(inner, key, origins)),
        toml::Value::Array(list) => {
            let of = |(i, v)| value(v, &format!("{key}[{i}]"), origins);
            ValueKind::Array(list.iter().enumerate().map(of).collect())
        }
    };
    let origin = origins.get(key).map(ToString::to_string);
    Value::new(origin.as_ref(), kind)
}

/// The way back. `None` for what is not there.
fn plain(value: Value, key: &str, origins: &mut Origins) -> Option<toml::Value> {
    if let Some(origin) = value.origin().and_then(Origin::read) {
        origins.set(key.to_owned(), origin);
    }
    let integer = |n: Option<i64>| n.map(toml::Value::Integer);
    match value.kind {
        ValueKind::Nil => None,
        ValueKind::Boolean(yes) => Some(yes.into()),
        ValueKind::I64(n) => Some(n.into()),
        ValueKind::I128(n) => integer(n.try_into().ok()),
        ValueKind::U64(n) => integer(n.try_into().ok()),
        ValueKind::U128(n) => integer(n.try_into().ok()),
        ValueKind::Float(n) => Some(n.into()),
        ValueKind::String(text) => Some(text.into()),
        ValueKind::Table(table) => {
            let of = |(name, v): (String, Value)| {
                let v = plain(v, &join(key, &name), origins)?;
                Some((name, v))
            };
            let table: Table = table.into_iter().filter_map(of).collect();
            Some(table.into())
        }
        ValueKind::Array(list) => {
            let of = |(i, v)| plain(v, &format!("{key}[{i}]"), origins);
            let list: Vec<toml::Value> = list.into_iter().enumerate().filter_map(of).collect();
            Some(list.into())
        }
    }
}
