"""What a record says of the machine that made it."""

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bookutils.bench.record import installed_version


def machine():
    """Processor and its cores, memory in bytes, system, load now."""
    return {
        "processor": processor(),
        "cores": psutil.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": load(),
    }


def load():
    """How many processes wanted a core, in the mean of the last minute."""
    return round(psutil.getloadavg()[0], 2)


def end(run, whole, seconds):
    """Note in the facts of a run that it is over: all of it or not, its seconds, the load now.

    The load before says what the machine did until then, the one after how busy the run found it.
    """
    run["finished"], run["seconds"] = whole, round(seconds)
    run["machine"]["load after"] = load()


def processor(cpuinfo="/proc/cpuinfo"):
    """The name of the processor, as its maker writes it where the system says so."""
    path = Path(cpuinfo)
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        return told_by("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def told_by(*command):
    """What a program of the system prints, in one line; "" where there is no such program."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return next(iter(run.stdout.splitlines()), "").strip()


def run_facts(command, packages, missing, clock, threads=1, device=None):
    """A run as a record keeps it; `packages` are those whose versions it names."""
    versions = {"Python": platform.python_version()}
    versions |= {name: v for name in packages if (v := installed_version(name))}
    facts = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "finished": False,
        "clock": clock,
        "threads": threads,
        "machine": machine(),
        "versions": versions,
        "missing": missing,
    }
    here = str(Path(__file__).parent)
    commit = told_by("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=12")
    return {
        **facts,
        **({"commit": commit} if commit else {}),
        **({"device": device} if device else {}),
    }
