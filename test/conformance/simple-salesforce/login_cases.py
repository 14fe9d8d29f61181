from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
)

from cases import case, check, equal, raises


@case("login", "by client credentials on the org's own host")
def client_credentials(context):
    own = Salesforce(
        consumer_key="simulator-client",
        consumer_secret="simulator-secret",
        domain="simulator.my",
        session=context.session,
    )
    check(own.query("SELECT Id FROM User LIMIT 1")["totalSize"] == 1, "the token works")


@case("login", "by a signed assertion")
def jwt_bearer(context):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    username = context.salesforce.query("SELECT Username FROM User LIMIT 1")["records"][0][
        "Username"
    ]
    registered = context.session.post(
        f"{context.address}/__simulator/apps",
        json={
            "clientId": "python-jwt",
            "certificate": public.decode(),
            "approvedUsers": [username],
        },
    )
    equal(registered.status_code, 201)
    own = Salesforce(
        username=username,
        consumer_key="python-jwt",
        privatekey=private.decode(),
        session=context.session,
    )
    check(own.query("SELECT Id FROM User LIMIT 1")["totalSize"] == 1, "the token works")


@case("login", "is refused with a wrong secret")
def wrong_secret(context):
    error = raises(
        SalesforceAuthenticationFailed,
        lambda: Salesforce(
            consumer_key="simulator-client",
            consumer_secret="wrong",
            domain="simulator.my",
            session=context.session,
        ),
    )
    equal(error.code, "invalid_client")


@case("login", "a session that is not known is told so")
def unknown_session(context):
    stranger = Salesforce(
        instance_url=context.address, session_id="00D!unknown", session=context.session
    )
    error = raises(SalesforceExpiredSession, lambda: stranger.query("SELECT Id FROM User"))
    equal(error.content[0]["errorCode"], "INVALID_SESSION_ID")


@case("login", "oauth2 userinfo")
def userinfo(context):
    info = context.salesforce.oauth2("userinfo")
    check(info["organization_id"].startswith("00D"), "organization_id")
    check(info["user_id"].startswith("005"), "user_id")
    check("@" in info["preferred_username"], "preferred_username")
