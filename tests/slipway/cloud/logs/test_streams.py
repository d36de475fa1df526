"""The streams of a group, as its files tell."""

import os
import shutil

from slipway.cloud.logs.streams import below


def test_a_group_that_is_deleted_meanwhile_has_no_streams(tmp_path, monkeypatch):
    group = tmp_path / "group"
    log = group / "2026" / "11" / "one.log"
    log.parent.mkdir(parents=True)
    log.write_text("")
    (found,) = below(group, "")
    assert found.name == "2026/11/one"
    scandir = os.scandir

    def late(path):
        if str(path).endswith("11"):
            shutil.rmtree(group)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", late)
    assert list(below(group, "")) == []
