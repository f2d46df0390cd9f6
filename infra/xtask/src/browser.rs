//! The browser that the browser tests steer: Chromium and its driver, found or installed; and npm, by which they
//! fetch the rules of accessibility that they count.

use std::env;
use std::path::PathBuf;

use crate::debian;
use crate::project::{Project, find};
use crate::run::{Outcome, say};

/// Names that the browser has on different machines.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER: &str = "chromedriver";
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const FETCHER: &str = "npm";

/// The programs' paths, as variables for the tests.
pub(crate) fn variables() -> Option<[(&'static str, PathBuf); 2]> {
    let said = |name: &str| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let browser = said("CHROMIUM").or_else(|| BROWSERS.into_iter().find_map(find))?;
    let driver = said("CHROMEDRIVER").or_else(|| find(DRIVER))?;
    Some([("CHROMIUM", browser), ("CHROMEDRIVER", driver)])
}

/// Makes sure that all are here.
pub(crate) fn ready(project: &Project) -> Outcome {
    if variables().is_none() {
        debian::install(project, &PACKAGES)?;
    }
    if find(FETCHER).is_none() {
        debian::install(project, &[FETCHER])?;
    }
    let found = variables().ok_or("Chromium and its driver are not on the path. Set CHROMIUM and CHROMEDRIVER to their paths.")?;
    found.into_iter().for_each(|(name, path)| say(&format!("{name}={}", path.display())));
    Ok(())
}
