import base64
import binascii
import hashlib
import hmac
import re
import time


def sign_webhook(secret, body, timestamp=None):
    """Headers of a webhook to Conveyor. `body` is bytes: send exactly these."""
    timestamp = str(int(time.time()) if timestamp is None else timestamp)
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return {
        "X-Salesforce-Timestamp": timestamp,
        "X-Salesforce-Signature": base64.b64encode(mac.digest()).decode(),
    }


def verify_delivery(secret, headers, body, now=None):
    """Whether Conveyor sent this delivery. `headers` has names in small letters; `body` is the bytes as received."""
    now = time.time() if now is None else now
    delivery, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not delivery or not re.fullmatch(r"[0-9]{1,11}", timestamp):
        return False
    if abs(now - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{delivery}.{timestamp}.".encode() + body
    wanted = hmac.new(key, signed, hashlib.sha256).digest()
    # Several, separated by spaces, while a secret is changed.
    for signature in headers.get("webhook-signature", "").split(" "):
        version, _, text = signature.partition(",")
        try:
            given = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        if version == "v1" and hmac.compare_digest(given, wanted):
            return True
    return False
