//! What the configuration says about API keys.

use std::io;
use std::path::{Path, PathBuf};

use router_core::authenticate::api_key::{Pepper, Prefix};
use router_core::config::api_keys::revocations;
use router_core::config::raw::authenticate::{ApiKey, Authenticator};
use router_core::config::{self, PlatformName, Purpose, nearest, raw};

use super::arguments::Place;
use crate::load::{self, rendered};
use crate::report::Failure;

/// A configuration without mistakes, some of whose variables may have no value here.
pub(super) struct Rules {
    document: raw::Document,
    /// Places whose variable has no value.
    unset: Vec<config::Path>,
    file: String,
}

impl Rules {
    pub(super) fn load(path: &Path) -> Result<Self, Failure> {
        let loaded = load::load(path, Purpose::Check, &[])?;
        let found = &loaded.checked.diagnostics;
        let document = match loaded.checked.document {
            Some(ref document) if !found.has_errors() => document.clone(),
            _ => return Err(Failure::Rendered(rendered(&loaded, &io::stderr()))),
        };
        let unset = found.iter().filter(|found| found.code == "variable-missing").map(|found| found.path.clone());
        Ok(Self { document, unset: unset.collect(), file: loaded.source.name().to_owned() })
    }

    /// The API-key authenticator that is meant.
    pub(super) fn authenticator(&self, named: Option<&str>) -> Result<Chosen<'_>, Failure> {
        let all: Vec<Chosen<'_>> = self.authenticators().collect();
        let names = || all.iter().map(|chosen| chosen.name);
        match (named, all.as_slice()) {
            (_, []) => Err(Failure::sentence(format!(
                "{} has no authenticator with `api_key`; declare one under `authenticate.authenticators`",
                self.file
            ))),
            (None, [only]) => Ok(*only),
            (None, _) => Err(Failure::sentence(format!(
                "{} has several authenticators with `api_key`; say with --authenticator which is meant: {}",
                self.file,
                names().collect::<Vec<_>>().join(", ")
            ))),
            (Some(name), _) => all.iter().find(|chosen| chosen.name == name).copied().ok_or_else(|| {
                let help = nearest(name, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Failure::sentence(format!("{} has no authenticator `{name}` with `api_key`{help}", self.file))
            }),
        }
    }

    /// The names of all of them, or of the one that was named.
    pub(super) fn names(&self, named: Option<&str>) -> Result<Vec<&str>, Failure> {
        match named {
            Some(_) => Ok(vec![self.authenticator(named)?.name]),
            None => Ok(self.authenticators().map(|chosen| chosen.name).collect()),
        }
    }

    fn authenticators(&self) -> impl Iterator<Item = Chosen<'_>> {
        self.document.authenticate.authenticators.iter().filter_map(|(name, kind)| match kind {
            Authenticator::ApiKey(rules) => Some(Chosen { name, rules }),
            _ => None,
        })
    }

    /// What makes keys of `chosen`.
    pub(super) fn making(&self, chosen: Chosen<'_>) -> Result<(Prefix, Pepper), Failure> {
        let above = config::Path::root().key("authenticate").key("authenticators").key(chosen.name).key("api_key");
        for key in ["prefix", "pepper"] {
            if self.unset.contains(&above.key(key)) {
                return Err(Failure::sentence(format!(
                    "the variable in `{}` has no value here; set it as it is set for the gateway",
                    above.key(key)
                )));
            }
        }
        // Both have been checked with the document.
        Option::zip(Prefix::new(&chosen.rules.prefix), Pepper::new(&chosen.rules.pepper))
            .ok_or_else(|| Failure::sentence(format!("`{above}` makes no keys; see `tidegate check`")))
    }

    /// The file of the store.
    pub(super) fn store(&self, place: &Place) -> Result<PathBuf, Failure> {
        if let Some(store) = &place.store {
            return Ok(store.clone());
        }
        if self.unset.contains(&config::Path::root().key("native").key("store")) {
            return Err(Failure::sentence(
                "the variable in `native.store` has no value here; set it, or use --store FILE",
            ));
        }
        self.document.native.store.as_ref().map(PathBuf::from).ok_or_else(|| {
            Failure::sentence(format!(
                "{} has no `native.store`, so a gateway keeps its keys in memory and forgets them; name a file there, or here with --store FILE",
                self.file
            ))
        })
    }

    /// How long revoked keys of `name` still work natively, in seconds.
    pub(super) fn revocation_seconds(&self, name: &str) -> u64 {
        let all = revocations(&self.document);
        let found = all.iter().find(|revocation| revocation.authenticator == name);
        found.map_or(0, |revocation| revocation.on(PlatformName::Native).0.as_secs())
    }
}

/// An authenticator of the configuration.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'r> {
    pub(super) name: &'r str,
    pub(super) rules: &'r ApiKey,
}
