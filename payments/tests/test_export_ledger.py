"""Beancount as an accountant who has not read our code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from payments.actions import refund_hold, request_payout
from payments.tests.money import aed, answered, banked, captured, earned, part, seller_ready, transferred

pytestmark = pytest.mark.django_db
BEAN_CHECK = str(
    Path(sys.executable).parent / "bean-check"
)  # of requirements-dev.txt: without it the books are not checked


def export(folder: Path) -> Path:
    path = folder / "souk.beancount"
    call_command("export_ledger", "--format", "beancount", "--output", str(path), verbosity=0)
    return path


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [BEAN_CHECK, "--no-cache", str(path)], capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture
def life():
    seller = seller_ready(takes_instant=True)
    captured(part(seller, reference="order:held"), fee=9_67)
    earned(seller, 250_00, reference="order:a")
    earned(seller, 333_33, commission=33_33)
    answered(refund_hold(reference="order:a", amount=aed(100_01), reason="x", requested_by=None, by_staff=False))
    banked(transferred(request_payout(seller=seller)), "failed")
    assert timezone.now()


def test_an_independent_accountant_agrees(life, tmp_path):
    result = checked(export(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("what", ["a line", "a balance"])
def test_and_sees_a_single_fils(life, tmp_path, what):
    path = export(tmp_path)
    before = path.read_text()
    if what == "a line":
        after = before.replace("  25000 FILAED", "  25001 FILAED", 1)
    else:
        after = re.sub(
            r"( balance Income:Commission:AED  -\d+)(\d) ", lambda m: f"{m[1]}{(int(m[2]) + 1) % 10} ", before
        )
    assert after != before
    path.write_text(after)
    result = checked(path)
    assert result.returncode == 1
    assert "Transaction does not balance" in result.stderr or "Balance failed" in result.stderr


def test_the_export_says_which_unit(life, capsys):
    call_command("export_ledger")
    written = capsys.readouterr().out
    assert "open Assets:Provider:AED FILAED" in written
    assert "open Liabilities:Holds:Order-held:AED FILAED" in written


def test_an_empty_ledger_is_an_empty_book(capsys):
    call_command("export_ledger")
    assert capsys.readouterr().out == 'option "title" "Souk Loop"\n'
