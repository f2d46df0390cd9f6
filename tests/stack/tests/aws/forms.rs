//! What a browser may do with a bucket: upload by a signed form, and read answers if the bucket's
//! rules let its page.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;
use ring::hmac;
use serde_json::json;

use super::s3::{BUCKET, put, with_bucket, with_versions};
use super::world::{World, call};

/// What a browser is given to upload one proof: an image of at most 100 bytes under a prefix.
struct Form {
    fields: Vec<(String, String)>,
}

fn signed_form(world: &World) -> Form {
    let now = world.clock.now();
    let date = now.strftime("%Y%m%d").to_string();
    let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let expiration = (now + SignedDuration::from_mins(10)).strftime("%Y-%m-%dT%H:%M:%SZ");
    let credential = format!("{}/{date}/us-east-1/s3/aws4_request", world.aws.access_key_id());
    let policy = json!({
        "expiration": expiration.to_string(),
        "conditions": [
            {"bucket": BUCKET},
            ["starts-with", "$key", "offline/"],
            ["eq", "$Content-Type", "image/png"],
            ["content-length-range", 1, 100],
            {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
            {"x-amz-credential": credential},
            {"x-amz-date": time},
        ],
    });
    let policy = STANDARD.encode(policy.to_string());
    let mut signature = format!("AWS4{}", world.aws.secret_access_key()).into_bytes();
    for part in [&date, "us-east-1", "s3", "aws4_request", &policy] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &signature);
        signature = hmac::sign(&key, part.as_bytes()).as_ref().to_vec();
    }
    let fields = [
        ("key", "offline/proof.png".to_owned()),
        ("Content-Type", "image/png".to_owned()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential", credential),
        ("x-amz-date", time),
        ("policy", policy),
        ("x-amz-signature", hex::encode(signature)),
    ];
    Form { fields: fields.map(|(name, value)| (name.to_owned(), value)).to_vec() }
}

impl Form {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _value)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    async fn post(&self, world: &World, file: &str) -> Response<Bytes> {
        let mut body = String::new();
        for (name, value) in &self.fields {
            body += &format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        body += &format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.png\"\r\n\
             Content-Type: image/png\r\n\r\n{file}\r\n--edge--\r\n"
        );
        let request = Request::post(format!("{}/{BUCKET}", world.aws.url()))
            .header("content-type", "multipart/form-data; boundary=edge")
            .header("origin", "http://localhost:3000")
            .body(body);
        call(request.unwrap()).await
    }
}

#[tokio::test]
async fn a_browsers_form_uploads_what_its_policy_allows_and_nothing_else() {
    let world = with_versions().await;
    let uploaded = signed_form(&world).post(&world, "picture").await;
    assert_eq!(uploaded.status(), 204, "{:?}", uploaded.body());
    assert!(uploaded.headers().contains_key("x-amz-version-id"));
    let head = world.clients.s3.head_object().bucket(BUCKET).key("offline/proof.png");
    let head = head.send().await.unwrap();
    assert_eq!((head.content_type(), head.content_length()), (Some("image/png"), Some(7)));

    let elsewhere = signed_form(&world).with("key", "raw/event");
    let other_type = signed_form(&world).with("Content-Type", "text/html");
    let extra = signed_form(&world).with("acl", "public-read");
    let forged = signed_form(&world).with("x-amz-signature", &"0".repeat(64));
    for (form, code) in
        [(elsewhere, "AccessDenied"), (other_type, "AccessDenied"), (extra, "AccessDenied"), (forged, "SignatureDoesNotMatch")]
    {
        let refused = form.post(&world, "picture").await;
        let body = String::from_utf8_lossy(refused.body()).into_owned();
        assert_eq!(refused.status(), 403, "{body}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}");
    }
    for (file, code) in [("x".repeat(101), "EntityTooLarge"), (String::new(), "EntityTooSmall")] {
        let refused = signed_form(&world).post(&world, &file).await;
        let body = String::from_utf8_lossy(refused.body()).into_owned();
        assert_eq!(refused.status(), 400, "{body}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}");
    }
    let listed = world.clients.s3.list_object_versions().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.versions().len(), 1, "what was refused is not stored");
}

#[tokio::test]
async fn a_policy_runs_out_and_starts_by_the_clock() {
    let world = with_bucket().await;
    let form = signed_form(&world);
    world.advance(SignedDuration::from_mins(9)).await;
    assert_eq!(form.post(&world, "picture").await.status(), 204);
    world.advance(SignedDuration::from_mins(2)).await;
    let late = form.post(&world, "picture").await;
    assert_eq!(late.status(), 403);
    let body = String::from_utf8_lossy(late.body()).into_owned();
    assert!(body.contains("Policy expired"), "{body}");

    world.advance(SignedDuration::from_hours(90 * 24)).await;
    assert_eq!(signed_form(&world).post(&world, "picture").await.status(), 204);
    put(&world, "signed-by-machine-time", "fine").await;
}

#[tokio::test]
async fn only_the_consoles_page_may_read_answers() {
    let world = with_bucket().await;
    let rule = CorsRule::builder()
        .allowed_origins("http://localhost:3000")
        .allowed_methods("POST")
        .allowed_headers("*")
        .expose_headers("ETag")
        .build()
        .unwrap();
    let rules = CorsConfiguration::builder().cors_rules(rule).build().unwrap();
    let put = world.clients.s3.put_bucket_cors().bucket(BUCKET).cors_configuration(rules);
    put.send().await.unwrap();

    let uploaded = signed_form(&world).post(&world, "picture").await;
    assert_eq!(uploaded.headers()["access-control-allow-origin"], "http://localhost:3000");
    assert_eq!(uploaded.headers()["access-control-expose-headers"], "ETag");
    let ask = |origin: &str, method: &str| {
        let request = Request::options(format!("{}/{BUCKET}", world.aws.url()))
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "X-Anything");
        call(request.body("").unwrap())
    };
    let allowed = ask("http://localhost:3000", "POST").await;
    assert_eq!(allowed.status(), 200);
    assert_eq!(allowed.headers()["access-control-allow-headers"], "x-anything");
    assert_eq!(ask("http://localhost:3000", "DELETE").await.status(), 403);
    assert_eq!(ask("http://evil.test", "POST").await.status(), 403);
}
