"""Doing something as a user whom file rights bind: root, as whom containers test, reads all."""

import ctypes
import os
import pickle
import traceback
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

Answer = TypeVar("Answer")

# capset(2): _LINUX_CAPABILITY_VERSION_3, of this very thread; then two times three empty sets.
_THIS_THREAD: Final = (0x20080522, 0)
_NO_CAPABILITIES: Final = (0,) * 6


def unprivileged(work: Callable[[], Answer]) -> Answer:
    """Give what `work` answers in a child that may do only what the rights of files say."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        content = answer.read()
    os.waitpid(child, 0)
    assert content, "the child has said nothing; its own error stands above"
    given: Answer = pickle.loads(content)
    return given


def _answer(work: Callable[[], object], writing: int) -> NoReturn:
    """Say what `work` gives, and end without what the parent would do at its own end."""
    try:
        sets = ctypes.c_uint32 * len(_NO_CAPABILITIES)
        thread = ctypes.c_uint32 * len(_THIS_THREAD)
        ctypes.CDLL(None).capset(thread(*_THIS_THREAD), sets(*_NO_CAPABILITIES))
        os.write(writing, pickle.dumps(work()))
    except BaseException:  # noqa: BLE001 -- the child has nobody else to tell
        traceback.print_exc()
    finally:
        os._exit(0)
