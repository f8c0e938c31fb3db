"""Takes from this process, for good, what a submitted notebook must not do.

On Linux the kernel holds it, without any privileges: seccomp refuses signals to other processes,
new processes, other programs, sockets, looking into other processes, memory and messages shared
with them, and does nothing where modes, owners or times of files are to be changed; Landlock (5.13
or newer) hides every file but the Python installation's, and lets one folder be written; root's
capabilities are given up. Where a process may make namespaces of its own, that folder is a small
file system in memory, which no write can overfill, and its threads are counted apart. Elsewhere
only the resource limits are left, and `confine` says so by what it returns.

Source: seccomp(2), landlock(7), user_namespaces(7), tmpfs(5), and the system-call tables of the
Linux sources.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path

MEBIBYTE = 2**20
FILE_SIZE = 16 * MEBIBYTE
OPEN_FILES = 128
DISK, FILES, THREADS = 256 * MEBIBYTE, 5000, 100  # of one notebook
TIMERS = 256  # an account has one number of them for all its processes
ACCOUNTS = 2**30  # and more are nobody's
EXPECTED_CODE = 4 * 2**30  # address space of libraries, which is not memory in use

# names, with numbers on x86_64 and aarch64 (None: there is no such call)
REFUSED = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "process_madvise": (440, 440), "fork": (57, None),
    "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "socket": (41, 198),
    "socketpair": (53, 199), "setsid": (112, 157), "setpgid": (109, 154), "setpriority": (141, 140),
    "ioprio_set": (251, 30), "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "io_uring_setup": (425, 425), "bpf": (321, 280), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39), "chroot": (161, 51), "reboot": (169, 142),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219),
    "add_key": (248, 217), "init_module": (175, 105), "finit_module": (313, 273),
    "kexec_load": (246, 104), "swapon": (167, 224), "swapoff": (168, 225), "ioperm": (173, None),
    "iopl": (172, None), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "sethostname": (170, 161), "syslog": (103, 116), "quotactl": (179, 60),
    "mknod": (133, None), "mknodat": (259, 33),
    # memory and messages that outlive the process, and memory that its limits do not count
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190),
    "semctl": (66, 191), "semop": (65, 193), "semtimedop": (220, 192), "msgget": (68, 186),
    "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187), "mq_open": (240, 180),
    "mq_unlink": (241, 181), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274),
    # who else opens or reads a file, and files cut short by name, which Landlock 1 and 2 let pass
    "inotify_init": (253, None), "inotify_init1": (294, 26), "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "truncate": (76, 45),
    "kcmp": (312, 272), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "io_setup": (206, 0),  # of which the whole system has a number
    # back to an account whose threads are not counted
    "setuid": (105, 146), "setreuid": (113, 145), "setresuid": (117, 147), "setfsuid": (122, 151),
}  # fmt: skip
# Modes, owners, times and attributes of files, which Landlock does not know, and locks: these do
# nothing and say that all went well, so that `shutil.copy` works as ever. Nor is the whole disk
# waited for.
IGNORED = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469), "flock": (73, 32),
    "sync": (162, 81), "syncfs": (306, 267),
}  # fmt: skip
CLONE, CLONE3, PRLIMIT, FCNTL = (56, 220), (435, 435), (302, 261), (72, 25)
MMAP, CAPSET, IOCTL, PRCTL = (9, 222), (126, 91), (16, 29), (157, 167)
OPEN, OPENAT = (2, None), (257, 56)
CLONE_THREAD = 0x10000
# Of calls with many uses those that stay. Others let the kernel send a signal to any process, hold
# up whoever opens a file, leave a word in a file's locks and hints, change its attributes, or
# fill the kernel's memory with pipes.
FCNTLS = (0, 1, 2, 3, 4, 1030, 1032)  # copies of a descriptor, its flags, the size of a pipe
LOCKS = (6, 7, 37, 38)  # all go well, and lock nothing
IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, how much is there
PRCTLS = {"PR_SET_PDEATHSIG": 1, "PR_SET_DUMPABLE": 4}  # outlives the judge, hides from it
ACCESS, CUT = 0o3, 0o1000  # flags of open: how, and without what was in the file
# From here on all calls have one number everywhere; of those that came later these stay.
LATER, STAY = 424, (436, 439, 441, 449, 453, 462)  # close_range, faccessat2, mseal …
SHARED_ANONYMOUS = 0x21  # memory that counts as nobody's
NEW_MOUNTS, NEW_USER = 0x20000, 0x10000000  # namespaces
PRIVATE, NO_SETUID, NO_DEVICES = 0x44000, 2, 4  # ways to mount
CAPABILITIES = 0x20080522  # version of the form in which they are given up
SEES_ALL = 19  # number of CAP_SYS_PTRACE
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000


def confine(readable, hidden, writable, seconds, gigabytes):
    """Limit this process for the rest of its life; returns what the system holds, in words.

    `readable` folders may be read, without what lies in `hidden`; `writable` is one folder.
    Raises: OSError, where a process of root's cannot give up its rights.
    """
    data = int(gigabytes * 2**30)
    for name, limit in (
        ("RLIMIT_DATA", data),
        ("RLIMIT_AS", data + EXPECTED_CODE),
        ("RLIMIT_CPU", int(seconds) + 1),
        ("RLIMIT_FSIZE", FILE_SIZE),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_SIGPENDING", TIMERS),
    ):
        _lower(name, limit)
    held = ["time", "memory"]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        held += _apart(libc, writable)
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: ends with the judge
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS, which both of these demand
        _drop_rights(libc)
        if _landlock(libc, readable, hidden, writable):
            held.append("files")
        if _seccomp(libc):
            held += ["processes", "network"]
    if "processes" not in held:
        _lower("RLIMIT_NPROC", 0)
    return held


def _lower(name, limit):
    kind = getattr(resource, name, None)
    if kind is None:
        return
    hard = resource.getrlimit(kind)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    try:
        resource.setrlimit(kind, (limit, limit))
    except (ValueError, OSError):  # macOS refuses some of them
        pass


def _apart(libc, folder):
    """Namespaces of its own for this process; what the kernel limits by them, in words.

    Linux counts threads by real account and user namespace, and root's not at all: a process of
    root's gets an account of its own to be counted by, and stays root where files are concerned.
    """
    user, group = os.geteuid(), os.getegid()
    if user == 0 and _may_look(os.getppid()):
        libc.setresuid(ACCOUNTS + os.getpid(), -1, -1)
    counted = os.getuid() != 0
    kept = {}
    for entry in os.scandir(folder):
        if entry.is_file(follow_symlinks=False):
            kept[entry.path] = Path(entry.path).read_bytes()
    apart = libc.unshare(NEW_USER | NEW_MOUNTS) == 0  # refused in most containers
    held = ["threads"] if counted and (apart or not user) else []
    if held:
        _lower("RLIMIT_NPROC", THREADS)
    if not apart:
        return held
    try:
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError:
        return held  # a process of nobody's owns no file on a disk of its own
    libc.mount(None, b"/", None, ctypes.c_ulong(PRIVATE), None)
    options = f"size={DISK},nr_inodes={FILES},mode=0777".encode()
    flags = ctypes.c_ulong(NO_SETUID | NO_DEVICES)
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options) == 0:
        os.chdir(folder)  # the new one
        for path, raw in kept.items():
            Path(path).write_bytes(raw)
        held.append("disk")
    return held


def _may_look(process):
    """Whether what a process has open may be seen with another real account, as the judge must."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("CapEff:")[2].split()[0], 16) >> SEES_ALL & 1


