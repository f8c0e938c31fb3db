"""What this machine has for the book, and for anything missing the command that fixes it."""

import importlib.metadata
import json
import os
import platform
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MANAGER = Path("@jupyter-widgets") / "jupyterlab-manager" / "package.json"


@dataclass(frozen=True)
class Finding:
    """One line of the report; `fix` is the command that helps, empty when all is well."""

    name: str
    found: str
    fix: str = ""


def install(*what):
    """Return the pip command that installs into the Python that is running."""
    return shlex.join([sys.executable, "-m", "pip", "install", *what])


def install_book():
    """Return the pip command that installs the book's package with what it needs."""
    if not (ROOT / "pyproject.toml").exists():
        return install("--force-reinstall", "bookutils")
    return install("--constraint", str(ROOT / "constraints.txt"), "--editable", str(ROOT))


def pinned_versions(path=ROOT / "constraints.txt"):
    """Return {package: version} of the versions that were tested; empty where none are noted."""
    if not path.exists():
        return {}
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("==") for line in lines if line)


def python(version=sys.version_info[:3]):
    """Report the Python that runs this."""
    found = f"{'.'.join(map(str, version))} in {sys.prefix}"
    if tuple(version) < (3, 11):
        return Finding("Python", found, "install Python 3.11 or newer, then: make lab")
    return Finding("Python", found)


def packages(requirements=None, version=importlib.metadata.version):
    """Report each package the book needs, held against its bounds and the tested version."""
    from packaging.requirements import Requirement

    if requirements is None:
        requirements = importlib.metadata.requires("bookutils")
    tested = pinned_versions()
    for requirement in map(Requirement, requirements):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            have = version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(requirement.name, "missing", install_book())
            continue
        noted = tested.get(requirement.name, "")
        if not requirement.specifier.contains(have, prereleases=True):
            found = f"{have}, and the book needs {requirement.specifier}"
            yield Finding(requirement.name, found, install(str(requirement)))
        elif noted in ("", have.split("+")[0]):
            yield Finding(requirement.name, have)
        else:
            yield Finding(requirement.name, f"{have} (tested with {noted})")


def processor():
    """Report the processor and how many of its cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Finding("CPU", f"{platform.machine()}, {cores} core{'s' if cores != 1 else ''}")


def cuda(devices=None):
    """Report whether PyTorch sees a CUDA device; the book needs none."""
    if devices is None:
        from bookutils.verify import peer

        devices = peer.torch_devices()
    if "cuda" in devices:
        return Finding("CUDA", "a device is found; comparisons run on it too")
    return Finding("CUDA", "no device found; every chapter runs on the CPU")


def widget_manager(folders=None):
    """Report the part of JupyterLab that draws sliders, without which they stay text."""
    if folders is None:
        from jupyter_core.paths import jupyter_path

        folders = jupyter_path("labextensions")
    for folder in map(Path, folders):
        if (folder / MANAGER).exists():
            version = json.loads((folder / MANAGER).read_text(encoding="utf-8"))["version"]
            return Finding("widget manager", f"{version} in {folder}")
    fix = install("--force-reinstall", "--no-deps", "jupyterlab_widgets")
    return Finding("widget manager", "missing: sliders would stay text", fix)


def progress_file(path=None):
    """Report where progress is kept and whether it can be written there."""
    if path is None:
        from bookutils.checks import solved as progress

        path = progress.path()
    path = Path(path)
    place = path if path.exists() else path.parent
    while not place.exists():
        place = place.parent
    if os.access(place, os.W_OK) and not path.is_dir():
        return Finding("progress", f"{path}" if path.exists() else f"{path} (not begun)")
    fix = "set BOOKUTILS_PROGRESS to a file in a folder of yours"
    return Finding("progress", f"{path} cannot be written", fix)


def findings():
    """Return every line of the report, whatever is missing."""
    report = [python()]
    for probe in (packages, processor, cuda, widget_manager, progress_file):
        try:
            found = probe()
            report += [found] if isinstance(found, Finding) else found
        except (ImportError, importlib.metadata.PackageNotFoundError) as error:
            report.append(Finding(probe.__name__, f"not known: {error}", install_book()))
    return report


def doctor(brief=False):
    """Print the report, aligned; return 1 when something has to be fixed, else 0.

    With `brief` only what has to be fixed is printed, or one sentence that all is well.
    """
    report = findings()
    ill = [finding for finding in report if finding.fix]
    width = max(len(finding.name) for finding in report)
    for finding in ill if brief else report:
        print(f"{finding.name:<{width}}  {finding.found}")
        if finding.fix:
            print(f"{'':<{width}}  to fix it: {finding.fix}")
    if not ill:
        print("This machine has what the book needs.")
    return 1 if ill else 0
