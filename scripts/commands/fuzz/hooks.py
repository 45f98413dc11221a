"""Fixes requests that no schema can describe: each needs a new key, and payers need money."""

import re
import uuid

import schemathesis

KEY = re.compile(r"[!-~]{1,200}")
# OpenAPI 3.0 has no keyword for the names of an object.
METADATA_NAME = re.compile(r"[A-Za-z0-9._\-]{1,40}")
USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}")

# The users of the document's examples. The first phase sends those, and so deposits money for them.
USERS_WITH_MONEY = {"userId": "anna", "fromUserId": "anna", "toUserId": "boris"}


@schemathesis.hook
def before_call(context, case, kwargs):
    phase = case.meta.phase.name.value if case.meta else None
    # Examples are sent unchanged. Otherwise only valid values are replaced, so that invalid data stays invalid.
    if phase in (None, "examples"):
        return
    key = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(key, str) and KEY.fullmatch(key):
        case.headers["Idempotency-Key"] = f"{key}-{uuid.uuid4()}"
        # The coverage phase does not wait for outcomes: it has too many cases for that.
        case.headers["Prefer"] = "respond-async" if phase == "coverage" else "wait=30"
    if isinstance(case.body, dict) and isinstance(case.body.get("operations"), list):
        # A copy each: generated items may be one object, repeated.
        case.body["operations"] = [with_names(with_own_key(item)) for item in case.body["operations"]]
    if isinstance(case.body, dict) and isinstance(case.body.get("metadata"), dict):
        case.body["metadata"] = with_names(case.body)["metadata"]
    if isinstance(case.body, dict):
        for field, user in USERS_WITH_MONEY.items():
            if isinstance(case.body.get(field), str) and USER.fullmatch(case.body[field]):
                case.body[field] = user


def with_own_key(item):
    key = item.get("idempotencyKey") if isinstance(item, dict) else None
    return {**item, "idempotencyKey": f"{key}-{uuid.uuid4()}"} if isinstance(key, str) and KEY.fullmatch(key) else item


def with_names(body):
    metadata = body.get("metadata") if isinstance(body, dict) else None
    if not isinstance(metadata, dict):
        return body
    return {**body, "metadata": {name: value for name, value in metadata.items() if METADATA_NAME.fullmatch(name)}}
