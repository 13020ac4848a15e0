//! Methods are tokens (RFC 9110 §9.1): `QUERY` and `PROPFIND` are as good as `GET`.

use http::Method;

/// The methods a route answers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Methods {
    /// All.
    #[default]
    Any,
    /// These. `GET` implies `HEAD` (RFC 9110 §9.3.2).
    Only(Vec<Method>),
}

impl Methods {
    /// Whether a request with this method is answered.
    #[must_use]
    pub fn accepts(&self, method: &Method) -> bool {
        match self {
            Self::Any => true,
            Self::Only(list) => list.contains(method) || (method == Method::HEAD && list.contains(&Method::GET)),
        }
    }

    /// Whether everything that `other` accepts is accepted.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Only(_), Self::Any) => false,
            (Self::Only(_), Self::Only(list)) => list.iter().all(|method| self.accepts(method)),
        }
    }

    pub(super) fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }
}

/// The value of `Allow` for a request that all of these would have answered but for its method: each once, in alphabetical order.
pub(super) fn allow<'a>(near: impl Iterator<Item = &'a Methods>) -> Vec<Method> {
    let mut allowed = Vec::new();
    for methods in near {
        let Methods::Only(list) = methods else { continue };
        allowed.extend(list.iter().cloned());
        if list.contains(&Method::GET) {
            allowed.push(Method::HEAD);
        }
    }
    allowed.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    allowed.dedup();
    allowed
}
