"""Whatever is sent, no operation breaks, and each answers as the contract tells (schemathesis).

The examples are the same in every run.
"""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import NonInteractiveExampleWarning
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from housing_ach.api.described.document import document
from tests.api.programs import Program
from tests.api.test_openapi import VIEWS

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
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CONTRACT = schemathesis.openapi.from_dict(document())
CONTRACT.app = get_wsgi_application()

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

    assert answer.status_code == 401, answer.content
    assert answer.headers["www-authenticate"] == ['Bearer realm="hms-ach"']
