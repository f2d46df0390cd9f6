"""Calls the sandbox in every way that the providers' own descriptions allow, and in many that they do not.

usage: vendors.py ADDRESS FOLDER. ADDRESS is a running local stack, FOLDER holds the descriptions. What the
sandbox does not pretend, and where a description is wrong about the provider, stands in exceptions.py with its
reason. Fails when any other answer is a server error or not as described.
"""

import base64
import json
import re
import sys
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import yaml

from exceptions import ALSO_ANSWERED, CORRECTIONS, GATE, MANAGER, NOT_PRETENDED
from stack import CALL_WITHIN, call, need, schemathesis

# A new channel is ready to be linked after some of these steps of the clock.
STEP = "PT5S"
STEPS = 60
PHONE = "97336612345"
# How many descriptions are tried at once.
BESIDE_EACH_OTHER = 2


def partner(places):
    return {"Authorization": f"Bearer {places['whapi_partner_token']}"}


def channel(url, places):
    """A channel that is ready and linked, so that there is a phone to talk of."""
    manager = places["whapi_manager"]
    project = need("GET", f"{manager}/projects", headers=partner(places))["projects"][0]["id"]
    made = need("PUT", f"{manager}/channels", {"name": "Front desk", "projectId": project}, partner(places))
    headers = {"Authorization": f"Bearer {made['token']}"}
    need("PATCH", f"{manager}/channels/{made['id']}/mode", {"mode": "live"}, partner(places))
    for _ in range(STEPS):
        status, login = call("GET", f"{places['whapi_gate']}/users/login?wakeup=true", headers=headers)
        if status == 200 and login["status"] == "OK":
            need("POST", f"{url}/local/whapi/scan", {"channel_id": made["id"], "phone": PHONE})
            return headers
        need("POST", f"{url}/local/clock", {"advance": STEP})
    sys.exit("the sandbox's channel shows no code")


def application(places):
    """PayPal's token for an application; the one call that takes a form."""
    pair = f"{places['paypal_client_id']}:{places['paypal_client_secret']}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    request = urllib.request.Request(f"{places['paypal']}/v1/oauth2/token", b"grant_type=client_credentials", headers)
    with urllib.request.urlopen(request, timeout=CALL_WITHIN) as answer:
        return {"Authorization": f"Bearer {json.load(answer)['access_token']}"}


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


def leave_out(document, pattern):
    found = list(operations(document, pattern))
    for item, method in found:
        del item[method]
    return bool(found)


def corrected(path):
    """The description without what exceptions.py knows to be wrong, and what of that was not needed."""
    document = yaml.safe_load(path.read_text())
    tried = [(correct(document, where, change), where, why) for of, where, change, why in CORRECTIONS if of == path.name]
    tried += [(also(document, ops, status), ops, why) for of, ops, status, why in ALSO_ANSWERED if of == path.name]
    tried += [(leave_out(document, ops), ops, why) for of, ops, why in NOT_PRETENDED if of == path.name]
    return document, [(place, why) for changed, place, why in tried if not changed]


def check(path, address, headers):
    """One description against one address; true when all is well. Says at the end what there was to say."""
    if not path.is_file():
        return True, f"nothing to compare with: there is no {path}"
    document, idle = corrected(path)
    said = [f"{path.name}: the exception for {place} changes nothing any more ({why})" for place, why in idle]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file, default=str)
        file.flush()
        header = f"Authorization:{headers()['Authorization']}"
        good, output = schemathesis("vendors.toml", file.name, address, "--header", header)
    return good and not idle, "\n".join([f"── {path.name}", output, *said])


def main(url, folder):
    places = need("GET", f"{url}/local/endpoints")
    paypal, manager = (places["paypal"], lambda: application(places)), (places["whapi_manager"], lambda: partner(places))
    # The longest first: they run beside each other.
    runs = {
        GATE: (places["whapi_gate"], lambda: channel(url, places)),
        "paypal-billing_subscriptions_v1.json": paypal,
        "paypal-notifications_webhooks_v1.json": paypal,
        "paypal-catalogs_products_v1.json": paypal,
        MANAGER: manager,
    }
    with ThreadPoolExecutor(BESIDE_EACH_OTHER) as pool:
        checks = [pool.submit(check, Path(folder) / name, *run) for name, run in runs.items()]
        results = [one.result() for one in as_completed(checks) if say(one.result())]
    return 0 if all(good for good, _ in results) else 1


def say(result):
    print(result[1], flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
