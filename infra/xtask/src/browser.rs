//! The browser that the browser tests steer: Chromium and its driver, found or installed.

use std::env;
use std::path::PathBuf;

use crate::debian;
use crate::project::{Project, find};
use crate::run::{Outcome, say};

/// Names that the browser has on different machines.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER: &str = "chromedriver";
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// The programs' paths, as variables for the tests.
pub(crate) fn variables() -> Option<[(&'static str, PathBuf); 2]> {
    let said = |name: &str| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let browser = said("CHROMIUM").or_else(|| BROWSERS.into_iter().find_map(find))?;
    let driver = said("CHROMEDRIVER").or_else(|| find(DRIVER))?;
    Some([("CHROMIUM", browser), ("CHROMEDRIVER", driver)])
}

/// Makes sure that both are here.
pub(crate) fn ready(project: &Project) -> Outcome {
    if variables().is_none() {
        debian::install(project, &PACKAGES)?;
    }
    let found = variables().ok_or("Chromium and its driver are not on the path. Set CHROMIUM and CHROMEDRIVER to their paths.")?;
    found.into_iter().for_each(|(name, path)| say(&format!("{name}={}", path.display())));
    Ok(())
}
