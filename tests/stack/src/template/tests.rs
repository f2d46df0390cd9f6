//! The template read and resolved, on small templates and on the product's own.

use std::collections::BTreeMap;

use super::*;

const SMALL: &str = r#"
Parameters:
  PublicUrl: {Type: String}
  Issuer: {Type: String, Default: ""}
  Level: {Type: String, Default: info, AllowedValues: [info, debug]}
Conditions:
  OwnIssuer: !Equals [!Ref Issuer, ""]
  Loud: !Not [!Condition Quiet]
  Quiet: !Or [!Equals [!Ref Level, info], !Equals [!Ref Level, warn]]
Globals:
  Function:
    Timeout: 7
    Environment:
      Variables: {LEVEL: !Ref Level, WHERE: !Sub "${PublicUrl}/x/${!literal}"}
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead: {Type: AWS::SQS::Queue}
  Never: {Type: AWS::SQS::Queue, Condition: Loud}
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/one_thing/
      Role: !GetAtt Nothing.Arn
      Environment:
        Variables:
          JOBS: !Ref Jobs
          LEVEL: debug
          MANY: 120
          ISSUER: !If [OwnIssuer, !Ref PublicUrl, !GetAtt Pool.ProviderName]
          LIST: !Join ["-", [a, !Select [1, !Split [",", "x,y"]], !If [Loud, b, !Ref AWS::NoValue]]]
      Events:
        Get: {Type: HttpApi, Properties: {Method: get, Path: "/v1/{id}", Auth: {Authorizer: NONE}}}
        Tick: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute), Input: '{"job":"sweep"}'}}
"#;

