"""What a number at WHAPI has beyond its conversation, and what of it a caller knows.

Two channels play it, ours and a colleague's: what somebody else must have done first (applied, founded, called, ordered)
is really done. Each part gives back what it adds to the scene; each end of something has a thing of its own.
"""

from scenes import FRIENDS, STRANGER, Channel, Scene
from stack import need

PHONE = "97336622222"
COLLEAGUE = "97336654321"
PICTURE_URL = "https://files.example/picture"
# A caller who waits until every call of ours has been tried, in seconds.
PATIENT = 3600
DESK = {"subject": "Desk", "description": "All desks"}


def chat(number):
    return f"{number}@s.whatsapp.net"


def control(channel, act, **said):
    return need("POST", f"{channel.url}/local/whapi/{act}", {"channel_id": channel.id, **said})


def group(channel, *people):
    return channel.do("POST", "/groups", {"subject": "Desk", "participants": list(people)})


def applied(channel, colleague, friend):
    """A group that the colleague asks to be let into."""
    made = group(channel, friend)
    channel.do("PATCH", f"/groups/{made['id']}", {"setting": "approve_participants", "policy": "admins"})
    colleague.do("PUT", "/groups", {"invite_code": made["invite_code"]})
    return made["id"]


def groups(channel, colleague, friend, newcomer):
    """Groups to be ruled, joined and applied to."""
    open_, ruled, left, revoked, shown = (group(channel, friend) for _ in range(5))
    channel.do("PATCH", f"/groups/{ruled['id']}/admins", {"participants": [friend]})
    channel.do("PUT", f"/groups/{shown['id']}/icon", {"media": PICTURE_URL})
    asked, refused = (applied(channel, colleague, friend) for _ in range(2))
    return {
        "parameters": {
            (r".* /groups/", "GroupID"): [open_["id"]],
            (r".* /groups/link/", "InviteCode"): [open_["invite_code"]],
            (r"PATCH /groups/\{GroupID\}/admins$", "GroupID"): [ruled["id"]],
            (r"(GET|POST) /groups/\{GroupID\}/applications$", "GroupID"): [asked],
            (r"(GET|DELETE) /groups/\{GroupID\}/icon$", "GroupID"): [shown["id"]],
        },
        "spent": {
            (r"DELETE /groups/\{GroupID\}$", "GroupID"): [left["id"]],
            (r"DELETE /groups/\{GroupID\}/invite$", "GroupID"): [revoked["id"]],
            (r"DELETE /groups/\{GroupID\}/admins$", "GroupID"): [ruled["id"]],
            (r"DELETE /groups/\{GroupID\}/participants$", "GroupID"): [revoked["id"]],
            (r"DELETE /groups/\{GroupID\}/applications$", "GroupID"): [refused],
        },
        "members": {
            "participants": [[friend], [newcomer]],
            "application": [chat(colleague.phone)],
            "invite_code": [group(colleague, friend)["invite_code"]],
        },
        "bodies": {r"POST /groups/\{GroupID\}/participants$": {"participants": [newcomer]}},
    }


def communities(channel, friend):
    """Communities with groups, one to be ended."""
    kept, ended = (channel.do("POST", "/communities", DESK)["id"] for _ in range(2))
    channel.do("POST", f"/communities/{kept}/participants", {"participants": [friend]})
    bodies = {"subject": "Desk", "participants": [friend]}
    linked, unlinked = (channel.do("POST", f"/communities/{kept}", bodies)["id"] for _ in range(2))
    return {
        "parameters": {
            (r".* /communities/", "CommunityID"): [kept],
            (r".* /communities/", "GroupID"): [linked],
        },
        "spent": {
            (r"DELETE /communities/\{CommunityID\}$", "CommunityID"): [ended],
            (r"DELETE /communities/\{CommunityID\}/\{GroupID\}$", "GroupID"): [unlinked],
        },
    }


