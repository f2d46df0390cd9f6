"""Calls a running local stack in every way that our document allows, and in many that it does not.

usage: api.py ADDRESS DOCUMENT. The caller is a customer with a paid plan and a channel, then the admin; what
counts as wrong stands in api.toml. Fails when any answer is a server error or not as the document says.
"""

import sys
import uuid

from stack import need, schemathesis

CUSTOMER = {"email": "demo@daypass.test", "password": "demo-daypass"}
ADMIN = {"email": "admin@daypass.test", "password": "admin-daypass"}
# The plan that the customer pays for: room for some channels.
PLAN = "Growth"
# Paths that only an admin may call.
ADMINS = "^/v1/admin/"


def bearer(url, person):
    token = need("POST", f"{url}/local/token", person)["access_token"]
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}


def make_customer(url):
    """A customer who paid and has a channel, so that answers have something to show."""
    plans = need("GET", f"{url}/v1/plans")["items"]
    plan = next(plan for plan in plans if plan["name"] == PLAN)
    begun = need("POST", f"{url}/v1/subscriptions", {"plan_id": plan["id"], "payment_method": "paypal"}, bearer(url, CUSTOMER))
    need("POST", f"{url}/local/paypal/approve", {"subscription_id": begun["subscription"]["id"]})
    need("POST", f"{url}/local/settle", {})
    need("POST", f"{url}/v1/channels", {"name": "Front desk"}, bearer(url, CUSTOMER))
    need("POST", f"{url}/local/settle", {})


def run(url, document, person, *which):
    token = bearer(url, person)["Authorization"]
    good, output = schemathesis("api.toml", document, url, "--header", f"Authorization:{token}", *which)
    print(output, flush=True)
    return good


def main(url, document):
    make_customer(url)
    good = run(url, document, CUSTOMER, "--exclude-path-regex", ADMINS)
    good &= run(url, document, ADMIN, "--include-path-regex", ADMINS)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
