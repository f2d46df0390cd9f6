//! The linking QR code as a PNG, in the sizes and colours that a caller may ask for.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgb, RgbImage, imageops};
use qrcode::{EcLevel, QrCode};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::session::Shown;

/// The side of an image nobody gave a size for, in pixels.
const SIDE: u32 = 256;
/// The smallest and largest side that is drawn, in pixels.
const SIDES: (u32, u32) = (64, 2_048);
const PREFIX: &str = "data:image/png;base64,";

/// How the image shall look.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: [u8; 3],
    pub(crate) light: [u8; 3],
}

impl Default for Look {
    fn default() -> Self {
        Self { width: SIDE, height: SIDE, dark: [0, 0, 0], light: [255, 255, 255] }
    }
}

impl Look {
    /// The look that a query asks for; what makes no sense is held at the nearest that does.
    pub(crate) fn asked(asked: impl Fn(&str) -> Option<String>) -> Self {
        let plain = Self::default();
        let side = |name: &str| asked(name).and_then(|text| text.parse::<f64>().ok()).map(|side| (side as u32).clamp(SIDES.0, SIDES.1));
        let size = side("size");
        Self {
            width: side("width").or(size).unwrap_or(plain.width),
            height: side("height").or(size).unwrap_or(plain.height),
            dark: asked("color_dark").and_then(|text| color(&text)).unwrap_or(plain.dark),
            light: asked("color_light").and_then(|text| color(&text)).unwrap_or(plain.light),
        }
    }
}

fn color(text: &str) -> Option<[u8; 3]> {
    let bytes = hex::decode(text.trim_start_matches('#')).ok()?;
    bytes.get(..3)?.try_into().ok()
}

/// The code as PNG bytes.
pub(crate) fn png(rowdata: &str, look: &Look) -> Result<Vec<u8>, Refusal> {
    let failed = || Refusal::new(http::StatusCode::UNPROCESSABLE_ENTITY, "Render QR failed");
    let code = QrCode::with_error_correction_level(rowdata, EcLevel::L).map_err(|_| failed())?;
    let drawn: RgbImage =
        code.render::<Rgb<u8>>().dark_color(Rgb(look.dark)).light_color(Rgb(look.light)).max_dimensions(look.width, look.height).build();
    // Centred on a plain sheet, so that modules stay whole and the size is the one asked for.
    let width = look.width.max(drawn.width());
    let height = look.height.max(drawn.height());
    let mut sheet = RgbImage::from_pixel(width, height, Rgb(look.light));
    let (left, top) = ((width - drawn.width()) / 2, (height - drawn.height()) / 2);
    imageops::replace(&mut sheet, &drawn, i64::from(left), i64::from(top));
    let mut bytes = Cursor::new(Vec::new());
    sheet.write_to(&mut bytes, ImageFormat::Png).map_err(|_| failed())?;
    Ok(bytes.into_inner())
}

/// The QR answer of the login calls for a code that is shown.
pub(crate) fn answer(shown: &Shown, now_ms: i64, bare: bool, look: &Look) -> Result<Value, Refusal> {
    let image = STANDARD.encode(png(&shown.rowdata, look)?);
    let base64 = if bare { image } else { format!("{PREFIX}{image}") };
    Ok(json!({"status": "OK", "base64": base64, "expire": expires_in_s(shown, now_ms)}))
}

/// Whole seconds until a code expires, rounded up.
pub(crate) fn expires_in_s(shown: &Shown, now_ms: i64) -> i64 {
    (shown.expires_ms - now_ms).max(0).div_euclid(1_000) + i64::from((shown.expires_ms - now_ms).rem_euclid(1_000) > 0)
}
