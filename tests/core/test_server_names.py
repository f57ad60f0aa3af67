"""Claims about names of servers as somebody types them."""

import pytest

from notifier.core.federation.server_names import server_name


@pytest.mark.parametrize(
    ("typed", "name", "shown"),
    [
        ("vc.example.org", "vc.example.org", "vc.example.org"),
        (" VC.Example.org. ", "vc.example.org", "vc.example.org"),
        ("Kö.example", "xn--k-1ga.example", "Kö.example (xn--k-1ga.example)"),
        ("еxample.com", "xn--xample-2of.com", "еxample.com (xn--xample-2of.com)"),
        ("xn--k-1ga.example", "xn--k-1ga.example", "xn--k-1ga.example"),
    ],
)
def test_a_name_is_shown_as_it_is_compared(typed: str, name: str, shown: str) -> None:
    found = server_name(typed)

    assert (found.name, found.shown) == (name, shown)


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("https://vc.example.org/c/1", "is a URL"),
        ("boris@vc.example.org", "behind its @"),
        ("*.example.org", "is a mask"),
        ("vc.example.org:4307", "has a port; give the name of the server alone"),
        ("vc.example.org/c/1", "has a path; give the name of the server alone"),
        ("10.0.0.1", "is an IP address"),
        ("::1", "is an IP address"),
        ("vc example", "is "),
        ("vc..example", "is "),
        ("ßß\u0378.example", "is "),
    ],
)
def test_what_is_no_name_is_refused_with_what_to_give(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice) as refused:
        server_name(typed)

    assert repr(typed.strip()) in str(refused.value)
    # Who asks about one server cannot give a mask.
    assert "masks" not in str(refused.value)