def newsletters(channel, colleague, friends, stranger):
    """Newsletters of ours and the colleague's, with people who follow, run and are asked to run them."""
    ours, deleted = (channel.do("POST", "/newsletters", {"name": "Menu"}) for _ in range(2))
    theirs, left, left_by_code = (colleague.do("POST", "/newsletters", {"name": "News"}) for _ in range(3))
    for followed in (left, left_by_code):
        channel.do("POST", f"/newsletters/{followed['id']}/subscription")
    asked, asked_no_more = friends
    for person in (asked, asked_no_more, stranger):
        channel.do("POST", f"/newsletters/{ours['id']}/invite/{person}", {"message": "Help us"})
    channel.do("PUT", f"/newsletters/{ours['id']}/admins/{stranger}")
    channel.do("POST", "/messages/text", {"to": ours["id"], "body": "Soup"})
    return {
        "parameters": {
            (r".* /newsletters/\{NewsletterID\}", "NewsletterID"): [ours["id"]],
            (r"POST /newsletters/\{NewsletterID\}/subscription$", "NewsletterID"): [theirs["id"]],
            (r".* /newsletters/", "NewsletterInviteCode"): [theirs["invite_code"]],
            (r".* /newsletters/", "ContactID"): [asked],
            (r"GET /newsletters/find$", "search"): ["News"],
        },
        "spent": {
            (r"DELETE /newsletters/\{NewsletterID\}$", "NewsletterID"): [deleted["id"]],
            (r"DELETE /newsletters/\{NewsletterID\}/subscription$", "NewsletterID"): [left["id"]],
            (r"DELETE /newsletters/invite/", "NewsletterInviteCode"): [left_by_code["invite_code"]],
            (r"DELETE /newsletters/\{NewsletterID\}/invite/", "ContactID"): [asked_no_more],
            (r"DELETE /newsletters/\{NewsletterID\}/admins/", "ContactID"): [stranger],
        },
    }


def goods(channel, friend):
    """A catalog with a collection, and an order from it."""
    soup = {"name": "Soup", "description": "Hot", "price": 2.5, "currency": "BHD", "images": ["https://files.example/soup"]}
    kept, deleted = (channel.do("POST", "/business/products", soup)["id"] for _ in range(2))
    chosen = {"name": "Today", "products": [kept]}
    shown, ended = (channel.do("POST", "/business/collections", chosen)["id"] for _ in range(2))
    order = control(channel, "order", **{"from": friend, "products": [kept]})["message"]["order"]
    channel.do("POST", "/business", {"address": "Manama", "websites": ["https://desk.example"]})
    return {
        "parameters": {
            (r".* /business/", "ContactID"): [friend],
            (r".* /business/products/", "ProductID"): [kept],
            (r".* /business/collections/", "CollectionID"): [shown],
            (r".* /business/orders/", "OrderID"): [order["order_id"]],
            (r".* /business/orders/", "order_token"): [order["token"]],
        },
        "spent": {
            (r"DELETE /business/products/", "ProductID"): [deleted],
            (r"DELETE /business/collections/", "CollectionID"): [ended],
        },
        "members": {"images": [soup["images"]], "products": [[kept]], "add_products": [[kept]], "remove_products": [[deleted], []]},
        "bodies": {r"POST /business/products$": soup},
    }


def told(channel, friend):
    """Stories, and calls that ring."""
    texts = [channel.do("POST", "/stories/send/text", {"caption": caption})["message"]["id"] for caption in ("Soup", "Bread")]
    ringing, cut_off = (control(channel, "call", **{"from": friend, "rings_s": PATIENT})["call"]["id"] for _ in range(2))
    return {
        "parameters": {
            (r".* /stories/", "MessageID"): texts,
            (r".* /calls/", "CallID"): [ringing],
        },
        "spent": {
            (r"DELETE /calls/", "CallID"): [cut_off],
        },
        "members": {"callFrom": [friend], "media": [PICTURE_URL]},
    }


def society(url, places):
    """Two linked channels with all of it."""
    channel, colleague = Channel(url, places).link(PHONE), Channel(url, places).link(COLLEAGUE)
    friend = FRIENDS[0]
    said = channel.text("Hello")
    parts = [
        groups(channel, colleague, friend, STRANGER),
        communities(channel, friend),
        newsletters(channel, colleague, FRIENDS, STRANGER),
        goods(channel, friend),
        told(channel, friend),
    ]
    scene = Scene(channel.headers, members={"to": [chat(friend)], "quoted": [said], "edit": [said]})
    for part in parts:
        scene.add(part)
    return scene
