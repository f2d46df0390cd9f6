"""Where the sandbox does not answer as a provider's description says, each with its reason.

A correction mends a description that is wrong about itself or about the provider; nothing that it lists is left out.
Each is checked to be still needed for the description at hand: one that changes nothing fails.
"""

GATE = "whapi-gate.yaml"
MANAGER = "whapi-manager.json"
BILLING = "paypal-billing_subscriptions_v1.json"

SUCCESS = "the description asks for a member `result` that it does not have; WHAPI answers `success`"
OPUS = "`codecs=opus` is a parameter of the line before it, not a type of its own"
WRONG_QUERY = "the parameters have a type, so a wrong one must be refusable; other routes say 400"
NO_BODY = "an answer 204 has no body"
NO_SUCH = "an id that nobody has must be refusable; the routes beside it say 404"
MAY_NOT = "every other way to send, and every other way to lead a group, says 403 to who may not"
SIGNED_OUT = "without a linked phone WHAPI answers 401 `Need channel authorization`, as for other routes"

# (document, where, what to do there, why). Where: names from the top, or from every schema of a title. What to do: set a value, add one to a list, remove
# one from a list, or drop the place.
CORRECTIONS = [
    (MANAGER, ("titled ResponseSuccess", "required"), ("set", ["success"]), SUCCESS),
    (GATE, ("titled ResponseSuccess", "required"), ("set", ["success"]), SUCCESS),
    (GATE, ("titled ResponseListParticipants", "required"), ("set", ["success"]), SUCCESS),
    (GATE, ("components", "requestBodies", "UploadMedia", "content", "codecs=opus"), ("drop",), OPUS),
    (GATE, ("components", "responses", "Media", "content", "codecs=opus"), ("drop",), OPUS),
    (
        GATE,
        ("components", "schemas", "MediaWithUploadFromFile", "format"),
        ("drop",),
        "bytes cannot stand in JSON, which the same schema describes; files are sent as forms and as bodies",
    ),
    (
        GATE,
        ("components", "schemas", "WebhookEventType", "properties", "type", "enum"),
        ("add", "message"),
        "the description's own default for a webhook's events is the deprecated `message`",
    ),
    (
        GATE,
        ("components", "responses", "Image", "content", "application/json"),
        ("set", {"schema": {"type": "object", "required": ["status"]}}),
        "while there is no code to show yet, or no more, there is no picture but a status",
    ),
    (
        GATE,
        ("components", "schemas", "MessageContentInteractive", "allOf"),
        ("remove", {"$ref": "#/components/schemas/MediaFile"}),
        "an interactive message without a picture has no file to show",
    ),
    (
        GATE,
        ("components", "schemas", "SenderText", "allOf", 2, "properties", "typing_time", "maximum"),
        ("set", 0),
        "the sandbox types for as long as it is asked to, and nobody moves its clock here",
    ),
    (GATE, ("paths", "/limits", "get", "responses", "204", "content"), ("drop",), NO_BODY),
    (GATE, ("paths", "/groups/{GroupID}/icon", "get", "responses", "204", "content"), ("drop",), NO_BODY),
    (
        GATE,
        ("components", "schemas", "SendMedia", "properties", "media"),
        ("set", {"type": "string"}),
        "the description does not tell its four kinds of text apart, so any text would be of all four and none of just one",
    ),
    (
        GATE,
        ("components", "schemas", "SenderMedia", "allOf", 1),
        ("set", {}),
        "what may be said of each kind of file may be said of another too, so none would be of just one kind",
    ),
    (
        GATE,
        ("paths", "/newsletters/{NewsletterID}", "get", "responses", "200"),
        ("set", {"$ref": "#/components/responses/Newsletter"}),
        "the operation tells of one newsletter by its own summary; its messages, which it names here, have a route of theirs",
    ),
    (
        BILLING,
        ("components", "schemas", "subscriptions.revise-422", "properties", "details", "items", "anyOf"),
        ("add", {"properties": {"issue": {"enum": ["SUBSCRIPTION_STATUS_INVALID"]}}}),
        "the description does not say what a subscription that has ended answers here; all its other actions say this",
    ),
]

# (document, operations, status, why): answers that the description forgot; shaped like its other refusals.
ALSO_ANSWERED = [
    (MANAGER, r"PUT /channels$", "429", "WHAPI's help page tells of a limit that the description forgot: 20 in half an hour"),
    (GATE, r"GET /(health|users/login|users/login/image|users/login/rowdata)$", "400", WRONG_QUERY),
    (GATE, r"GET /users/login/image$", "422", "other ways to ask for a code answer 422 when there can be none"),
    (GATE, r"GET /users/login/image$", "406", "other ways to ask for a code answer 406 for a channel that runs as a phone"),
    (GATE, r"GET /users/login/image$", "409", "other ways to ask for a code answer 409 when a phone is linked"),
    (GATE, r"PATCH /users/profile$", "400", "names are 3 to 25 letters long, so another must be refusable"),
    (GATE, r"(GET|PATCH) /users/profile$", "401", SIGNED_OUT),
    (GATE, r"(POST|DELETE) /newsletters/.*/(subscription|tracking)$", "401", SIGNED_OUT),
    (GATE, r"(POST|DELETE) /groups/\{GroupID\}/applications$", "401", SIGNED_OUT),
    (GATE, r"PUT /stories/\{MessageID\}$", "401", SIGNED_OUT),
    (GATE, r".* /business/collections/\{CollectionID\}", "404", NO_SUCH),
    (GATE, r"POST /communities/\{CommunityID\}/\{GroupID\}/join$", "404", NO_SUCH),
    (GATE, r"POST /(groups/link|newsletters/link|business/products|business/catalogs|contacts)/\{", "403", MAY_NOT),
    (GATE, r"POST /newsletters/\{NewsletterID\}/invite/", "403", MAY_NOT),
    (GATE, r"DELETE /groups/\{GroupID\}/invite$", "403", MAY_NOT),
]
