"""What this machine has for the book, and for anything missing the command that fixes it."""

import importlib.metadata
import json
import os
import platform
import shlex
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

from bookutils import hidden

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


def install_book(root=ROOT, python=sys.executable):
    """Return the pip command that installs the book's package with what it needs."""
    if not (root / "pyproject.toml").exists():
        return install("--force-reinstall", "bookutils")
    what = ["--constraint", str(root / "constraints.txt"), "--editable", str(root)]
    return shlex.join([python, "-m", "pip", "install", *what])


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
    fix = "set BOOKUTILS_PROGRESS to a file in a folder of yours"
    if path is None:
        from bookutils.checks import solved as progress

        try:
            path = progress.path()
        except OSError as error:
            return Finding("progress", f"not kept: {error.strerror}", fix)
    path = Path(path)
    place = path if path.exists() else path.parent
    while not place.exists():
        place = place.parent
    if os.access(place, os.W_OK) and (path.is_file() or not path.exists()):
        return Finding("progress", f"{path}" if path.exists() else f"{path} (not begun)")
    return Finding("progress", f"{path} cannot be written", fix)


def book_folder(start=None):
    """The book that this folder lies in, else the one this package is part of; None if neither."""
    start = Path.cwd() if start is None else Path(start)
    for folder in (start, *start.parents, ROOT):
        if (folder / "chapters").is_dir() and (folder / "bookutils" / "__init__.py").is_file():
            return folder
    return None


def kernel_python():
    """The Python that Jupyter starts for a notebook of the book."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        python = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return sys.executable
    # a bare name is not looked up on the PATH: Jupyter takes the Python that it runs in itself
    major, minor = sys.version_info[:2]
    bare = ("python", f"python{major}", f"python{major}.{minor}")
    return sys.executable if python in bare else python


ASKED = (
    "import importlib.util, os, sys; found = importlib.util.find_spec('bookutils'); "
    "sys.stdout.buffer.write(os.fsencode(found and found.origin or ''))"
)


def imported_by(python, folder):
    """The file that `import bookutils` loads in a notebook of this folder, "" where it fails."""
    command = [python, "-c", ASKED]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return os.fsdecode(done.stdout).strip()


def notebooks(root=None, python=None):
    """Report whether the notebooks of this book import the package that lies beside them.

    A folder that was renamed, or a second copy of the book, has another, or none.
    """
    root = book_folder() if root is None else Path(root)
    if root is None:
        return []
    python = python or kernel_python()
    loaded = imported_by(python, root / "chapters")
    own = root / "bookutils" / "__init__.py"
    if loaded and os.path.exists(loaded) and os.path.samefile(loaded, own):
        return Finding("notebooks", f"those in {root} import the package beside them")
    fix = install_book(root, python)
    if not loaded:
        return Finding("notebooks", f"those in {root} find no bookutils with {python}", fix)
    if Path(loaded).name != "__init__.py":
        fix = f"rename {loaded}"
    return Finding("notebooks", f"those in {root} import {loaded}, not the book's own", fix)


def beside_notebooks(root=None):
    """Report files beside notebooks that hide a module from them."""
    root = book_folder() if root is None else Path(root)
    for folder in ("chapters", "exercises", "solutions") if root else ():
        # where IPython puts the folder of a notebook: before all that is installed
        path = [place for place in sys.path if place not in ("", os.getcwd())]
        installed = (i for i, place in enumerate(path) if Path(place).name in INSTALLED)
        path.insert(next(installed, len(path)), str(root / folder))
        for name, file in hidden.hiding(root / folder, path).items():
            yield Finding("hidden module", f"{file} hides {name}", f"rename {file}")


INSTALLED = "lib-dynload", "site-packages", "dist-packages"


def home():
    """Report whether JupyterLab and matplotlib can keep their files."""
    folder = os.path.expanduser("~")
    if os.path.isdir(folder) and os.access(folder, os.W_OK):
        return []
    return Finding("home", f"{folder} cannot be written", "set HOME to a folder of yours")


SETTINGS = {  # of IPython, under which a page shows other outputs or stops: what each is by itself
    "ast_node_interactivity": "last_expr",
    "float_precision": "",
    "pylab": None,
    "exec_lines": [],
    "exec_files": [],
}
OF_KERNELS = (
    "InteractiveShell", "ZMQInteractiveShell", "InteractiveShellApp", "IPKernelApp",
    "PlainTextFormatter",
)  # fmt: skip


def ipython_settings(folders=None):
    """Report what in the reader's own settings of IPython changes what a page shows."""
    from IPython.core.application import SYSTEM_CONFIG_DIRS
    from IPython.paths import get_ipython_dir
    from traitlets.config.loader import PyFileConfigLoader

    if folders is None:
        folders = [*SYSTEM_CONFIG_DIRS, Path(get_ipython_dir()) / "profile_default"]
    for folder in map(Path, folders):
        for name in ("ipython_config.py", "ipython_kernel_config.py"):
            if not (folder / name).is_file():
                continue
            try:
                config = PyFileConfigLoader(name, path=str(folder)).load_config()
            except Exception as error:  # a program of the reader's own
                yield Finding("IPython", f"{folder / name} fails: {error}", f"edit {folder / name}")
                continue
            for of, own in SETTINGS.items():
                for kind in OF_KERNELS:
                    if kind in config and of in config[kind] and config[kind][of] != own:
                        found = f"{kind}.{of} changes what the pages show"
                        yield Finding(
                            "IPython", found, f"take c.{kind}.{of} out of {folder / name}"
                        )


PROBES = (
    "packages", "notebooks", "beside_notebooks", "ipython_settings", "home", "processor", "cuda",
    "widget_manager", "progress_file",
)  # fmt: skip


def findings():
    """Return every line of the report, whatever is missing."""
    report = [python()]
    for probe in PROBES:
        try:
            with warnings.catch_warnings():  # Jupyter's own: what has to be fixed has its line
                warnings.simplefilter("ignore")
                found = globals()[probe]()
                report += [found] if isinstance(found, Finding) else list(found)
        except (ImportError, importlib.metadata.PackageNotFoundError) as error:
            report.append(Finding(probe, f"not known: {error}", install_book()))
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
