//! `multipart/form-data`, read into pairs of name and text; a file becomes a data URI, which is
//! how every sending route takes media anyway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The most parts of one body.
const PARTS_LIMIT: usize = 200;
const HEAD_END: &[u8] = b"\r\n\r\n";

/// The boundary that a content type names.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let parameters = content_type.split(';').skip(1);
    let named = parameters.filter_map(|parameter| parameter.trim().split_once('='));
    let mut boundaries = named.filter(|(name, _)| name.eq_ignore_ascii_case("boundary"));
    boundaries.next().map(|(_, value)| value.trim_matches('"').to_owned()).filter(|value| !value.is_empty())
}

/// The parts of a body; what is malformed is left out.
pub(crate) fn pairs(body: &[u8], boundary: &str) -> Vec<(String, String)> {
    let delimiter = format!("--{boundary}");
    let mut rest = body;
    let mut found = Vec::new();
    for _ in 0..PARTS_LIMIT {
        let Some(start) = position(rest, delimiter.as_bytes()) else {
            break;
        };
        let after = rest.get(start + delimiter.len()..).unwrap_or_default();
        let end = position(after, delimiter.as_bytes()).unwrap_or(after.len());
        found.extend(after.get(..end).and_then(part));
        rest = after.get(end..).unwrap_or_default();
    }
    found
}

fn part(bytes: &[u8]) -> Option<(String, String)> {
    let split = position(bytes, HEAD_END)?;
    let head = String::from_utf8_lossy(bytes.get(..split)?).into_owned();
    let content = bytes.get(split + HEAD_END.len()..)?;
    let content = content.strip_suffix(b"\r\n").unwrap_or(content);
    let disposition = header(&head, "content-disposition")?;
    let name = parameter(&disposition, "name")?;
    if parameter(&disposition, "filename").is_none() {
        return Some((name, String::from_utf8_lossy(content).into_owned()));
    }
    let mime = header(&head, "content-type").unwrap_or_else(|| "application/octet-stream".to_owned());
    Some((name, format!("data:{mime};base64,{}", STANDARD.encode(content))))
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

fn parameter(value: &str, name: &str) -> Option<String> {
    let mut parameters = value.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    parameters.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, text)| text.trim_matches('"').to_owned())
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_text_and_files_are_data_uris() {
        let kind = "multipart/form-data; boundary=\"xyz\"";
        let body = "--xyz\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n97333123456\r\n\
                    --xyz\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--xyz--\r\n";
        let found = pairs(body.as_bytes(), &boundary(kind).unwrap());
        let expected = [("to", "97333123456"), ("media", "data:image/png;base64,UE5H")];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_body_cut_short_gives_what_it_has() {
        assert!(pairs(b"--xyz\r\nContent-Disp", "xyz").is_empty());
        assert_eq!(boundary("multipart/form-data"), None);
    }
}
