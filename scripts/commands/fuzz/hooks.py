"""What the document cannot tell a generator: that keys are for one operation each, and that money is with whoever got some."""

import re
import uuid

import schemathesis

KEY = re.compile(r"[!-~]{1,200}")
USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}")

# The users of the document's examples, which the first phase tries: their deposits are made.
USERS_WITH_MONEY = {"userId": "anna", "fromUserId": "anna", "toUserId": "boris"}


@schemathesis.hook
def before_call(context, case, kwargs):
    phase = case.meta.phase.name.value if case.meta else None
    # The examples go out as they stand. What is good is replaced by what is good, so that bad data stays as bad as it was made.
    if phase in (None, "examples"):
        return
    key = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(key, str) and KEY.fullmatch(key):
        case.headers["Idempotency-Key"] = f"{key}-{uuid.uuid4()}"
        # The many small steps of the coverage phase do not wait, so that there is time for them all.
        if phase != "coverage":
            case.headers["Prefer"] = "wait=30"
    if isinstance(case.body, dict):
        for field, user in USERS_WITH_MONEY.items():
            if isinstance(case.body.get(field), str) and USER.fullmatch(case.body[field]):
                case.body[field] = user
