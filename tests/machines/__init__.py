import pytest

pytest.register_assert_rewrite("tests.machines.books", "tests.machines.market", "tests.machines.paying_out")
