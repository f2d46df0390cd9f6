//! Screens that a page is looked at on, and the pictures that are kept of it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Browser;

/// A screen, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
}

/// A desk.
pub const DESKTOP: Screen = Screen { width: 1440, height: 900 };
/// A usual phone.
pub const PHONE: Screen = Screen { width: 390, height: 844 };
/// The narrowest phone that must do.
pub const NARROWEST: Screen = Screen { width: 320, height: 640 };
/// A desk at 200 % zoom: half the pixels each way.
pub const ZOOMED: Screen = Screen { width: 720, height: 450 };
/// Up to this width a screen is a phone's.
const PHONE_WIDTH: u32 = 600;

/// What the system prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Look {
    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Browser {
    /// Looks at the page on this screen. Nothing moves there, so that pictures are of something finished.
    pub async fn at(&self, screen: Screen, look: Look) {
        let Screen { width, height } = screen;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width <= PHONE_WIDTH });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let features = json!([
            { "name": "prefers-color-scheme", "value": look.name() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        self.drawn().await;
    }

    /// Keeps pictures of the page on desk and phone, light and dark, and proves that it fits on the
    /// narrowest phone and zoomed in; ends on the desk.
    pub async fn picture(&self, name: &str) {
        for look in [Look::Light, Look::Dark] {
            self.picture_on(name, &[DESKTOP, PHONE], look).await;
        }
        self.fits_everywhere(name).await;
    }

    /// Proves that nothing is wider than the narrowest phone, or than a desk at 200 %; ends on the desk.
    pub async fn fits_everywhere(&self, name: &str) {
        self.fits_on(NARROWEST, name).await;
        self.fits_on(ZOOMED, name).await;
        self.at(DESKTOP, Look::Light).await;
    }

    /// Keeps pictures of the page on these screens and proves that it fits there.
    pub async fn picture_on(&self, name: &str, screens: &[Screen], look: Look) {
        for screen in screens {
            self.at(*screen, look).await;
            self.fits(name, *screen).await;
            let Screen { width, height } = screen;
            self.keep(&format!("{name}-{}-{width}x{height}", look.name())).await;
        }
    }

    /// Proves that nothing is wider than this screen.
    pub async fn fits_on(&self, screen: Screen, name: &str) {
        self.at(screen, Look::Light).await;
        self.fits(name, screen).await;
    }

    async fn fits(&self, name: &str, screen: Screen) {
        let wide = self.too_wide().await;
        assert!(wide.is_empty(), "{name} at {} px: {wide:#?}", screen.width);
    }

    /// Keeps one picture of what stands there.
    pub(super) async fn keep(&self, name: &str) {
        let shot = self.devtools("Page.captureScreenshot", json!({ "format": "png", "optimizeForSpeed": true })).await;
        let bytes = shot["data"].as_str().and_then(|data| STANDARD.decode(data).ok()).expect("a picture");
        let folder = folder();
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("a picture can be kept");
    }

    /// Waits until the next two frames are drawn: what was changed is then on the screen.
    async fn drawn(&self) {
        let frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
        let _ = self.driver.execute_async(frames, Vec::<Value>::new()).await;
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots")
}
