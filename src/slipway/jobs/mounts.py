"""Give this process a file system, processes and a network of its own. Linux, standard library only.

As root in the host's user namespace; as anyone else in a new one in which the user keeps his own
number, so that nothing inside believes that it may change owners. The capabilities that mounting
needs end with the job's `execve`.
"""

import ctypes
import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NEWNS, NEWUSER, NEWPID, NEWNET = 0x00020000, 0x10000000, 0x20000000, 0x40000000
RDONLY, REMOUNT, BIND, REC, PRIVATE, DETACH = 1, 0x20, 0x1000, 0x4000, 0x40000, 2
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(network: bool) -> None:
    """Leave the host's mounts, and with the next fork its processes; without `network` also that."""
    uid, gid = os.getuid(), os.getgid()
    flags = NEWNS | NEWPID | (0 if network else NEWNET) | (NEWUSER if uid else 0)
    _call("unshare", flags)
    if uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    mount("none", "/", None, REC | PRIVATE)


def arrange(plan: Mapping[str, Any]) -> None:
    """Mount what a sandbox plan names: `read_only`, `binds`, `own`, `overlays`, `last`. See sandbox.py."""
    for path in plan["read_only"]:
        bind(path, path)
        mount("none", path, None, REMOUNT | BIND | RDONLY)
    for source, target in plan["binds"]:
        bind(source, target)
    for folder, entries in plan["own"].items():
        put_into(folder, entries, plan["scratch"])
    for overlay in plan["overlays"]:
        lay_over(**overlay)
    for source, target in plan.get("last", []):
        bind(source, target)


def put_into(folder: str, entries: Mapping[str, str], scratch: str) -> None:
    """Put files and folders into one of the host's folders, whatever it has and whoever owns it.

    `entries` are the sources by their names there; `scratch` is an empty folder.
    """
    bind(folder, scratch)
    mount("tmpfs", folder, "tmpfs", 0, "mode=755")
    for entry in os.scandir(scratch):
        target = Path(folder, entry.name)
        if entry.name in entries:
            continue
        if entry.is_symlink():
            target.symlink_to(Path(entry.path).readlink())
        elif entry.is_dir() or entry.is_file():
            show(entry.path, target)
    for name, source in entries.items():
        show(source, Path(folder, name))
    _call("umount2", scratch.encode(), DETACH)


def show(source: str, target: Path) -> None:
    """Make a place for a file or folder, and show it there."""
    if Path(source).is_dir():
        target.mkdir()
    else:
        target.touch()
    bind(source, str(target))


def lay_over(lower: str, upper: str, work: str, target: str) -> None:
    """Show `lower` at a target: writing there changes `upper` only."""
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    mount("overlay", target, "overlay", 0, options + (",userxattr" if os.getuid() else ""))


def own_proc() -> None:
    """Show only this namespace's processes in /proc; for the namespace's first process."""
    mount("proc", "/proc", "proc", 0)


def loopback_up() -> None:
    """Switch on the loopback interface of a network namespace."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        (flags,) = struct.unpack_from("H", fcntl.ioctl(handle, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags | IFF_UP, b""))


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own."""
    _call("prctl", 36, 1, 0, 0, 0)


def bind(source: str, target: str) -> None:
    """Show a file or folder, with what is mounted in it, at a second place."""
    mount(source, target, None, BIND | REC)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Call mount(2); OSError says what was to be mounted where."""
    words = [word.encode() if word else None for word in (source, target, kind)]
    _call("mount", *words, ctypes.c_ulong(flags), options.encode() or None)


def _call(name: str, *arguments: Any) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}{arguments}: {os.strerror(code)}")
