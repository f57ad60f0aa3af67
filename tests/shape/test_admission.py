"""Claims about who decides over federation: one module judges, and only where it is decided."""

from tests.shape.sources import imported, modules

# Who asks whether a server may take part: the one place for notices, and administrators who ask.
JUDGES = {"notifier/core/admission.py"}
# Who asks that place: where a notice is decided, where it becomes a delivery, and where somebody
# wants that sent again.
ASKING = {
    "notifier/core/notices.py",
    "notifier/core/planning.py",
    "notifier/admin/deliveries.py",
}


def importers_of(name: str) -> set[str]:
    return {each.as_posix() for each in modules() if name in imported(each)}


def test_r45_one_module_judges_who_of_a_notice_is_kept_out() -> None:
    found = importers_of("notifier.core.federation.federation.judged")

    assert {each for each in found if not each.startswith("notifier/admin/")} == JUDGES


def test_r45_what_is_told_is_judged_when_it_is_decided_planned_and_wanted_again() -> None:
    assert importers_of("notifier.core.admission.exclusion_of") == ASKING


def test_lists_of_masks_are_asked_by_the_federation_alone() -> None:
    assert importers_of("notifier.core.federation.mask_index.Masks") == {
        "notifier/core/federation/federation.py",
        "notifier/core/federation/mask_findings.py",
    }
