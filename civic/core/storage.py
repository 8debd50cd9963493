"""Files that people gave us, kept in one folder under names that cannot be guessed."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO

KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}\.[a-z0-9]{1,8}")
_root = Path("instance/uploads")


def configure(root: Path) -> None:
    """Keep files beneath this folder."""
    global _root
    _root = root


def _path(key: str) -> Path:
    if not KEY.fullmatch(key):
        raise FileNotFoundError(key)
    return _root / key


def keep(data: bytes, suffix: str) -> str:
    """Store the bytes durably and give their key. Written beside and renamed, so no half file is ever seen."""
    name = secrets.token_hex(16)
    key = f"{name[:2]}/{name[2:]}.{suffix}"
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with open(part, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    return key


def keep_file(made: Path, suffix: str) -> str:
    """Take over a file that was written elsewhere, and give its key."""
    name = secrets.token_hex(16)
    key = f"{name[:2]}/{name[2:]}.{suffix}"
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    shutil.copyfile(made, part)
    with part.open("rb+") as file:
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