def _drop_rights(libc):
    """Give up all capabilities: root is then an account as any other. Raises: OSError."""
    if platform.machine() not in ARCHITECTURES:
        return
    call = CAPSET[ARCHITECTURES[platform.machine()][0]]
    header, none = struct.pack("Ii", CAPABILITIES, 0), bytes(24)
    if libc.syscall(call, ctypes.c_char_p(header), ctypes.c_char_p(none)) and os.geteuid() == 0:
        raise OSError("root's rights cannot be given up on this system")


# ---- which calls


def _seccomp(libc):
    """Whether the filter of system calls is in force."""
    if platform.machine() not in ARCHITECTURES:
        return False
    code = program(*ARCHITECTURES[platform.machine()])
    text = ctypes.create_string_buffer(code, len(code))
    pointer = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(text))
    return libc.prctl(22, 2, ctypes.c_char_p(pointer), 0, 0) == 0


def program(column, architecture):
    """The filter as classic BPF: load a word, compare, jump; every comparison ends in a return."""
    load, equal, greater, bits, answer, both = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
    lines = []

    def put(code, k, yes=0, no=0):
        lines.append(struct.pack("HBBI", code, yes, no, k))

    refuse = REFUSE | errno.EPERM
    put(load, 4)
    put(equal, architecture, 1, 0)
    put(answer, KILL)
    put(load, 0)
    if column == 0:  # the x32 calls of x86_64
        put(greater, 0x40000000, 0, 1)
        put(answer, refuse)
    for calls, answered in ((REFUSED, refuse), (IGNORED, REFUSE)):
        for numbers in calls.values():
            if numbers[column] is not None:
                put(equal, numbers[column], 0, 1)
                put(answer, answered)
    put(equal, CLONE3[column], 0, 1)
    put(answer, REFUSE | errno.ENOSYS)  # its flags lie in memory; glibc then falls back to clone
    put(greater, LATER, 0, len(STAY) + 2)
    for i, number in enumerate(STAY):
        put(equal, number, len(STAY) - i, 0)
    put(answer, REFUSE | errno.ENOSYS)
    put(answer, ALLOW)
    put(equal, CLONE[column], 0, 4)
    put(load, 16)
    put(bits, CLONE_THREAD, 1, 0)
    put(answer, refuse)
    put(answer, ALLOW)
    put(equal, PRLIMIT[column], 0, 4)
    put(load, 16)
    put(equal, 0, 1, 0)  # limits of this process only
    put(answer, refuse)
    put(answer, ALLOW)
    for call, argument, stays, refused in (
        (FCNTL, 24, FCNTLS, errno.EPERM),
        (IOCTL, 24, IOCTLS, errno.ENOTTY),
    ):
        locks = LOCKS if call is FCNTL else ()
        put(equal, call[column], 0, 1 + 2 * len(stays) + 2 * len(locks) + 1)
        put(load, argument)
        for numbers, answered in ((stays, ALLOW), (locks, REFUSE)):
            for number in numbers:
                put(equal, number, 0, 1)
                put(answer, answered)
        put(answer, REFUSE | refused)
    put(equal, PRCTL[column], 0, 2 + 2 * len(PRCTLS))
    put(load, 16)
    for number in PRCTLS.values():
        put(equal, number, 0, 1)
        put(answer, refuse)
    put(answer, ALLOW)
    for call, argument in ((OPEN, 24), (OPENAT, 32)):
        if call[column] is not None:
            put(equal, call[column], 0, 5)
            put(load, argument)  # its flags
            put(both, ACCESS | CUT)
            put(equal, CUT, 0, 1)  # to read it, and to empty it: Landlock 1 and 2 see the first
            put(answer, refuse)
            put(answer, ALLOW)
    put(equal, MMAP[column], 0, 5)
    put(load, 40)  # its flags
    put(both, SHARED_ANONYMOUS)
    put(equal, SHARED_ANONYMOUS, 0, 1)
    put(answer, refuse)
    put(answer, ALLOW)
    put(answer, ALLOW)
    return b"".join(lines)


