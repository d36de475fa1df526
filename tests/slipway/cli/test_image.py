"""image add, list, remove, build."""


def test_an_image_is_added_listed_and_removed(shell, tmp_path):
    (tmp_path / "server.py").write_text("")
    words = ("--command", "python server.py", "--streams", "--accept-bind-to-port")
    added = shell("image", "add", "scorer:1", *words, cwd=tmp_path)
    assert added.out == f"scorer:1 is `python server.py` in {tmp_path}, streams, binds port\n"
    listed = shell("image", "list", "--json").json
    assert listed["Added"] == [
        {
            "Image": "scorer:1",
            "command": ["python", "server.py"],
            "folder": str(tmp_path),
            "streams": True,
            "binds_port": True,
        }
    ]
    states = {one["Family"]: one["Environment"] for one in listed["Families"]}
    assert states["sklearn"] == "built" and "pytorch" in states
    assert shell("image", "remove", "scorer:1").out == "scorer:1 is forgotten\n"
    gone = shell("image", "remove", "scorer:1")
    assert gone.code == 1 and "found none at all" in gone.err


def test_what_cannot_stand_for_an_image_is_refused(shell):
    for words, told in (
        (("--command", "./gone"), "expected a program that can be executed, found none: './gone'"),
        (("--family", "caffe"), "no family is named 'caffe'; the known families are python"),
    ):
        refused = shell("image", "add", "scorer", *words)
        assert refused.code == 1 and told in refused.err
