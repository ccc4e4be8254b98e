"""An office with one phone that is served and several that are refused, and how to ask for them."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.provision.desk import ARTICLE_MAC, PHONES, alice, entry, phone

FAULTY = entry(f"cn=faulty,{PHONES}", macAddress="00:14:7f:00:00:01", owner="uid=nobody,dc=x")
NO_SECRET = entry(
    f"cn=unready,{PHONES}", macAddress="00:14:7f:00:00:02", objectClass="AsteriskSIPUser", AstAccountName="1002"
)
TWINS = [entry(f"cn=twin{n},{PHONES}", macAddress="00:14:7f:00:00:03") for n in range(2)]
ENTRIES = (phone(), alice(), FAULTY, NO_SECRET, *TWINS)
REFUSED_MACS = ("00147F000001", "00147F000002", "00147F000003", "AAAAAAAAAAAA")


def phone_path(mac: str) -> str:
    return f"/provisioning/ST2030/config/ST2030S_{mac}.txt"


PHONE_FILE = phone_path(ARTICLE_MAC)


def common_path(client: FlaskClient) -> str:
    """Where the general file says that the common file is."""
    return client.get("/ST2030.inf").text.partition("common_config=http://127.0.0.1:8080")[2].splitlines()[0]


def whole(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(answer.headers)