# ---- which files

READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
EVERYTHING = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # rights that each version of Landlock knows
SYSTEM = (
    "/lib", "/lib64", "/nix/store", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/fonts",
    "/usr/share/zoneinfo", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/proc/self",
    "/sys/devices/system/cpu", "/dev/null", "/dev/urandom", "/dev/random",
)  # fmt: skip


def _landlock(libc, readable, hidden, writable):
    """Whether the rules about files are in force."""
    version = libc.syscall(444, None, 0, 1)
    if version < 1:
        return False
    rights = (1 << EVERYTHING.get(version, 16)) - 1
    signals = 3 if version >= 6 else 0
    attributes = struct.pack("QQQ", rights, 3 if version >= 4 else 0, signals)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(444, ctypes.c_char_p(attributes), size, 0)
    if ruleset < 0:
        return False
    rules = [(writable, rights & ~1)]  # all but executing
    rules += [("/dev/null", READ_FILE | 1 << 1)]
    hidden = {os.path.realpath(path) for path in hidden}
    for folder in map(Path, [*SYSTEM, *readable]):
        rules += _beneath(folder, hidden)
    for path, allowed in rules:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        if not os.path.isdir(path):
            allowed &= READ_FILE | 1 << 1
        rule = struct.pack("=Qi", allowed & rights, place)
        libc.syscall(445, ruleset, 1, ctypes.c_char_p(rule), 0)
        os.close(place)
    done = libc.syscall(446, ruleset, 0) == 0
    os.close(ruleset)
    return done


def _beneath(folder, hidden):
    """Rules that let `folder` be read but for what is hidden; names may be listed everywhere."""
    folder = folder.resolve() if str(folder) != "/proc/self" else folder
    if str(folder) in hidden:
        return
    hidden = {path for path in hidden if path.startswith(f"{folder}/")}
    if not hidden:
        yield folder, READ_FILE | READ_FOLDER
        return
    yield folder, READ_FOLDER
    for inner in sorted(folder.iterdir()):
        if not inner.is_symlink():  # what it leads to may be hidden, or has a rule of its own
            yield from _beneath(inner, hidden)
