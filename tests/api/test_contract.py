"""Whatever is sent, no operation breaks, and each answers as the contract tells (schemathesis).

The examples are the same in every run.
"""

from contextlib import closing

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from housing_ach.api.described.document import document
from tests.api.programs import Program

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 12
FEW = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SERVED = get_wsgi_application()


def on_one_connection(environ, start_response):
    """The test's own, in whose transaction all of this is; a server closes it after each request."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with closing(SERVED(environ, start_response)) as answer:
            return list(answer)
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


CONTRACT = schemathesis.openapi.from_dict(document())
CONTRACT.app = on_one_connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture
def program():
    return Program()


@CONTRACT.parametrize()
@FEW
def test_nothing_breaks_it(case, program):
    case.call_and_validate(headers=dict(program.headers), checks=CHECKS)


@CONTRACT.parametrize()
@settings(FEW, max_examples=2)
def test_nobody_is_answered_without_a_token(case):
    case.headers.pop("Authorization", None)

    answer = case.call()

    # Some examples are of no endpoint, or no method of it: that is told anybody.
    if answer.status_code in {404, 405}:
        return
    assert answer.status_code == 401, answer.content
    assert answer.headers["www-authenticate"] == ['Bearer realm="hms-ach"']
