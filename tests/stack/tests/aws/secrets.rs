//! Secrets: versions and their labels, and identities that stay.

use aws_sdk_secretsmanager::error::ProvideErrorMetadata;

use super::world::fresh;

#[tokio::test]
async fn the_current_and_the_previous_version_are_both_to_be_had() {
    let world = fresh().await;
    let secrets = &world.clients.secrets;
    let made = secrets.create_secret().name("daypass/keyring").secret_string("one");
    let made = made.send().await.unwrap();
    secrets.put_secret_value().secret_id("daypass/keyring").secret_string("two").send().await.unwrap();

    let current = secrets.get_secret_value().secret_id(made.arn().unwrap()).send().await.unwrap();
    assert_eq!(current.secret_string(), Some("two"));
    assert_eq!(current.arn(), made.arn());
    let previous = secrets.get_secret_value().secret_id("daypass/keyring");
    let previous = previous.version_stage("AWSPREVIOUS").send().await.unwrap();
    assert_eq!(previous.secret_string(), Some("one"));
    assert_eq!(previous.version_id(), made.version_id());

    let unnamed = secrets
        .update_secret_version_stage()
        .secret_id("daypass/keyring")
        .version_stage("AWSCURRENT")
        .set_move_to_version_id(made.version_id.clone());
    let unnamed = unnamed.send().await.expect_err("the holder is to be named");
    assert_eq!(unnamed.code(), Some("InvalidParameterException"));
    let back = secrets
        .update_secret_version_stage()
        .secret_id("daypass/keyring")
        .version_stage("AWSCURRENT")
        .set_move_to_version_id(made.version_id)
        .set_remove_from_version_id(current.version_id);
    back.send().await.expect("named, it moves");
    let current = secrets.get_secret_value().secret_id("daypass/keyring").send().await.unwrap();
    assert_eq!(current.secret_string(), Some("one"));
}

#[tokio::test]
async fn making_a_secret_twice_is_once_with_the_same_token_and_a_refusal_without() {
    let world = fresh().await;
    let token = "0123456789abcdef0123456789abcdef";
    let make = |value: &str| {
        let make = world.clients.secrets.create_secret().name("platform");
        make.client_request_token(token).secret_string(value).send()
    };
    let first = make("keys").await.unwrap();
    let again = make("keys").await.expect("the repeat is welcome");
    assert_eq!(first.arn(), again.arn());
    assert_eq!(first.version_id(), again.version_id());
    let other = make("others").await.expect_err("another value");
    assert_eq!(other.code(), Some("ResourceExistsException"));
    let missing = world.clients.secrets.get_secret_value().secret_id("nobody").send().await;
    assert_eq!(missing.expect_err("no such secret").code(), Some("ResourceNotFoundException"));
}
