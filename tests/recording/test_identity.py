"""Users are known by a keyed hash only."""

from __future__ import annotations

import os
import stat

import pytest

from monitoring.errors import SettingError
from monitoring.recording.identity import UserHash, load_key


def test_a_hash_is_the_same_for_the_same_key_only():
    """Sixteen hexadecimal digits, which another key cannot make."""
    one, other = UserHash(bytes(range(32))), UserHash(bytes(range(1, 33)))
    assert one(42) == one(42) == UserHash(bytes(range(32)))(42)
    assert one(42) != other(42)
    assert one(42) != one(43)
    assert len(one(42)) == 16
    assert int(one(42), 16) >= 0


def test_the_key_is_never_shown():
    """Not even in a traceback or debugger."""
    assert repr(UserHash(b"k" * 32)) == "UserHash(key=***)"


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    """The first start makes it; later ones find it; a file open to others is closed to them."""
    path = tmp_path / "data" / "monitoring.key"
    key = load_key(path)
    assert len(key) == 32
    assert list(path.parent.iterdir()) == [path]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)

    assert load_key(path) == key
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short", bytes(32), b"a" * 32])
def test_what_cannot_be_a_key_stops_the_start(tmp_path, content):
    """With a sentence that says what to do, and the file left as it is."""
    path = tmp_path / "monitoring.key"
    path.write_bytes(content)
    with pytest.raises(SettingError, match="key"):
        load_key(path)

    assert path.read_bytes() == content
