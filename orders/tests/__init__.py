import pytest

pytest.register_assert_rewrite("orders.tests.dealing")
