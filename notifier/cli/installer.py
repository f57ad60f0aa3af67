"""`notifier network …installer…`: names of installers that tell clients where the server is."""

from pathlib import Path

import msgspec
import typer

from notifier.adapters import file_names
from notifier.admin import Impossible
from notifier.cli.faults import Failed
from notifier.cli.groups import JSON, alone
from notifier.cli.opening import asked
from notifier.cli.printing import echo_json, echo_table
from notifier.core.network.installer_names import check_installer

# Joined to the group `network`.
app = alone()


@app.command(epilog="Example: notifier network installer-name setup.exe --rename")
def installer_name(
    file: Path = typer.Argument(help="The installer, or only its name: setup.exe."),
    rename: bool = typer.Option(False, "--rename", help="Rename the file; never over another."),
    as_json: bool = JSON,
) -> None:
    """Print the name by which an installer leads here.

    The external addresses in force, in their order, are sealed into a token of letters and digits:
    setup_TOKEN.exe. An older token in the name gives way. The same addresses give the same name.
    A name has at most 200 characters; eight addresses fit as a rule.

    The first call makes the key. A client reads only names by a key that it carries: the key is
    the line installer_keys of `notifier settings export --with-secrets`.
    """
    try:
        check_installer(file.name)
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from fault
    if rename and not file.is_file():
        raise Failed(f"{str(file)!r} is to be renamed and is no file; name one that is there.")
    try:
        named = asked(lambda admin: admin.installers.name_for(file.name), writes=True)
    except Impossible as fault:
        raise Failed(str(fault)) from fault
    renamed = rename and _renamed(file, named.name)
    if as_json:
        echo_json(msgspec.to_builtins(named) | {"renamed": renamed})
    else:
        typer.echo(named.name)


@app.command(epilog="Example: notifier network read-installer-name 'setup_90X7Bm….exe'")
def read_installer_name(
    name: str = typer.Argument(help="The name of an installer, with or without a path."),
    as_json: bool = JSON,
) -> None:
    """Print the addresses that an installer's name tells.

    They stand in the order in which clients try them. What browsers and copies put behind the
    token, such as ` (1)` or ` - Copy`, does no harm. A name that was cut, altered, made by another
    server or by a key that is gone is refused (status 1).
    """
    try:
        found = asked(lambda admin: admin.installers.read(name))
    except Impossible as fault:
        raise Failed(str(fault)) from fault
    if as_json:
        echo_json(found)
        return
    echo_table(("address", "port"), ((each.host, each.port) for each in found.addresses))
    age = "the newest" if found.key == found.newest_key else f"the newest is {found.newest_key}"
    typer.echo(f"Sealed with key {found.key} ({age}).")
    if found.current:
        typer.echo("These are the external addresses in force.")
    else:
        typer.echo("The external addresses in force are others: let the installer be renamed.")


@app.command(epilog="Example: notifier network rotate-installer-key")
def rotate_installer_key(as_json: bool = JSON) -> None:
    """Make a new key for names of installers.

    Names by the last 8 keys are still read here. For when a key has become known. Installers in the
    world keep their names and carry the keys that they were built with: those read names by the
    older keys, and none by the new one. So build the new key into the installer first, then rename
    it.
    """
    rotated = asked(lambda admin: admin.installers.rotate(), writes=True)
    if as_json:
        echo_json(rotated)
        return
    read = ", ".join(str(each) for each in rotated.read)
    typer.echo(f"New names are sealed with key {rotated.key}; names by the keys {read} are read.")
    for each in rotated.gone:
        typer.echo(f"Key {each} is gone: its names are read here no more.")
    typer.echo(
        "Installers that people have keep their names and the keys built into them, and cannot "
        "read names by the new key: build it in (notifier settings export --with-secrets), then "
        "rename the installer: notifier network installer-name FILE --rename"
    )


def _renamed(file: Path, name: str) -> bool:
    """Rename the file; give False where it is called so already."""
    if file.name == name:
        return False
    try:
        file_names.rename(file, name)
    except FileExistsError as error:
        raise Failed(
            f"{str(file)!r} cannot be renamed: there is a file {name} beside it already; "
            "remove one of the two."
        ) from error
    except OSError as error:
        raise Failed(
            f"{str(file)!r} cannot be renamed to {name} ({error.strerror}); "
            "let its user write to its folder, or rename it by hand."
        ) from error
    return True
