"""Calls the sandbox in every way that the providers' own descriptions allow, and in many that they do not.

usage: vendors.py ADDRESS FOLDER [OPTION…]. ADDRESS is a running local stack, FOLDER holds the descriptions, options go
to schemathesis (--seed 7). What is there to be called stands in scenes.py and society.py; where a description is wrong
about the provider, in exceptions.py with its reason. Fails when any other answer is a server error or not as described.
"""

import copy
import json
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import yaml

import scenes
import society
from exceptions import ALSO_ANSWERED, CORRECTIONS, GATE, MANAGER
from stack import need, schemathesis

# How many descriptions are tried at once.
BESIDE_EACH_OTHER = 2
# The gate is tried in three parts: a phone that is linked and unlinked leaves nothing else to be tried, and the rest is
# large.
LOGINS = "/users/log"
SOCIETY = "/(groups|communities|newsletters|stories|calls|business)"
# What requests ask for is told apart from what answers say by this end of a schema's name.
ASKED = ".asked"
SCHEMAS = "#/components/schemas/"


METHODS = ("get", "put", "post", "delete", "patch", "head")


def operations(document, pattern):
    """Every operation whose `METHOD /path` begins as the pattern says: the path's item and the method."""
    for path, item in document["paths"].items():
        for method in [method for method in METHODS if method in item]:
            if re.match(pattern.replace(". /", ".* /", 1), f"{method.upper()} {path}"):
                yield item, method


def titled(place, title):
    """Every schema of this title, however deep."""
    if isinstance(place, dict):
        if place.get("title") == title:
            yield place
        place = list(place.values())
    for one in place if isinstance(place, list) else []:
        yield from titled(one, title)


def correct(document, where, change):
    """Changes one place of a description, or one of every schema of a title; false when nothing was to be changed."""
    first, *rest = where
    if first.startswith("titled "):
        schemas = list(titled(document, first.split(" ", 1)[1]))
        return any([correct(schema, rest, change) for schema in schemas])
    *way, last = where
    for name in way:
        document = document[name]
    act, *value = change
    if act == "drop":
        return document.pop(last, None) is not None
    before = document.get(last) if isinstance(document, dict) else document[last]
    if act == "set":
        document[last] = value[0]
    elif act == "add":
        document[last] = before if value[0] in before else [*before, value[0]]
    elif act == "remove":
        document[last] = [one for one in before if one != value[0]]
    return document[last] != before


def also(document, pattern, status):
    changed = False
    for item, method in operations(document, pattern):
        responses = item[method]["responses"]
        changed |= status not in responses
        responses.setdefault(status, {"$ref": "#/components/responses/Error"})
    return changed


def corrected(path):
    """The description without what exceptions.py knows to be wrong, and what of that was not needed."""
    document = yaml.safe_load(path.read_text())
    tried = [(correct(document, where, change), where, why) for of, where, change, why in CORRECTIONS if of == path.name]
    tried += [(also(document, ops, status), ops, why) for of, ops, status, why in ALSO_ANSWERED if of == path.name]
    return document, [(place, why) for changed, place, why in tried if not changed]


def resolved(document, schema):
    """What a reference stands for, as a copy."""
    while "$ref" in schema:
        place = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        schema = place
    return copy.deepcopy(schema)



def asked(place):
    """The same with references to what is asked for instead of what is answered."""
    if isinstance(place, dict) and isinstance(place.get("$ref"), str):
        return {"$ref": place["$ref"] + ASKED} if place["$ref"].startswith(SCHEMAS) else place
    if isinstance(place, dict):
        return {name: asked(one) for name, one in place.items()}
    return [asked(one) for one in place] if isinstance(place, list) else place


def unfold(document):
    """Gives each operation parameters and a body of its own, and requests schemas of their own."""
    schemas = document["components"]["schemas"]
    schemas |= {f"{name}{ASKED}": asked(schema) for name, schema in schemas.items()}
    for item, method in list(operations(document, ".")):
        operation = item[method]
        both = [*item.get("parameters", []), *operation.get("parameters", [])]
        operation["parameters"] = [resolved(document, one) for one in both]
        if "requestBody" in operation:
            operation["requestBody"] = asked(resolved(document, operation["requestBody"]))
    for item in document["paths"].values():
        item.pop("parameters", None)


def know(document, scene):
    """Puts what exists into the description, beside what only looks like it."""
    unfold(document)
    for (pattern, name), values in [*scene.parameters.items(), *scene.spent.items()]:
        for item, method in operations(document, pattern):
            for one in [one for one in item[method]["parameters"] if one["name"] == name]:
                one["example"] = values[0]
                if (pattern, name) in scene.parameters and method != "delete":
                    one["schema"] = {"anyOf": [{"type": "string", "enum": list(values)}, one["schema"]]}
    for pattern, body in scene.bodies.items():
        for item, method in operations(document, pattern):
            content = item[method]["requestBody"]["content"]["application/json"]
            content.pop("examples", None)
            content["example"] = body
    requests = [schema for name, schema in document["components"]["schemas"].items() if name.endswith(ASKED)]
    requests += [item[method].get("requestBody", {}) for item, method in operations(document, ".")]
    for name, values in scene.members.items():
        for properties in list(holders(requests, name)):
            properties[name] = {"enum": list(values)}


def holders(place, name):
    """The properties of every schema that has a member of this name, however deep."""
    if isinstance(place, dict):
        properties = place.get("properties")
        if isinstance(properties, dict) and name in properties:
            yield properties
        place = list(place.values())
    for one in place if isinstance(place, list) else []:
        yield from holders(one, name)


def check(path, address, scene, *which):
    """One description against one address; true when all is well. Says at the end what there was to say."""
    if not path.is_file():
        return True, f"nothing to compare with: there is no {path}"
    document, idle = corrected(path)
    said = [f"{path.name}: the exception for {place} changes nothing any more ({why})" for place, why in idle]
    scene = scene()
    know(document, scene)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file, default=str)
        file.flush()
        header = f"Authorization:{scene.headers['Authorization']}"
        good, output = schemathesis("vendors.toml", file.name, address, "--header", header, *which)
    return good and not idle, "\n".join([" ".join(["──", path.name, *which]), output, *said])


def main(url, folder, *which):
    places = need("GET", f"{url}/local/endpoints")
    gate, manager, paypal = places["whapi_gate"], places["whapi_manager"], places["paypal"]
    # The longest first: they run beside each other.
    runs = [
        (GATE, gate, society.society, "--include-path-regex", f"^{SOCIETY}"),
        (GATE, gate, scenes.conversation, "--exclude-path-regex", f"^({LOGINS}|{SOCIETY})"),
        ("paypal-billing_subscriptions_v1.json", paypal, scenes.billing),
        (GATE, gate, scenes.linking, "--include-path-regex", f"^{LOGINS}"),
        ("paypal-notifications_webhooks_v1.json", paypal, scenes.hooks),
        ("paypal-catalogs_products_v1.json", paypal, scenes.catalogue),
        (MANAGER, manager, scenes.account),
    ]
    with ThreadPoolExecutor(BESIDE_EACH_OTHER) as pool:

        def begin(name, address, scene, *part):
            return pool.submit(check, Path(folder) / name, address, lambda: scene(url, places), *part, *which)

        checks = [begin(*run) for run in runs]
        results = [one.result() for one in as_completed(checks) if say(one.result())]
    return 0 if all(good for good, _ in results) else 1


def say(result):
    print(result[1], flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
