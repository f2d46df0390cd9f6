//! The one address: who is let in, mail, and clients without a socket.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use http::Request;
use serde_json::json;

use super::world::{call, fresh};

#[tokio::test]
async fn a_key_that_nobody_gave_out_is_let_in_nowhere() {
    let world = fresh().await;
    let key = aws_credential_types::Credentials::from_keys("AKIASTRANGER00000000", "x", None);
    let config = world.clients.dynamodb.config().to_builder().credentials_provider(key.clone());
    let tables = aws_sdk_dynamodb::Client::from_conf(config.build()).list_tables().send().await;
    assert_eq!(tables.expect_err("a stranger").code(), Some("UnrecognizedClientException"));
    let config = world.clients.s3.config().to_builder().credentials_provider(key);
    let buckets = aws_sdk_s3::Client::from_conf(config.build()).list_buckets().send().await;
    let refused = buckets.expect_err("a stranger");
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
}

#[tokio::test]
async fn a_mail_lands_in_the_outbox() {
    let world = fresh().await;
    let mail = json!({
        "FromEmailAddress": "hello@daypass.test",
        "Destination": {"ToAddresses": ["demo@daypass.test"]},
        "Content": {"Simple": {
            "Subject": {"Data": "Your days are running out"},
            "Body": {"Text": {"Data": "Three days are left."}},
        }},
    });
    let scope = format!("{}/20261121/us-east-1/ses/aws4_request", world.aws.access_key_id());
    let request = Request::post(format!("{}/v2/email/outbound-emails", world.aws.url()))
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, Signature=0"))
        .body(mail.to_string());
    assert_eq!(call(request.unwrap()).await.status(), 200);
    let mail = world.mail.newest_to("demo@daypass.test").expect("it arrived");
    assert_eq!(mail.subject, "Your days are running out");
    assert_eq!(mail.text, "Three days are left.");
}

#[tokio::test]
async fn clients_without_a_socket_see_the_same_world() {
    let world = fresh().await;
    let inside = world.aws.clients();
    inside.s3.create_bucket().bucket("proofs").send().await.unwrap();
    let put = inside.s3.put_object().bucket("proofs").key("a").body(b"content".to_vec().into());
    put.send().await.expect("signed and stored without a socket");
    let got = world.clients.s3.get_object().bucket("proofs").key("a").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"content");
    world.aws.stop().await;
    let gone = inside.s3.list_buckets().send().await;
    assert!(gone.is_err(), "nobody is there any more");
}
