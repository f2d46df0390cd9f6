//! journeys: to come.
