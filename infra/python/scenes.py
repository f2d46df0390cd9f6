"""What is there before the providers' descriptions are tried, and what of it a caller knows.

A description says what an id looks like, not which ones exist, and ids that are made up meet nothing but 404. So a
scene is set first, by calls that any client could make and by the local stack's controls: a phone with a conversation,
a shop with subscriptions in every state. What ends a thing (a deletion, a cancellation) gets a thing of its own.
"""

import base64
import json
import sys
import urllib.request
from dataclasses import dataclass, field

from stack import CALL_WITHIN, call, need

# A new channel is ready to be linked after some of these steps of the clock.
STEP = "PT5S"
STEPS = 60
PHONE = "97336612345"
NEWCOMER = "97336600001"
FRIENDS = ("97339000001", "97339000002")
STRANGER = "97339000009"
PICTURE_URL = "https://files.example/picture"
PICTURE = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
# A declined payment counts as failed after so many tries.
TRIES = 3
PARTNER = "whapicloud"


@dataclass
class Scene:
    """How to call, and what is known there."""

    headers: dict
    # (operations, parameter): values that exist. Of those that are spent, each use takes one.
    parameters: dict = field(default_factory=dict)
    spent: dict = field(default_factory=dict)
    # Members of request bodies: values that exist.
    members: dict = field(default_factory=dict)
    # Operations: a body that is in order.
    bodies: dict = field(default_factory=dict)

    def add(self, parts):
        """The same with more in it."""
        for name, known in parts.items():
            getattr(self, name).update(known)
        return self


def partner(places):
    return {"Authorization": f"Bearer {places['whapi_partner_token']}"}


class Channel:
    """A live channel, and calls with its token."""

    def __init__(self, url, places):
        manager, self.gate, self.url = places["whapi_manager"], places["whapi_gate"], url
        made = need("PUT", f"{manager}/channels", {"name": "Front desk", "projectId": "default"}, partner(places))
        need("PATCH", f"{manager}/channels/{made['id']}/mode", {"mode": "live"}, partner(places))
        self.id, self.headers = made["id"], {"Authorization": f"Bearer {made['token']}"}

    def link(self, phone=PHONE):
        """A phone takes the code that the channel shows."""
        self.phone = phone
        for _ in range(STEPS):
            status, login = call("GET", f"{self.gate}/users/login?wakeup=true", headers=self.headers)
            if status == 200 and login["status"] == "OK":
                need("POST", f"{self.url}/local/whapi/scan", {"channel_id": self.id, "phone": phone})
                return self
            need("POST", f"{self.url}/local/clock", {"advance": STEP})
        sys.exit("the sandbox's channel shows no code")

    def do(self, method, path, body=None):
        return need(method, f"{self.gate}{path}", body, self.headers)

    def text(self, body):
        return self.do("POST", "/messages/text", {"to": FRIENDS[0], "body": body})["message"]["id"]


def linking(url, places):
    """A channel that a phone is linked to, to be linked and unlinked."""
    return Scene(Channel(url, places).link(NEWCOMER).headers)


