"""A filter of a phonebook that lists nobody is told with the likely reason."""

import pytest

from services.directory.lint import lint
from services.directory.lint_books import why_nobody_listed
from shared.ldap.source import Kind
from tests.directory.desk import configuration, person

ANNA = person("anna", "Anna Roy", AstAccountName="1001", employeeType="staff", objectClass=("top", "inetOrgPerson"))
MUTE = person("berta", "Berta Roy", employeeType="guest", objectClass=("top", "inetOrgPerson"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(employeeTyp=staff)", "(employeeTyp=staff) matches 0 of the 2 who are shown: nobody has employeeTyp, or the"),
        ("(&(cn=*)(employeeType=partner))", "(cn=*) matches 0 of the 2 who are shown: nobody has cn"),
        ("(&(sn=*)(employeeType=partner))", "nobody has sn"),
        ("(employeeType=partner)", "(employeeType=partner) matches 0 of the 2 who are shown, who have other values"),
        (
            "(objectClass=person)",
            "they are `inetOrgPerson`, and a phonebook's filter knows only classes that entries list",
        ),
        ("(employeeType=guest)", "whom it lists has no number that can be dialled"),
        ("(&(employeeType=guest)(employeeType=staff))", "correct the filter"),
    ],
)
def test_the_likely_reason_is_told(text: str, reason: str) -> None:
    assert reason in why_nobody_listed(text, [ANNA, MUTE])


def test_lint_tells_it_of_those_who_are_shown_and_of_nobody_else() -> None:
    hidden = person("ottilie", "Ottilie", AstAccountName="1002", employeeType="partner", dialtreeHidden="TRUE")
    book = {"slot": 1, "kind": "filter", "filter": "(employeeType=partner)"}
    (finding,) = lint(configuration(phonebooks=[book]), [(Kind.PERSON, ANNA), (Kind.PERSON, hidden)])
    assert finding.problem.startswith(
        "(employeeType=partner) lists nobody: (employeeType=partner) matches 0 of the 1 who"
    )


def test_where_nobody_is_shown_the_filter_is_not_to_blame() -> None:
    assert why_nobody_listed("(employeeType=partner)", []) == "correct the filter"
