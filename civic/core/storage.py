"""Files that people gave us, kept in one folder under names that cannot be guessed."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}\.[a-z0-9]{1,8}")
ORIGINAL = ".original"
_root = Path("instance/uploads")


def configure(root: Path) -> None:
    """Keep files beneath this folder."""
    global _root
    _root = root
    shut_folder(root)


def shut_folder(folder: Path) -> None:
    """Let nobody but us look into this folder; make it where it is missing. One of another owner stays as it is."""
    _make(folder)
    with suppress(PermissionError):
        folder.chmod(0o700)


def _make(folder: Path) -> None:
    """The folder and what is missing above it, each only ours: `parents=True` would leave those above open."""
    for part in reversed([folder, *folder.parents]):
        if not part.exists():
            part.mkdir(mode=0o700, exist_ok=True)


def shut_file(file: Path) -> None:
    """Let nobody but us read this file; make it, empty, where it is missing, so that it is never open for a moment."""
    _make(file.parent)
    file.touch(mode=0o600)
    for part in (file, *file.parent.glob(f"{file.name}-*")):
        with suppress(PermissionError):
            part.chmod(0o600)


def _new(path: Path) -> BinaryIO:
    """A file that is only ours from its first moment on."""
    _make(path.parent)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _path(key: str) -> Path:
    if not KEY.fullmatch(key):
        raise FileNotFoundError(key)
    return _root / key


def keep(data: bytes, suffix: str) -> str:
    """Store the bytes durably and give their key. Written beside and renamed, so no half file is ever seen."""
    name = secrets.token_hex(16)
    key = f"{name[:2]}/{name[2:]}.{suffix}"
    path = _path(key)
    part = path.with_suffix(".part")
    with _new(part) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    return key


def keep_with_original(data: bytes, suffix: str, original: bytes) -> str:
    """Store what is shown, and beside it the bytes as they came: evidence stays what it was. One key for both."""
    key = keep(data, suffix)
    path = _path(key).with_suffix(ORIGINAL)
    with open(path, "xb") as file:
        file.write(original)
        file.flush()
        os.fsync(file.fileno())
    return key


def open_original(key: str) -> BinaryIO | None:
    """The bytes as they came, None where only what is shown was kept."""
    path = _path(key).with_suffix(ORIGINAL)
    return path.open("rb") if path.exists() else None


def keep_file(made: Path, suffix: str) -> str:
    """Take over a file that was written elsewhere, and give its key."""
    name = secrets.token_hex(16)
    key = f"{name[:2]}/{name[2:]}.{suffix}"
    path = _path(key)
    part = path.with_suffix(".part")
    with made.open("rb") as source, _new(part) as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    return key


def open_(key: str) -> BinaryIO:
    """The file for reading; FileNotFoundError for unknown or malformed keys."""
    return _path(key).open("rb")


def is_kept(key: str) -> bool:
    """Whether there is a file under this key."""
    return KEY.fullmatch(key) is not None and _path(key).exists()


def remove(key: str) -> None:
    """Forget a file; already gone is fine."""
    _path(key).unlink(missing_ok=True)
    _path(key).with_suffix(ORIGINAL).unlink(missing_ok=True)
