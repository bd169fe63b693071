"""What a file has beside its text: mode, owner, attributes and access list, given to the file that takes its place."""

import os
import stat
import sys

_ACL = "system.posix_acl_access"


def takes_after(new: int, old: int) -> bool:
    """Give the new file the mode, owner and attributes of the old one; False where that cannot be done.

    Both are handles of open files.
    """
    if sys.platform == "win32":
        return True
    info, mine = os.fstat(old), os.fstat(new)
    try:
        if (info.st_uid, info.st_gid) != (mine.st_uid, mine.st_gid):
            os.fchown(new, info.st_uid, info.st_gid)
        os.fchmod(new, stat.S_IMODE(info.st_mode))
    except OSError:
        return False
    return _copy_attributes(new, old)


def _copy_attributes(new: int, old: int) -> bool:
    """False where the access list, which the mode does not say, would be lost. Others are copied where they can be."""
    if sys.platform != "linux":
        return True
    try:
        names = os.listxattr(old)
    except OSError:
        return True
    for name in names:
        try:
            os.setxattr(new, name, os.getxattr(old, name))
        except OSError:
            if name == _ACL:
                return False
    return True
