import pytest
from django.db import connection

from tests.audit.door import Door, table_sql


@pytest.fixture
def doors(db):
    with connection.cursor() as cursor:
        cursor.execute(table_sql(Door).replace("CREATE TABLE", "CREATE TEMP TABLE"))
    return Door.objects
