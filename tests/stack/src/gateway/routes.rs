//! Which route a request takes: a named segment beats `{name}`, which beats `{name+}`; among equals a
//! method of its own beats `ANY`. A route whose method differs is not looked at, as in an HTTP API.
//! There is no redirect for a slash too much.

use std::collections::BTreeMap;

/// The routes of a gateway, each with what it leads to.
#[derive(Clone, Debug)]
pub struct Routes<T> {
    entries: Vec<Entry<T>>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    method: String,
    path: String,
    segments: Vec<Segment>,
    target: T,
}

// The order is the order of preference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Exact(String),
    One(String),
    Rest(String),
}

/// A route that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'a, T> {
    /// `GET /v1/channels/{id}`.
    pub key: String,
    /// What the path's parameters stand for, decoded.
    pub parameters: BTreeMap<String, String>,
    /// What the route leads to.
    pub target: &'a T,
}

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> Routes<T> {
    /// Adds a route.
    pub fn add(&mut self, method: &str, path: &str, target: T) {
        let segments = path.trim_start_matches('/').split('/').map(Segment::parse).collect();
        self.entries.push(Entry { method: method.to_owned(), path: path.to_owned(), segments, target });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The route for a request; `path` as it was sent.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<Found<'_, T>> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let suits = |entry: &&Entry<T>| (entry.method == method || entry.method == "ANY") && entry.suits(&parts);
        let best = self.entries.iter().filter(suits).min_by_key(|entry| entry.preference())?;
        let key = format!("{} {}", best.method, best.path);
        Some(Found { key, parameters: best.parameters(&parts), target: &best.target })
    }
}

impl<T> Entry<T> {
    fn suits(&self, parts: &[&str]) -> bool {
        let open_ended = matches!(self.segments.last(), Some(Segment::Rest(_)));
        let long_enough = if open_ended { parts.len() >= self.segments.len() } else { parts.len() == self.segments.len() };
        long_enough && self.segments.iter().zip(parts).all(|(segment, part)| segment.suits(part))
    }

    fn preference(&self) -> (Vec<u8>, bool) {
        (self.segments.iter().map(Segment::rank).collect(), self.method == "ANY")
    }

    fn parameters(&self, parts: &[&str]) -> BTreeMap<String, String> {
        let named = |(place, segment): (usize, &Segment)| match segment {
            Segment::Exact(_) => None,
            Segment::One(name) => Some((name.clone(), decoded(parts.get(place)?))),
            Segment::Rest(name) => Some((name.clone(), decoded(&parts.get(place..)?.join("/")))),
        };
        self.segments.iter().enumerate().filter_map(named).collect()
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Rest(name.to_owned()),
                None => Self::One(name.to_owned()),
            },
            None => Self::Exact(text.to_owned()),
        }
    }

    fn suits(&self, part: &str) -> bool {
        match self {
            Self::Exact(text) => text == part,
            Self::One(_) | Self::Rest(_) => !part.is_empty(),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Exact(_) => 0,
            Self::One(_) => 1,
            Self::Rest(_) => 2,
        }
    }
}

/// The text without percent signs that stand for other bytes; what is no UTF-8 is replaced.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let code = bytes.get(place + 1..place + 3).filter(|_| *byte == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok()).and_then(|code| u8::from_str_radix(code, 16).ok());
        plain.push(code.unwrap_or(*byte));
        place += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes<u8> {
        let mut routes = Routes::default();
        routes.add("GET", "/", 0);
        routes.add("GET", "/{proxy+}", 1);
        routes.add("GET", "/v1/channels", 2);
        routes.add("GET", "/v1/channels/{id}", 3);
        routes.add("POST", "/v1/channels/{id}/extend", 4);
        routes.add("GET", "/v1/channels/bulk", 5);
        routes.add("ANY", "/v1/channels/{id}", 6);
        routes
    }

    fn target(method: &str, path: &str) -> Option<u8> {
        routes().find(method, path).map(|found| *found.target)
    }

    #[test]
    fn the_most_specific_route_is_taken() {
        assert_eq!(target("GET", "/"), Some(0));
        assert_eq!(target("GET", "/v1/channels"), Some(2));
        assert_eq!(target("GET", "/v1/channels/bulk"), Some(5));
        assert_eq!(target("GET", "/v1/channels/chn_1"), Some(3));
        assert_eq!(target("DELETE", "/v1/channels/chn_1"), Some(6));
        assert_eq!(target("GET", "/channels/x/y"), Some(1));
    }

    #[test]
    fn another_method_or_a_slash_too_much_is_another_route() {
        assert_eq!(target("POST", "/v1/channels"), None);
        assert_eq!(target("HEAD", "/"), None);
        assert_eq!(target("GET", "/v1/channels/"), Some(1), "nothing is left for {{id}}");
        assert_eq!(target("POST", "/v1/channels//extend"), None);
    }

    #[test]
    fn parameters_are_decoded() {
        let routes = routes();
        let found = routes.find("POST", "/v1/channels/chn%201%2F2/extend").unwrap();
        assert_eq!(found.key, "POST /v1/channels/{id}/extend");
        assert_eq!(found.parameters["id"], "chn 1/2");
        let found = routes.find("GET", "/docs/ar/%D8%A3/").unwrap();
        assert_eq!(found.parameters["proxy"], "docs/ar/أ/");
    }

    #[test]
    fn a_percent_sign_that_stands_for_nothing_stays() {
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("%ff"), "\u{fffd}");
    }
}