def conversation(url, places):
    """A linked channel with a conversation, a group, contacts, labels and files."""
    channel = Channel(url, places).link()
    group = channel.do("POST", "/groups", {"subject": "Desk", "participants": [FRIENDS[0]]})["id"]
    messages = [channel.text(f"Hello {number}") for number in range(4)]
    sent = [channel.do("POST", "/messages/image", {"to": friend, "media": PICTURE})["message"] for friend in FRIENDS]
    for friend in FRIENDS:
        channel.do("PUT", "/contacts", {"phone": friend, "name": "Friend"})
    for label in ("1", "2"):
        channel.do("POST", "/labels", {"id": label, "name": "Order", "color": "gold"})
        channel.do("POST", f"/labels/{label}/{FRIENDS[0]}@s.whatsapp.net")
    chats = [f"{friend}@s.whatsapp.net" for friend in FRIENDS]
    files = [message["image"]["id"] for message in sent]
    channel.do("PUT", f"/blacklist/{STRANGER}")
    return Scene(
        channel.headers,
        parameters={
            (r".* /(messages|statuses)/", "MessageID"): messages[:2],
            (r".* /(messages/list|chats)/", "ChatID"): chats[:1],
            (r".* /contacts/", "ContactID"): FRIENDS[:1],
            (r".* /labels/", "LabelID"): ["1"],
            (r".* /presences/", "EntryID"): FRIENDS[:1],
            (r".* /media/", "MediaID"): files[:1],
        },
        spent={
            (r"POST /messages/media/", "SendParams"): [{"to": chats[0]}],
            (r"GET /contacts/lids$", "ContactIDList"): [FRIENDS[:1]],
            (r"DELETE /messages/\{MessageID\}$", "MessageID"): messages[3:],
            (r"DELETE /chats/", "ChatID"): chats[1:],
            (r"DELETE /contacts/", "ContactID"): FRIENDS[1:],
            (r"DELETE /blacklist/", "ContactID"): [STRANGER],
            (r"DELETE /labels/", "LabelID"): ["2"],
            (r"DELETE /labels/", "AssociationID"): chats[:1],
            (r"DELETE /media/", "MediaID"): files[1:],
        },
        members={"to": [chats[0], group], "quoted": messages[:1], "edit": messages[2:3], "media": [PICTURE_URL, files[0], PICTURE]},
        bodies={r"POST /settings/webhook_test$": {"type": "messages", "url": "http://127.0.0.1:9/", "mode": "body"}},
    )


def account(_, places):
    """The partner's account, with channels and projects."""
    manager, headers = places["whapi_manager"], partner(places)
    projects = [need("PUT", f"{manager}/projects", {"name": "Second"}, headers)["id"] for _ in range(2)]
    body = {"name": "Front desk", "projectId": projects[0]}
    channels = [need("PUT", f"{manager}/channels", body, headers)["id"] for _ in range(3)]
    return Scene(
        headers,
        parameters={
            (r".* /channels/", "ChannelID"): channels[:2],
            (r".* /(channels|projects)/", "ProjectID"): projects[:1],
            (r".* /partners/", "PartnerName"): [PARTNER],
        },
        spent={
            (r"DELETE /channels/", "ChannelID"): channels[2:],
            (r"DELETE /projects/", "ProjectID"): projects[1:],
        },
        members={"projectId": projects[:1]},
        bodies={
            r"PUT /channels$": body,
            r"PATCH /channels/\{ChannelID\}$": body,
            r"POST /channels/\{ChannelID\}/extend$": {"days": 30, "comment": "One month"},
        },
    )


def dollars(value):
    return {"currency_code": "USD", "value": value}


def terms(product):
    """A plan of a month for nine dollars."""
    frequency = {"interval_unit": "MONTH", "interval_count": 1}
    cycle = {"sequence": 1, "tenure_type": "REGULAR", "total_cycles": 0, "frequency": frequency}
    cycle["pricing_scheme"] = {"fixed_price": dollars("9.00")}
    plan = {"product_id": product, "name": "Monthly", "quantity_supported": True}
    return plan | {"billing_cycles": [cycle], "payment_preferences": {"payment_failure_threshold": 0}}


def replacing(path, value):
    return [{"op": "replace", "path": path, "value": value}]


