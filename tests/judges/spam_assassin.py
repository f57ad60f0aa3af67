"""SpamAssassin, whose points decide at many a mail server whether a letter is read at all."""

import atexit
import shutil
import tempfile
from typing import Final

from tests.judges.foreigner import FOREIGN, Foreigner

# Points; at 5 a mail counts as spam, and what stands for a server's reputation has to fit between.
MOST: Final = 1.0

_scratch: Final = tempfile.mkdtemp(prefix="judges-")
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
_spamassassin: Final = Foreigner("perl", FOREIGN / "spamassassin.pl", _scratch)


def findings(mail: bytes) -> list[str]:
    """Give one sentence for a mail that scores too much."""
    said = _spamassassin.about(mail, "findings")
    return [f"{said['score']:.1f} points for {said['rules']}"] if said["score"] >= MOST else []
