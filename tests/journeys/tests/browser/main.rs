//! What people meet in the browser: the whole main job, what goes wrong, and how it looks on each screen.

mod browser_job;
mod browser_looks;
mod browser_reach;
mod browser_trouble;
mod people;
