"""Runs simple-salesforce's public surface against the org at the address given."""

import sys

from simple_salesforce import Salesforce

# Imported for the cases they register.
import bulk_cases  # noqa: F401  pylint: disable=unused-import
import login_cases  # noqa: F401  pylint: disable=unused-import
import query_cases  # noqa: F401  pylint: disable=unused-import
import record_cases  # noqa: F401  pylint: disable=unused-import
from cases import run_all
from loopback import loopback_session


class Context:
    def __init__(self, address, token, folder):
        self.address = address
        self.folder = folder
        self.session = loopback_session(address)
        self.salesforce = Salesforce(
            instance_url=address, session_id=token, session=self.session
        )


run_all(Context(*sys.argv[1:4]))
