"""The clock and the dice of one package, and of nobody else."""

import datetime
import random
import sys
import threading
import time
from types import ModuleType

from slipway.cloud.ground.pinned import pin, pinned

SOURCE = """
import datetime, os, random, time, uuid
from datetime import datetime as dt
def made():
    return (time.time(), dt.now(), datetime.datetime.now(datetime.UTC), dt.utcnow(),
            datetime.date.today(), uuid.uuid4(), random.choice("abcdef"), os.urandom(8),
            isinstance(real, dt), isinstance(dt(2026, 1, 1), datetime.datetime))
"""
AT = 1_700_000_000.25


def test_the_same_entry_gives_the_same_times_and_ids(monkeypatch):
    module = ModuleType("pinnedpackage.module")
    module.real = datetime.datetime(2020, 1, 1)
    exec(SOURCE, module.__dict__)
    monkeypatch.setitem(sys.modules, "pinnedpackage.module", module)
    dice = random.Random()
    pin("pinnedpackage", dice, set())
    with pinned(AT, 7, dice):
        first = module.made()
    with pinned(AT, 7, dice):
        again = module.made()
    with pinned(AT, 8, dice):
        other = module.made()
    assert first == again
    assert first[5] != other[5]
    assert first[0] == AT
    assert first[2] == datetime.datetime.fromtimestamp(AT, datetime.UTC)
    assert first[8:] == (True, True)
    assert type(first[1]) is datetime.datetime


def test_nobody_else_sees_the_pinned_clock(monkeypatch):
    module = ModuleType("pinnedpackage.module")
    module.real = None
    exec(SOURCE, module.__dict__)
    monkeypatch.setitem(sys.modules, "pinnedpackage.module", module)
    dice = random.Random()
    pin("pinnedpackage", dice, set())
    seen = []
    with pinned(AT, 7, dice):
        thread = threading.Thread(target=lambda: seen.append(module.made()[0]))
        thread.start()
        thread.join()
        assert abs(time.time() - seen[0]) < 60
        assert datetime.datetime.now().timestamp() > AT
    assert module.made()[0] > AT
