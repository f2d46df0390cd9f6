//! What callers see at the gateway.

use jiff::SignedDuration;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn a_function_gets_the_event_that_api_gateway_would_send() {
    let bench = Bench::start().await;
    let request = bench.request("POST", "/v1/things/a%20b?x=1&x=2&y=%C3%A9").bearer_auth("huda");
    let request = request.header("Cookie", "a=1; b=2").header("X-Many", "one").header("X-Many", "two").json(&json!({ "n": 1 }));
    let (status, answer) = bench.json(request).await;
    assert_eq!(status, 200);
    let event = &answer["event"];
    assert_eq!((&event["version"], &event["routeKey"]), (&json!("2.0"), &json!("POST /v1/things/{id}")));
    assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!("/v1/things/a b"), &json!("x=1&x=2&y=%C3%A9")));
    assert_eq!(event["pathParameters"], json!({ "id": "a b" }));
    assert_eq!(event["queryStringParameters"], json!({ "x": "1,2", "y": "é" }));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!((&event["headers"]["x-many"], &event["headers"]["cookie"]), (&json!("one,two"), &json!(null)));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{\"n\":1}"), &json!(false)));
    let context = &event["requestContext"];
    assert_eq!(context["authorizer"]["lambda"]["user_id"], "huda");
    assert_eq!(context["authorizer"]["lambda"]["route"], "arn:aws:execute-api:us-east-1:000000000000:daypass/$default/POST/v1/things/{id}");
    assert_eq!((&context["http"]["method"], &context["http"]["sourceIp"]), (&json!("POST"), &json!("127.0.0.1")));
    assert!(context["requestId"].as_str().is_some_and(|id| id.len() == 16), "{context}");
    assert!(context["timeEpoch"].as_i64().is_some_and(|ms| ms > 1_700_000_000_000), "{context}");
}

#[tokio::test]
async fn what_is_not_known_to_be_text_comes_in_base64() {
    let bench = Bench::start().await;
    let form = bench.request("POST", "/open/form").header("content-type", "application/x-www-form-urlencoded").body("a=1");
    let (_, answer) = bench.json(form).await;
    assert_eq!((&answer["event"]["body"], &answer["event"]["isBase64Encoded"]), (&json!("YT0x"), &json!(true)));
    let (_, answer) = bench.get("/open/none").await;
    assert_eq!((&answer["event"]["body"], &answer["event"]["isBase64Encoded"]), (&json!(null), &json!(false)));
    assert_eq!(answer["event"]["requestContext"]["authorizer"], json!(null));
    let kept = bench.request("POST", "/pages/form").header("content-type", "application/x-www-form-urlencoded").body("a=1");
    assert_eq!(bench.json(kept).await, (200, json!("3 bytes of application/x-www-form-urlencoded")));
}

#[tokio::test]
async fn a_function_has_the_variables_of_its_template_and_those_of_lambda_and_no_others() {
    let bench = Bench::start().await;
    let (_, answer) = bench.get("/open/variables").await;
    let names: Vec<&String> = answer["variables"].as_object().unwrap().keys().collect();
    let lambdas = ["AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION", "AWS_SECRET_ACCESS_KEY"];
    assert_eq!(names, [&lambdas[..], &["JOBS", "THINGS"]].concat());
    assert_eq!(answer["variables"]["THINGS"], "daypass-things");
    assert_eq!(answer["variables"]["JOBS"], bench.queue_url("Jobs").await);
}

#[tokio::test]
async fn the_gateway_answers_itself_where_api_gateway_does() {
    let bench = Bench::start().await;
    assert_eq!(bench.get("/nowhere").await, (404, json!({ "message": "Not Found" })));
    assert_eq!(bench.get("/v1/things/1").await, (404, json!({ "message": "Not Found" })), "another method");
    assert_eq!(bench.post("/v1/things/1", json!({})).await, (401, json!({ "message": "Unauthorized" })));
    assert_eq!(bench.seen().asked, 0, "without the header nobody is asked");
    let refused = bench.request("POST", "/v1/things/1").header("Authorization", "no");
    assert_eq!(bench.json(refused).await, (403, json!({ "message": "Forbidden" })));
    let broken = bench.request("POST", "/v1/things/1").header("Authorization", "break");
    assert_eq!(bench.json(broken).await, (500, json!({ "message": "Internal Server Error" })));
}

#[tokio::test]
async fn the_authorizers_answer_is_kept_for_a_minute_of_the_clock() {
    let bench = Bench::start().await;
    let call = || async { bench.json(bench.request("POST", "/v1/things/1").bearer_auth("huda")).await.0 };
    assert_eq!((call().await, call().await), (200, 200));
    assert_eq!(bench.seen().asked, 1);
    bench.stack.clock().advance(SignedDuration::from_secs(61));
    assert_eq!(call().await, 200);
    assert_eq!(bench.seen().asked, 2);
    let other = bench.json(bench.request("POST", "/v1/things/1").bearer_auth("ali")).await;
    assert_eq!(other.1["event"]["requestContext"]["authorizer"]["lambda"]["user_id"], "ali");
    assert_eq!(bench.seen().asked, 3, "another header is another caller");
}

#[tokio::test]
async fn limits_of_size_and_time_are_those_of_aws() {
    let bench = Bench::start().await;
    let send = |bytes: usize| bench.json(bench.request("POST", "/pages/x").header("content-type", "text/plain").body("x".repeat(bytes)));
    assert_eq!(send(6_000_000).await, (200, json!("6000000 bytes of text/plain")));
    assert_eq!(send(6_300_000).await, (413, json!({ "message": "Request Too Long" })));
    assert_eq!(send(10 * 1024 * 1024 + 1).await, (413, json!({ "message": "Request Entity Too Large" })));
    let broken = (500, json!({ "message": "Internal Server Error" }));
    assert_eq!(bench.get("/pages/much").await, broken, "an answer over Lambda's limit");
    assert_eq!(bench.get("/pages/broken").await, broken, "a panic");
    assert_eq!(bench.get("/pages/slow").await, broken, "the function's own timeout");
}

#[tokio::test]
async fn bytes_and_cookies_come_through() {
    let bench = Bench::start().await;
    let answer = bench.request("GET", "/pages/picture").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert!(answer.headers().contains_key("apigw-requestid"));
    assert_eq!(answer.bytes().await.unwrap().as_ref(), [0, 159, 146, 150]);
    let answer = bench.request("GET", "/pages/cookies").send().await.unwrap();
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "b=2; Secure"]);
    assert_eq!(bench.get("/pages/other").await, (404, json!("other")), "a function's own 404 is its own");
}

#[tokio::test]
async fn browsers_of_the_public_address_are_let_in_and_others_are_not() {
    let bench = Bench::start().await;
    let preflight = |origin: &str| {
        let request = bench.request("OPTIONS", "/v1/things/1").header("Origin", origin);
        request.header("Access-Control-Request-Method", "POST").send()
    };
    let answer = preflight(bench.stack.url()).await.unwrap();
    assert_eq!(answer.status().as_u16(), 204);
    assert_eq!(answer.headers()["access-control-allow-origin"], bench.stack.url());
    assert_eq!(answer.headers()["access-control-allow-methods"], "GET,POST");
    assert_eq!(answer.headers()["access-control-max-age"], "600");
    let answer = preflight("https://elsewhere.example.test").await.unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let answer = bench.request("GET", "/open/x").header("Origin", bench.stack.url()).send().await.unwrap();
    assert_eq!(answer.headers()["access-control-expose-headers"], "retry-after");
}
