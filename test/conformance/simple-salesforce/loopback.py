"""A requests session that reaches the org over plain HTTP on this machine.

simple-salesforce builds every address with https and, for logins, a host of salesforce.com. All of
them are turned to the one address given, so nothing leaves the machine.
"""

from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter


class LoopbackAdapter(HTTPAdapter):
    def __init__(self, address):
        super().__init__()
        self._address = urlsplit(address)

    def send(self, request, **options):
        asked = urlsplit(request.url)
        request.url = urlunsplit(
            (self._address.scheme, self._address.netloc, asked.path, asked.query, "")
        )
        return super().send(request, **options)


def loopback_session(address):
    session = requests.Session()
    # A proxy of the environment would get the requests before the adapter does.
    session.trust_env = False
    session.mount("https://", LoopbackAdapter(address))
    session.mount("http://", LoopbackAdapter(address))
    return session
