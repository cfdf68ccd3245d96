"""A file that could not be loaded for want of a package is no fault of the change."""

from __future__ import annotations

from pathlib import Path

from bot.facts import Chain, Revision, Unloadable
from bot.observe.unloadable import Packages, described, why_not_in_order, without_modules

SOURCE = b'import arrow\nrevision = "b2"\ndown_revision = "a1"\n'
BROKEN = Unloadable("v/b2.py", 1, "ModuleNotFoundError: No module named 'arrow'")
CHAIN = Chain((Revision("a1", "v/a1.py"),), unloadable=(BROKEN,))


def told(chain: Chain, *, lacks: bool, base: Chain | None = None) -> Unloadable:
    """The chain's only unloadable file as it is described."""
    [item] = described(chain, lambda _: SOURCE, lambda _: lacks, base).unloadable
    return item


def test_the_source_says_which_revision_it_is() -> None:
    """Without running it."""
    item = told(CHAIN, lacks=False)
    assert (item.revision, item.down_revision, item.missing) == ("b2", ("a1",), None)


def test_a_module_that_base_misses_too_is_not_the_changes_fault() -> None:
    """Whatever is installed."""
    assert told(CHAIN, lacks=False, base=CHAIN).missing == "arrow"


def test_a_module_that_base_had_is_the_changes_fault() -> None:
    """The change removed it, although not everything that is declared is installed here."""
    base = Chain((Revision("a1", "v/a1.py"), Revision("b2", "v/b2.py", ("a1",))))
    assert told(CHAIN, lacks=True, base=base).missing is None


def test_a_new_file_is_excused_where_packages_are_missing() -> None:
    """Whether the declared ones are enough for it was not seen."""
    base = Chain((Revision("a1", "v/a1.py"),))
    item = told(CHAIN, lacks=True, base=base)
    assert item.missing == "arrow"


def test_a_package_in_another_version_is_as_good_as_missing() -> None:
    """Where not all could be installed as declared, one may not hold what another one imports."""
    error = "ImportError: cannot import name 'soft' from 'markup' (/x/site-packages/markup.py)"
    broken = Chain(unloadable=(Unloadable("v/b2.py", 1, error),))
    assert told(broken, lacks=True).missing == "markup"
    assert told(broken, lacks=False).missing is None
    error = "ImportError: cannot import name 'Iterator' from 'collections' (/x/lib/python3.11/c.py)"
    broken = Chain(unloadable=(Unloadable("v/b2.py", 1, error),))
    assert told(broken, lacks=True).missing == "collections"  # a package older than this Python


def test_another_error_is_never_excused() -> None:
    """A package has nothing to do with it."""
    broken = Chain(unloadable=(Unloadable("v/b2.py", 3, "SyntaxError: invalid syntax"),))
    assert told(broken, lacks=True, base=broken).missing is None


def test_a_module_of_the_tree_is_no_package(tmp_path: Path) -> None:
    """Its absence is somebody's mistake; and a complete environment lacks nothing."""
    (tmp_path / "src" / "shop").mkdir(parents=True)
    packages = Packages(tmp_path, tmp_path, ("src",))
    lacks = packages.lacking(complete=False)
    assert lacks("arrow.parser")
    assert not lacks("shop.gone")
    assert not packages.lacking(complete=True)("arrow")


def test_the_reader_learns_what_to_install() -> None:
    """Once, with the modules, however many files want them."""
    several = tuple(
        Unloadable(f"v/{number}.py", 1, "No module named 'arrow'", missing="arrow")
        for number in range(150)
    )
    assert without_modules(Chain(unloadable=several)) == (
        "150 revision files (first v/0.py) cannot be loaded here: not installed, or not as"
        " declared, are the modules they import (arrow)"
    )
    assert without_modules(CHAIN) is None


def test_an_unloadable_parent_is_named_with_its_error() -> None:
    """Not as one that does not exist."""
    chain = described(CHAIN, lambda _: SOURCE, lambda _: False)
    why = why_not_in_order(chain, "c3 names b2, which is not in the tree")
    assert why.startswith("v/b2.py, which others follow, could not be loaded: ModuleNotFoundError")
    assert why_not_in_order(chain, "c3 names zz, which is gone") == "c3 names zz, which is gone"


def test_what_fails_where_something_stood_in_is_no_fault_of_the_change() -> None:
    """But for its syntax: no module that is missing here makes a file unreadable."""
    errors = ("AttributeError: x", "SyntaxError: invalid syntax")
    chain = Chain(unloadable=tuple(Unloadable(f"{n}.py", 1, e) for n, e in enumerate(errors)))
    told = described(chain, lambda _: SOURCE, lambda _: False, stand_ins=["kombu"]).unloadable
    assert [item.missing for item in told] == ["kombu", None]
