"""Where the sandbox does not answer as a provider's description says, each with its reason.

A correction mends a description that is wrong about itself or about the provider; what is left out, the sandbox
does not pretend. Each is checked to be still needed for the description at hand: one that changes nothing fails.
"""

GATE = "whapi-gate.yaml"
MANAGER = "whapi-manager.json"

SUCCESS = "the description asks for a member `result` that it does not have; WHAPI answers `success`"
OPUS = "`codecs=opus` is a parameter of the line before it, not a type of its own"
WRONG_QUERY = "the parameters have a type, so a wrong one must be refusable; other routes say 400"
SIGNED_OUT = "without a linked phone WHAPI answers 401 `Need channel authorization`, as for other routes"

# (document, where, what to do there, why). Where: names from the top, or from every schema of a title. What to do: set a value, add one to a list, remove
# one from a list, or drop the place.
CORRECTIONS = [
    (MANAGER, ("titled ResponseSuccess", "required"), ("set", ["success"]), SUCCESS),
    (GATE, ("titled ResponseSuccess", "required"), ("set", ["success"]), SUCCESS),
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
    (
        GATE,
        ("paths", "/limits", "get", "responses", "204", "content"),
        ("drop",),
        "an answer 204 has no body",
    ),
]

# (document, operations, status, why): answers that the description forgot; shaped like its other refusals.
ALSO_ANSWERED = [
    (GATE, r"GET /(health|users/login|users/login/image|users/login/rowdata)$", "400", WRONG_QUERY),
    (GATE, r"GET /users/login/image$", "422", "other ways to ask for a code answer 422 when there can be none"),
    (GATE, r"GET /users/login/image$", "409", "other ways to ask for a code answer 409 when a phone is linked"),
    (GATE, r"PATCH /users/profile$", "400", "names are 3 to 25 letters long, so another must be refusable"),
    (GATE, r"(GET|PATCH) /users/profile$", "401", SIGNED_OUT),
]

# (document, operations, why): what the sandbox does not pretend at all.
NOT_PRETENDED = [
    (GATE, r". /(newsletters|communities|stories|calls)", "no part of the product touches these"),
    (GATE, r". /business/(collections|catalogs|orders|products)", "no part of the product sells goods"),
    (GATE, r"POST /business$", "no part of the product sells goods"),
    (GATE, r". /messages/story", "no part of the product posts stories"),
    (GATE, r". /groups/(link/|\{GroupID\}/(admins|applications))", "groups are listed, made and left, no more"),
    (GATE, r"(DELETE|PUT) /groups/\{GroupID\}/icon$", "groups are listed, made and left, no more"),
    (GATE, r"DELETE /groups/\{GroupID\}/invite$", "groups are listed, made and left, no more"),
    (GATE, r"PATCH /groups/\{GroupID\}$", "groups are listed, made and left, no more"),
    (GATE, r"PUT /groups$", "groups are listed, made and left, no more"),
    (GATE, r". /contacts/lids", "the product knows numbers, not LIDs"),
    (GATE, r"POST /contacts/\{ContactID\}$", "the product forwards no contacts"),
]