class Shop:
    """PayPal's application, and calls with its token."""

    def __init__(self, url, places):
        self.url, self.paypal = url, places["paypal"]
        pair = f"{places['paypal_client_id']}:{places['paypal_client_secret']}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        form = b"grant_type=client_credentials"
        request = urllib.request.Request(f"{self.paypal}/v1/oauth2/token", form, headers)
        with urllib.request.urlopen(request, timeout=CALL_WITHIN) as answer:
            token = json.load(answer)["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def do(self, method, path, body=None):
        return need(method, f"{self.paypal}{path}", body, self.headers)

    def control(self, act, subscription):
        need("POST", f"{self.url}/local/paypal/{act}", {"subscription_id": subscription})

    def product(self):
        return self.do("POST", "/v1/catalogs/products", {"name": "Days", "type": "SERVICE"})["id"]

    def plan(self, product, status="ACTIVE"):
        return self.do("POST", "/v1/billing/plans", terms(product) | {"status": status})["id"]

    def subscription(self, plan, *acts):
        made = self.do("POST", "/v1/billing/subscriptions", {"plan_id": plan, "custom_id": "desk-1"})["id"]
        for act in acts:
            self.control(act, made)
        return made


def billing(url, places):
    """Plans, and subscriptions in every state."""
    shop = Shop(url, places)
    product = shop.product()
    plans, turned = [shop.plan(product), shop.plan(product)], [shop.plan(product), shop.plan(product, "CREATED")]
    states = [["approve"], [], ["approve", "suspend"], ["approve", "refund"], ["approve", "hold-next-sale", "renew"]]
    subscriptions = [shop.subscription(plans[0], *acts) for acts in states]
    cancelled = shop.subscription(plans[0], "approve", "cancel")
    spare, owing = shop.subscription(plans[0], "approve"), shop.subscription(plans[0], "approve", *["fail-payment"] * TRIES)
    capture = {"note": "What is owed", "capture_type": "OUTSTANDING_BALANCE", "amount": dollars("1.00")}
    prices = [{"billing_cycle_sequence": 1, "pricing_scheme": {"fixed_price": dollars("10.00")}}]
    return Scene(
        shop.headers,
        parameters={
            (r".* /v1/billing/plans/\{id\}(?!/(de)?activate)", "id"): plans,
            (r".* /v1/billing/plans/.*activate$", "id"): turned,
            (r".* /v1/billing/subscriptions/\{id\}(?!/cancel|/capture)", "id"): [*subscriptions, owing, cancelled],
            (r"POST .*/capture$", "id"): [owing],
        },
        spent={(r"POST .*/cancel$", "id"): [spare]},
        members={"plan_id": plans, "product_id": [product]},
        bodies={
            r"POST /v1/billing/plans$": terms(product),
            r"PATCH /v1/billing/plans/": replacing("/name", "Every month"),
            r"POST .*/update-pricing-schemes$": {"pricing_schemes": prices},
            r"POST /v1/billing/subscriptions$": {"plan_id": plans[0]},
            r"PATCH /v1/billing/subscriptions/": replacing("/custom_id", "desk-2"),
            r"POST .*/revise$": {"plan_id": plans[1], "quantity": "2"},
            r"POST .*/capture$": capture,
        },
    )


def catalogue(url, places):
    """Products."""
    shop = Shop(url, places)
    return Scene(shop.headers, parameters={(r".* /v1/catalogs/products/", "product_id"): [shop.product(), shop.product()]})


def hooks(url, places):
    """Listeners, and events that they heard."""
    shop = Shop(url, places)
    shop.product()
    listener = {"url": "http://127.0.0.1:9/first", "event_types": [{"name": "CATALOG.PRODUCT.CREATED"}]}
    listeners = [shop.do("POST", "/v1/notifications/webhooks", listener | {"url": f"http://127.0.0.1:9/{name}"})["id"] for name in "abc"]
    lookups = [shop.do("POST", "/v1/notifications/webhooks-lookup")["id"] for _ in range(2)]
    events = [event["id"] for event in shop.do("GET", "/v1/notifications/webhooks-events")["events"]]
    return Scene(
        shop.headers,
        parameters={
            (r".* /v1/notifications/webhooks/", "webhook_id"): listeners[:2],
            (r".* /v1/notifications/webhooks-lookup/", "webhook_lookup_id"): lookups[:1],
            (r".* /v1/notifications/webhooks-events/", "event_id"): events[:2],
        },
        spent={
            (r"DELETE /v1/notifications/webhooks/", "webhook_id"): listeners[2:],
            (r"DELETE /v1/notifications/webhooks-lookup/", "webhook_lookup_id"): lookups[1:],
        },
        members={"webhook_ids": [[]], "webhook_id": listeners[:1], "event_type": ["PAYMENT.SALE.COMPLETED", "BILLING.PLAN.CREATED"]},
        bodies={
            r"POST /v1/notifications/webhooks$": listener,
            r"PATCH /v1/notifications/webhooks/": replacing("/event_types", [{"name": "*"}]),
        },
    )
