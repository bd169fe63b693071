"""Who is using this machine, as the audit log names them."""

import os


def account_name() -> str:
    """The account that the system knows; the environment, which anybody can set, only where there is none."""
    if os.name == "posix":
        import pwd

        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return str(os.getuid())
    import getpass

    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""