fn given(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn facts() -> Facts {
    let mut facts = Facts::new("us-east-1");
    facts.learn("Jobs", "http://localhost:1/jobs");
    facts
}

#[test]
fn a_function_gets_its_own_variables_over_the_globals_with_nothing_left_to_look_up() {
    let template = Template::parse(SMALL, &given(&[("PublicUrl", "http://here")])).unwrap();
    let functions = template.functions(&facts()).unwrap();
    let [one] = functions.as_slice() else { panic!("{functions:?}") };
    assert_eq!((one.id.as_str(), one.crate_name.as_str()), ("OneFunction", "one_thing"));
    assert_eq!(one.timeout.as_secs(), 7);
    let expected = [
        ("ISSUER", "http://here"),
        ("JOBS", "http://localhost:1/jobs"),
        ("LEVEL", "debug"),
        ("LIST", "a-y"),
        ("MANY", "120"),
        ("WHERE", "http://here/x/${literal}"),
    ];
    assert_eq!(one.variables, given(&expected));
    assert_eq!(one.routes, [Route { method: "GET".to_owned(), path: "/v1/{id}".to_owned(), open: true }]);
    assert_eq!(one.schedules[0].job(), "sweep");
}

#[test]
fn queues_that_others_redrive_to_are_made_first_and_conditions_hold() {
    let template = Template::parse(SMALL, &given(&[("PublicUrl", "http://here")])).unwrap();
    let queues = template.stores(&facts()).unwrap().queues;
    let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
    assert_eq!(names, ["daypass-dead", "daypass-jobs"]);
    let redrive = queues[1].redrive.as_ref().unwrap();
    assert_eq!((redrive.arn.as_str(), redrive.receives), ("arn:aws:sqs:us-east-1:000000000000:daypass-dead", 3));
    assert_eq!(queues[1].attributes, given(&[("VisibilityTimeout", "60")]));
}

#[test]
fn what_stands_for_nothing_here_is_named_with_its_place() {
    let needs = Template::parse(SMALL, &BTreeMap::new()).err().unwrap();
    assert_eq!(needs.to_string(), "template: Parameters.PublicUrl: needs a value");
    let wrong = Template::parse(SMALL, &given(&[("PublicUrl", "x"), ("Level", "loud")])).err().unwrap();
    assert_eq!(wrong.to_string(), "template: Parameters.Level: loud is not one of its values");
    let elsewhere = Template::parse(SMALL, &given(&[("PublicUrl", "x"), ("Issuer", "http://other")])).unwrap();
    let error = elsewhere.functions(&facts()).err().unwrap();
    assert_eq!(error.to_string(), "template: OneFunction: Pool.ProviderName stands for nothing on this machine");
}

#[test]
fn the_products_template_is_understood_from_end_to_end() {
    let given = given(&[("PublicUrl", "http://here"), ("OidcIssuer", "http://issuer"), ("OidcClientId", "console")]);
    let template = Template::open(&crate::product_template(), &given).unwrap();
    let facts = {
        let mut facts = Facts::new("us-east-1");
        facts.learn_attribute("Table", "StreamArn", "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1");
        facts
    };
    let stores = template.stores(&facts).unwrap();
    let table = &stores.tables[0];
    assert_eq!(table.indexes[0].name, "due");
    assert_eq!(table.stream.as_deref(), Some("NEW_AND_OLD_IMAGES"));
    assert_eq!(table.expires_by.as_deref(), Some("expires_at"));
    assert_eq!(stores.secrets.iter().filter(|secret| secret.value == SecretValue::Keyring).count(), 1);
    let functions = template.functions(&facts).unwrap();
    assert_eq!(functions.len(), 13);
    let authorizer = template.authorizer().unwrap().unwrap();
    assert_eq!((authorizer.function.as_str(), authorizer.keep_for.as_secs()), ("AuthorizerFunction", 60));
    assert_eq!(authorizer.headers, ["authorization"]);
    let jobs: Vec<&str> = functions.iter().flat_map(|function| &function.schedules).map(Schedule::job).collect();
    for job in ["sweep", "reconcile-paypal", "reconcile-whapi", "audit-ledger"] {
        assert!(jobs.contains(&job), "{job}");
    }
}

#[test]
fn no_function_of_the_product_is_given_what_is_not_its_business() {
    let given = given(&[("PublicUrl", "http://here"), ("OidcIssuer", "http://issuer"), ("OidcClientId", "console")]);
    let template = Template::open(&crate::product_template(), &given).unwrap();
    let mut facts = Facts::new("us-east-1");
    facts.learn_attribute("Table", "StreamArn", "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1");
    let functions = template.functions(&facts).unwrap();
    let has = |name: &str, variable: &str| {
        let function = functions.iter().find(|function| function.crate_name == name).unwrap();
        function.variables.contains_key(variable)
    };
    assert!(!has("qr", "DAYPASS_PLATFORM_SECRET"), "linking needs no partner token");
    assert!(!has("relay", "DAYPASS_TABLE"), "the relay reads the stream only");
    for variable in ["DAYPASS_TABLE", "DAYPASS_BUCKET", "DAYPASS_PLATFORM_SECRET", "DAYPASS_KEYRING_SECRET"] {
        assert!(!has("console", variable), "the console reaches no data: {variable}");
    }
    assert!(has("worker", "DAYPASS_PLATFORM_SECRET") && has("worker", "DAYPASS_LATE_REQUEST_SECONDS"));
}

#[test]
fn no_role_of_the_product_reaches_further_than_its_function_needs() {
    let given = given(&[("PublicUrl", "http://here"), ("OidcIssuer", "http://issuer"), ("OidcClientId", "console")]);
    let template = Template::open(&crate::product_template(), &given).unwrap();
    let mut facts = Facts::new("us-east-1");
    let (table, stream) = ("arn:table", "arn:table/stream/1");
    facts.learn_attribute("Table", "Arn", table);
    facts.learn_attribute("Table", "StreamArn", stream);
    facts.learn_attribute("JobsQueue", "Arn", "arn:jobs");
    let functions = template.functions(&facts).unwrap();
    for function in &functions {
        let policy = template.policy(&function.id, &facts).unwrap().unwrap_or_else(|| panic!("{} has no role of its own", function.id));
        assert_eq!(policy.boundless(), ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "{}", function.id);
        for action in ["dynamodb:DeleteTable", "dynamodb:UpdateTable", "secretsmanager:PutSecretValue", "s3:DeleteObject"] {
            assert!(!policy.allows(action, table), "{}: {action}", function.id);
        }
        let source = |action: &str, on: &str| assert!(policy.allows(action, on), "{}: {action}", function.id);
        for _ in &function.queues {
            for name in ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"] {
                source(&format!("sqs:{name}"), "arn:jobs");
            }
        }
        for _ in &function.streams {
            for name in ["DescribeStream", "GetRecords", "GetShardIterator"] {
                source(&format!("dynamodb:{name}"), stream);
            }
            source("s3:PutObject", "arn:aws:s3:::daypass-bucket/aws/lambda/x");
        }
        if function.crate_name != "schedule" {
            assert!(!policy.allows("dynamodb:Scan", table), "{} may not scan", function.id);
        }
    }
    let console = template.policy("ConsoleFunction", &facts).unwrap().unwrap();
    assert!(!console.allows("dynamodb:GetItem", table), "the console reaches no data");
}
